package import CanonicalBytes
package import Consensus
package import IBTP
package import Ledger

/// A method of contract `interchain`.
package protocol InterchainArguments: MethodArguments {}

extension InterchainArguments {
    package static var contract: String { "interchain" }
    package static var channels: [Channel] { [.access] }
}

/// Shows a header of the relay chain, and the committee that it names: `LP(header) || LP(certificate) || LP(committee
/// or nothing)`.
package struct FollowRelay: InterchainArguments {
    package static let method = "follow"

    package let step: ClientStep

    package init(step: ClientStep) { self.step = step }

    package func write(to writer: inout CanonicalWriter) { self.step.write(to: &writer) }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.step = try ClientStep(from: &reader)
    }
}

/// A certified header, and the next committee when the header ends an epoch.
package struct ClientStep: Hashable, Sendable {
    package let header: BlockHeader
    package let certificate: QuorumCertificate
    package let next: Committee?

    package init(header: BlockHeader, certificate: QuorumCertificate, next: Committee?) {
        self.header = header
        self.certificate = certificate
        self.next = next
    }

    func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.header.bytes)
        writer.lengthPrefixed(self.certificate.bytes)
        writer.lengthPrefixed(self.next?.bytes ?? [])
    }

    init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.header = try BlockHeader(bytes: try reader.lengthPrefixed())
        self.certificate = try QuorumCertificate(bytes: try reader.lengthPrefixed())
        let committee = try reader.lengthPrefixed()
        self.next = committee.isEmpty ? nil : try Committee(bytes: committee)
    }
}

/// Brings a list of verification nodes: `1 || LP(list) || u64 first height || LP(certificate)` or `2 || LP(value proof)`.
package struct BringNodeList: InterchainArguments {
    package static let method = "list"

    package enum Source: Hashable, Sendable {
        /// 1: the list before it certifies it.
        case succession(ListSuccession)
        /// 2: the relay chain's state has it; for chains of which none is known.
        case registry(ValueProof)
    }

    package let source: Source

    package init(source: Source) { self.source = source }

    package func write(to writer: inout CanonicalWriter) {
        switch self.source {
        case .succession(let succession):
            writer.u8(1)
            succession.write(to: &writer)
        case .registry(let proof):
            writer.u8(2)
            writer.lengthPrefixed(proof.bytes)
        }
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        switch try reader.u8() {
        case 1: self.source = .succession(try ListSuccession(from: &reader))
        case 2: self.source = .registry(try ValueProof(bytes: try reader.lengthPrefixed()))
        case let kind: throw ProtocolFailure(.format, "a list of source \(kind)")
        }
    }

    package static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.bytes) }
}

/// Asks services of other chains: `LP(service) || u64 timeout blocks || u8 n × (LP(to) || LP(payload) || LP(extra))`.
///
/// Several are one group, which succeeds everywhere or nowhere.
package struct CallService: InterchainArguments {
    package static let method = "call"
    /// Services that one call may ask.
    package static let targetsMax = 12

    package struct Target: Hashable, Sendable {
        /// Full name of the asked service.
        package let to: String
        /// ``InterchainPayload``.
        package let payload: [UInt8]
        /// ``RelayExtension``.
        package let extra: [UInt8]

        package init(to: String, payload: [UInt8], extra: [UInt8]) {
            self.to = to
            self.payload = payload
            self.extra = extra
        }
    }

    /// Of this chain.
    package let service: String
    /// Of the relay chain; 0: never.
    package let timeoutBlocks: UInt64
    /// Ascending by name.
    package let targets: [Target]

    package init(service: String, timeoutBlocks: UInt64, targets: [Target]) {
        self.service = service
        self.timeoutBlocks = timeoutBlocks
        self.targets = targets
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.service)
        writer.u64(self.timeoutBlocks)
        writer.u8(UInt8(truncatingIfNeeded: self.targets.count))
        for target in self.targets {
            writer.lengthPrefixed(target.to)
            writer.lengthPrefixed(target.payload)
            writer.lengthPrefixed(target.extra)
        }
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.service = try reader.text()
        self.timeoutBlocks = try reader.u64()
        let count = Int(try reader.u8())
        try require((1...Self.targetsMax).contains(count), .format, "1 to \(Self.targetsMax) services")
        try require(self.timeoutBlocks <= UInt64(Int64.max), .format, "too many blocks")
        var targets: [Target] = []
        for _ in 0..<count {
            let target = Target(
                to: try reader.text(),
                payload: try reader.lengthPrefixed(),
                extra: try reader.lengthPrefixed()
            )
            if let last = targets.last {
                let isAscending = last.to.utf8.lexicographicallyPrecedes(target.to.utf8)
                try require(isAscending, .format, "services that do not ascend")
            }
            targets.append(target)
        }
        self.targets = targets
    }
}

/// A message of the relay chain with what vouches for it.
package struct RelayedMessage: Hashable, Sendable {
    /// With the proof's hash; nil when the leaf has none.
    package let message: InterchainMessage?
    /// ``ProofBundle``, as it was hashed.
    package let bundle: [UInt8]

    package init(message: InterchainMessage?, bundle: [UInt8]) {
        self.message = message
        self.bundle = bundle
    }

    func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.message?.bytes ?? [])
        writer.lengthPrefixed(self.bundle)
    }

    init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        let message = try reader.lengthPrefixed()
        self.message = message.isEmpty ? nil : try InterchainMessage(bytes: message, .canonical)
        self.bundle = try reader.lengthPrefixed()
    }
}

/// Brings what the relay chain tells a destination: `LP(message or nothing) || LP(bundle) || LP(carrier or nothing)`.
package struct DeliverMessage: InterchainArguments {
    package static let method = "deliver"

    package let relayed: RelayedMessage
    /// The relay chain's account of whoever brings it; empty: nobody is to be paid.
    package let carrier: [UInt8]

    package init(relayed: RelayedMessage, carrier: [UInt8] = []) {
        self.relayed = relayed
        self.carrier = carrier
    }

    package func write(to writer: inout CanonicalWriter) {
        self.relayed.write(to: &writer)
        writer.lengthPrefixed(self.carrier)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.relayed = try RelayedMessage(from: &reader)
        self.carrier = try reader.lengthPrefixed()
        try require(self.carrier.count <= RelayExtension.carrierBytesMax, .format, "no account")
    }
}

/// Says how a share request ended here: `LP(id) || request(32)`.
package struct FinishCall: InterchainArguments {
    package static let method = "finish"

    package let id: MessageID
    /// The identifier of the request in contract `access`.
    package let request: [UInt8]

    package init(id: MessageID, request: [UInt8]) {
        self.id = id
        self.request = request
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.id.description)
        writer.raw(self.request)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.id = try MessageID(try reader.text())
        self.request = try reader.hash()
    }
}

/// Brings what the relay chain tells a source: `LP(message or nothing) || LP(bundle)`.
package struct CloseCall: InterchainArguments {
    package static let method = "close"

    package let relayed: RelayedMessage

    package init(relayed: RelayedMessage) { self.relayed = relayed }

    package func write(to writer: inout CanonicalWriter) { self.relayed.write(to: &writer) }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.relayed = try RelayedMessage(from: &reader)
    }
}

/// Tells the asking chain of a delivery: `LP(id) || LP(transaction proof)` of this chain's `sharing.delivery`.
package struct TellDelivery: InterchainArguments {
    package static let method = "tell"

    /// The exchange that the permission was given in.
    package let id: MessageID
    package let proof: TransactionProof

    package init(id: MessageID, proof: TransactionProof) {
        self.id = id
        self.proof = proof
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.id.description)
        writer.lengthPrefixed(self.proof.bytes)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.id = try MessageID(try reader.text())
        self.proof = try TransactionProof(bytes: try reader.lengthPrefixed())
    }
}

/// Shows the access channel where the index channel's committee changed: `LP(header) || LP(certificate) ||
/// LP(committee)`.
package struct FollowIndex: InterchainArguments {
    package static let method = "follow-index"

    package let header: BlockHeader
    package let certificate: QuorumCertificate
    package let next: Committee

    package init(header: BlockHeader, certificate: QuorumCertificate, next: Committee) {
        self.header = header
        self.certificate = certificate
        self.next = next
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.header.bytes)
        writer.lengthPrefixed(self.certificate.bytes)
        writer.lengthPrefixed(self.next.bytes)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.header = try BlockHeader(bytes: try reader.lengthPrefixed())
        self.certificate = try QuorumCertificate(bytes: try reader.lengthPrefixed())
        self.next = try Committee(bytes: try reader.lengthPrefixed())
    }
}

/// Says an open request or the newest answer again, in a newer block: `LP(message)`, without proof.
package struct RepeatMessage: InterchainArguments {
    package static let method = "repeat"

    package let message: InterchainMessage

    package init(message: InterchainMessage) { self.message = message }

    package func write(to writer: inout CanonicalWriter) { writer.lengthPrefixed(self.message.bytes) }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.message = try InterchainMessage(bytes: try reader.lengthPrefixed(), .canonical)
    }
}
