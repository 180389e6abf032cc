package import CanonicalBytes
package import IBTP
package import Ledger
package import PathProofs

/// A method of contract `relay`.
package protocol RelayArguments: MethodArguments {}

extension RelayArguments {
    package static var contract: String { "relay" }
    package static var channels: [Channel] { [.access] }
}

/// Shows a header of a registered chain, and the committee that it names: `LP(chain) || LP(header) || LP(certificate) ||
/// LP(committee or nothing)`.
package struct FollowChain: RelayArguments {
    package static let method = "follow"

    package let chain: String
    package let step: ClientStep

    package init(chain: String, step: ClientStep) {
        self.chain = chain
        self.step = step
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.chain)
        self.step.write(to: &writer)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.chain = try reader.text()
        self.step = try ClientStep(from: &reader)
    }
}

/// Brings the next list of verification nodes of a chain, or of the relay chain itself: `LP(chain) || LP(list) ||
/// u64 first height || LP(certificate)`.
package struct FollowNodeList: RelayArguments {
    package static let method = "list"

    package let chain: String
    package let succession: ListSuccession

    package init(chain: String, succession: ListSuccession) {
        self.chain = chain
        self.succession = succession
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.chain)
        self.succession.write(to: &writer)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.chain = try reader.text()
        self.succession = try ListSuccession(from: &reader)
    }
}

/// Registers a service, or changes it: `LP(chain) || LP(service) || u8 ordered || u8 frozen || u16 n × LP(allowed)`.
package struct RegisterService: RelayArguments {
    package static let method = "service"

    package let chain: String
    package let service: String
    package let isOrdered: Bool
    package let isFrozen: Bool
    /// ``RegisteredService/allowed``.
    package let allowed: [String]

    package init(chain: String, service: String, isOrdered: Bool, isFrozen: Bool = false, allowed: [String] = []) {
        self.chain = chain
        self.service = service
        self.isOrdered = isOrdered
        self.isFrozen = isFrozen
        self.allowed = allowed
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.chain)
        writer.lengthPrefixed(self.service)
        writer.flag(self.isOrdered)
        writer.flag(self.isFrozen)
        writer.u16(UInt16(truncatingIfNeeded: self.allowed.count))
        for name in self.allowed { writer.lengthPrefixed(name) }
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.chain = try reader.text()
        self.service = try reader.text()
        _ = try ServiceID(hub: "", chain: self.chain, service: self.service)
        self.isOrdered = try reader.flag()
        self.isFrozen = try reader.flag()
        self.allowed = try reader.allowedSources()
    }
}

/// Brings a request or an answer: `LP(message) || LP(bundle)`.
package struct RelayMessage: RelayArguments {
    package static let method = "deliver"

    /// With the proof's hash.
    package let message: InterchainMessage
    /// ``ProofBundle``, as it was hashed.
    package let bundle: [UInt8]

    package init(message: InterchainMessage, bundle: [UInt8]) {
        self.message = message
        self.bundle = bundle
    }

    /// The message with the hash of what vouches for it.
    package init(_ message: InterchainMessage, by bundle: ProofBundle) {
        var message = message
        message.proof = bundle.digest
        self.init(message: message, bundle: bundle.bytes)
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.message.bytes)
        writer.lengthPrefixed(self.bundle)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.message = try InterchainMessage(bytes: try reader.lengthPrefixed(), .canonical)
        self.bundle = try reader.lengthPrefixed()
    }
}

/// Undoes what is due: `u16 steps`, 1 to ``stepsMax``.
package struct ExpireExchanges: RelayArguments {
    package static let method = "expire"
    package static let stepsMax = 512

    /// Blocks without deadlines and exchanges, at most.
    package let steps: Int

    package init(steps: Int) { self.steps = steps }

    package func write(to writer: inout CanonicalWriter) { writer.u16(UInt16(truncatingIfNeeded: self.steps)) }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.steps = Int(try reader.u16())
        try require((1...Self.stepsMax).contains(self.steps), .format, "1 to \(Self.stepsMax) steps")
    }
}

/// Says again, in a newer block, what a chain was told last: `LP(leaf)`.
package struct RepeatNotice: RelayArguments {
    package static let method = "repeat"

    package let notice: ExchangeNotice

    package init(notice: ExchangeNotice) { self.notice = notice }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(OutboundLeaf.notice(self.notice).bytes)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        guard case .notice(let notice) = try OutboundLeaf(bytes: try reader.lengthPrefixed()) else {
            throw ProtocolFailure(.format, "not what a relay chain says")
        }
        self.notice = notice
    }
}

/// A frozen chain's operator speaks against it: `LP(chain) || statement(32)`.
package struct AppealFreeze: RelayArguments {
    package static let method = "appeal"

    package let chain: String
    /// Digest of the text.
    package let statement: [UInt8]

    package init(chain: String, statement: [UInt8]) {
        self.chain = chain
        self.statement = statement
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.chain)
        writer.raw(self.statement)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.chain = try reader.text()
        self.statement = try reader.hash()
        try require(self.statement != RegisteredChain.noAppeal, .format, "no statement")
    }
}

/// Takes a lane, keeps it or gives it back: `LP(lane) || u32 seconds`.
package struct TakeLease: RelayArguments {
    package static let method = "lease"
    package static let secondsMax: UInt32 = 3_600

    /// A word of 1 to 64 characters, for example a chain's name.
    package let lane: String
    /// From the block's time; 0 gives it back.
    package let seconds: UInt32

    package init(lane: String, seconds: UInt32) {
        self.lane = lane
        self.seconds = seconds
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.lane)
        writer.u32(self.seconds)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.lane = try reader.word(1...64)
        self.seconds = try reader.u32()
        try require(self.seconds <= Self.secondsMax, .format, "at most \(Self.secondsMax) seconds")
    }
}

/// Two paths of one request of which the same nodes certified a hop, with contents that contradict each other: `LP(path) || LP(path)`.
package struct ReportNodes: RelayArguments {
    package static let method = "evidence"

    package let first: PathProof
    package let second: PathProof

    package init(first: PathProof, second: PathProof) {
        self.first = first
        self.second = second
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.first.bytes)
        writer.lengthPrefixed(self.second.bytes)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.first = try PathProof(bytes: try reader.lengthPrefixed())
        self.second = try PathProof(bytes: try reader.lengthPrefixed())
    }
}

/// Puts credits down for slots: `u64 millionths`.
package struct DepositCredits: RelayArguments {
    package static let method = "deposit"

    package let millionths: UInt64

    package init(millionths: UInt64) { self.millionths = millionths }

    package func write(to writer: inout CanonicalWriter) { writer.u64(self.millionths) }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) { self.millionths = try reader.u64() }
}

/// Gives notice for the whole deposit; no arguments.
package struct UnbondDeposit: RelayArguments {
    package static let method = "unbond"

    package init() {}

    package func write(to writer: inout CanonicalWriter) {}

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {}
}

/// Takes the deposit back; no arguments.
package struct WithdrawDeposit: RelayArguments {
    package static let method = "withdraw"

    package init() {}

    package func write(to writer: inout CanonicalWriter) {}

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {}
}

/// Ends the escrow of a message whose time is over: `LP(id)`.
package struct RefundEscrow: RelayArguments {
    package static let method = "refund"

    package let id: MessageID

    package init(id: MessageID) { self.id = id }

    package func write(to writer: inout CanonicalWriter) { writer.lengthPrefixed(self.id.description) }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.id = try MessageID(try reader.text())
    }
}
