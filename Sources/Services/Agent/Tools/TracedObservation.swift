internal import CanonicalBytes
internal import Foundation
internal import Normalization
internal import Records
internal import Spool

/// An Observation that is still in the spool, with what it says of its origin.
struct TracedObservation {
    /// Its number in the spool.
    let sequence: Int64
    /// SHA-256 of the message's payload, in hexadecimal digits; nil when the Observation does not say.
    let rawMessage: String?
    /// `id@version` of the device profile.
    let profile: String?
    /// The Observation as it lies in the spool.
    let line: [UInt8]

    /// Looks through the spool, oldest first.
    ///
    /// - Returns: nil when it is not there, or no more.
    static func find(id: String, in spool: Spool) throws -> TracedObservation? {
        let mark = Data("\"id\":\"\(id)\"".utf8)
        var sequence: Int64 = 0
        while let chunk = try spool.observations(after: sequence).first {
            if let place = Data(chunk.lines).range(of: mark)?.lowerBound {
                let before = chunk.lines[..<place]
                let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
                let line = chunk.lines[start...].prefix { $0 != UInt8(ascii: "\n") }
                let number = chunk.firstSequence + Int64(before.count { $0 == UInt8(ascii: "\n") })
                return Self(line, sequence: number)
            }
            sequence = chunk.lastSequence
        }
        return nil
    }

    private struct Document: Decodable {
        struct Extension: Decodable {
            let url: String
            let valueString: String?
            let `extension`: [Extension]?
        }

        let `extension`: [Extension]?
    }

    private init(_ line: ArraySlice<UInt8>, sequence: Int64) {
        self.sequence = sequence
        self.line = Array(line)
        let document = try? JSONDecoder().decode(Document.self, from: Data(line))
        let provenance = document?.extension?.first { $0.url == FHIRNames.provenance }?.extension
        self.rawMessage = provenance?.first { $0.url == "rawMessage" }?.valueString
        self.profile = provenance?.first { $0.url == "profile" }?.valueString
    }

    /// The steps from the device to the Observation.
    static func steps(of found: TracedObservation?, inboxes: [Inbox]) throws -> [TraceReport.Step] {
        guard let found else {
            return [.init("observation", .missing, "the Observation is not in the spool, or no more: trace its H1")]
        }
        return [
            try self.rawStep(found, inboxes),
            found.profile.map { .init("profile", .noted, "read by the device profile \($0)", ["profile": $0]) }
                ?? .init("profile", .missing, "the Observation names no device profile"),
            .init(
                "observation",
                .verified,
                "it is number \(found.sequence) of the spool",
                ["sequence": "\(found.sequence)"]
            ),
        ]
    }

    private static func rawStep(_ found: TracedObservation, _ inboxes: [Inbox]) throws -> TraceReport.Step {
        let name = "raw-message"
        guard let hash = found.rawMessage, let digest = [UInt8](hex: hash).flatMap({ Digest(bytes: $0) }) else {
            return .init(name, .missing, "the Observation names no raw message")
        }
        var holding: Int64?
        for inbox in inboxes where holding == nil { holding = try self.batch(holding: digest, in: inbox) }
        guard let batch = holding else {
            let text = "the Observation names its hash; the bytes are in the envelope and no longer in the inbox"
            return .init(name, .noted, text, ["sha256": hash])
        }
        let text = "batch \(batch) of the inbox holds a payload with the hash that the Observation names"
        return .init(name, .verified, text, ["sha256": hash, "batch": "\(batch)"])
    }

    private static func batch(holding digest: Digest, in inbox: Inbox) throws -> Int64? {
        var last: Int64 = 0
        while let batch = try inbox.nextBatch(after: last) {
            last = batch.id
            var offset = 0
            while let (message, next) = batch.burst.message(at: offset) {
                offset = next
                if Digest.sha256(of: Array(batch.burst.bytes[message.payload])) == digest { return batch.id }
            }
        }
        return nil
    }
}
