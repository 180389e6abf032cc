internal import CanonicalBytes
package import Consensus
package import Ledger

/// Talks to one validator's interface; what it returns is not verified.
package struct ValidatorClient: Sendable {
    /// Largest answer to a request for several blocks, bytes.
    private static let blocksBytesMax = 64 << 20

    package let base: ServiceURL
    private let client: SecureClient

    package init(base: ServiceURL, client: SecureClient) {
        self.base = base
        self.client = client
    }

    /// The genesis that the validator keeps to.
    package func genesis() async throws(UplinkFailure) -> [UInt8] {
        try await self.client.send(.get, self.base.appending("/v1/genesis"), bytesMax: 1 << 20)
    }

    /// Hands in a transaction and waits for its block.
    ///
    /// - Parameters:
    ///   - transaction: signed.
    ///   - waitMilliseconds: how long the validator may wait for the block, at most 30,000.
    /// - Returns: the proof, or nil when the block did not come in time: the outcome is open.
    /// - Throws: ``UplinkFailure``; `refused` with a stable code for what can never get into a block.
    package func submit(
        _ transaction: Transaction,
        waitMilliseconds: Int
    ) async throws(UplinkFailure) -> [UInt8]? {
        let answer = try await self.client.send(
            .post,
            self.base.appending("/v1/transactions?wait=\(waitMilliseconds)"),
            body: transaction.bytes,
            bytesMax: 4 << 20
        )
        return answer.isEmpty ? nil : answer
    }

    /// The proof of a committed transaction; nil while it waits or when the validator has never heard of it.
    package func proof(of id: [UInt8], on channel: Channel) async throws(UplinkFailure) -> [UInt8]? {
        do {
            let path = "/v1/channels/\(channel.name)/transactions/\(id.hex)"
            let answer = try await self.client.send(.get, self.base.appending(path), bytesMax: 4 << 20)
            return answer.isEmpty ? nil : answer
        } catch .refused(404, "unknown-transaction", _, _) { return nil }
    }

    /// A key's value after the last block, or its absence, with the proof.
    package func value(of key: [UInt8], on channel: Channel) async throws(UplinkFailure) -> [UInt8] {
        let path = "/v1/channels/\(channel.name)/state/\(key.hex)"
        return try await self.client.send(.get, self.base.appending(path), bytesMax: 4 << 20)
    }

    /// Certified blocks from a height upwards, as many as fit one answer: empty at the tip.
    package func blocks(from height: Height, on channel: Channel) async throws(UplinkFailure) -> [CertifiedBytes] {
        let path = "/v1/channels/\(channel.name)/blocks?from=\(height)"
        let answer = try await self.client.send(.get, self.base.appending(path), bytesMax: Self.blocksBytesMax)
        return try Self.list(answer, of: "block") { (reader) throws(ProtocolFailure) in
            CertifiedBytes(payload: try reader.lengthPrefixed(), certificate: try reader.lengthPrefixed())
        }
    }

    /// What happened to a subject, as much as fits one answer.
    ///
    /// - Parameters:
    ///   - subject: 32 bytes.
    ///   - place: only what comes after it; nil for everything.
    ///   - limit: entries, 1 to ``SubjectEntry/answerMax``; fewer mean that there are no more.
    ///   - channel: of the events.
    /// - Returns: ascending.
    /// - Throws: ``UplinkFailure``.
    package func events(
        of subject: [UInt8],
        after place: SubjectPlace?,
        limit: Int,
        on channel: Channel
    ) async throws(UplinkFailure) -> [SubjectEntry] {
        let after = place.map { "&after=\($0)" } ?? ""
        let path = "/v1/channels/\(channel.name)/subjects/\(subject.hex)?limit=\(limit)\(after)"
        let answer = try await self.client.send(.get, self.base.appending(path), bytesMax: 1 << 20)
        let entries = try Self.list(answer, of: "event") { (reader) throws(ProtocolFailure) in
            try SubjectEntry(from: &reader)
        }
        var last = place
        for entry in entries {
            guard last.map({ $0 < entry.place }) ?? true else { throw .malformed("events that do not ascend") }
            last = entry.place
        }
        guard entries.count <= limit else { throw .malformed("more events than asked for") }
        return entries
    }

    /// The blocks that named a committee of a later epoch than the given one.
    package func handovers(after epoch: CommitteeEpoch, on channel: Channel) async throws(UplinkFailure) -> [Handover] {
        let path = "/v1/channels/\(channel.name)/committees?after=\(epoch)"
        let answer = try await self.client.send(.get, self.base.appending(path), bytesMax: 4 << 20)
        return try Self.list(answer, of: "committee") { (reader) throws(ProtocolFailure) in try Handover(from: &reader)
        }
    }

    /// The validator's own account of itself, JSON.
    package func status() async throws(UplinkFailure) -> [UInt8] {
        try await self.client.send(.get, self.base.appending("/v1/status"), bytesMax: 1 << 20)
    }

    private static func list<Element>(
        _ bytes: [UInt8],
        of what: String,
        _ read: (inout CanonicalReader) throws(ProtocolFailure) -> Element
    ) throws(UplinkFailure) -> [Element] {
        var reader = CanonicalReader(bytes)
        var elements: [Element] = []
        do throws(ProtocolFailure) {
            while reader.remaining > 0 { elements.append(try read(&reader)) }
        } catch { throw .malformed("the validator's answer is no list of \(what)s: \(error)") }
        return elements
    }
}

/// A block and its certificate as they travel.
package struct CertifiedBytes: Sendable, Hashable {
    package let payload: [UInt8]
    package let certificate: [UInt8]

    package init(payload: [UInt8], certificate: [UInt8]) {
        self.payload = payload
        self.certificate = certificate
    }

    /// `LP(payload) || LP(certificate)`.
    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: self.payload.count + self.certificate.count + 8)
        writer.lengthPrefixed(self.payload)
        writer.lengthPrefixed(self.certificate)
        return writer.bytes
    }
}
