package import CanonicalBytes
internal import Consensus
internal import Credentials
package import Ledger

/// Every change of a channel's committee so far.
///
/// With the genesis, enough to judge any certificate, also when the blocks are pruned. `"WLHO" || u32 n × handover`, ascending by height.
package struct HandoverFile {
    static let countMax: UInt32 = 65_536
    private let path: String
    private(set) var handovers: [Handover] = []

    /// Reads the file, if there is one.
    ///
    /// - Parameters:
    ///   - path: of the file.
    ///   - tip: later changes belong to blocks that are executed again; they are left out.
    /// - Throws: `FORMAT`, or `CONTEXT` for a file that cannot be read.
    init(path: String, upTo tip: Height) throws(ProtocolFailure) {
        self.path = path
        guard PrivateFile.exists(path) else { return }
        do throws(CredentialsError) {
            let bytes = try PrivateFile.read(path, upTo: 256 << 20)
            self.handovers = try Self.read(bytes).filter { $0.header.height <= tip }
        } catch { throw ProtocolFailure(.context, "\(error)") }
    }

    /// Reads handovers strictly; whether they hold is the committee view's question.
    static func read(_ bytes: [UInt8]) throws(CredentialsError) -> [Handover] {
        do throws(ProtocolFailure) {
            var reader = CanonicalReader(bytes)
            let handovers = try Self.read(from: &reader)
            try reader.finish()
            return handovers
        } catch { throw .malformed("the list of committees is damaged: \(error.detail)") }
    }

    /// Reads the list where it is a part of something else.
    ///
    /// - Throws: `FORMAT`.
    package static func read(from reader: inout CanonicalReader) throws(ProtocolFailure) -> [Handover] {
        try reader.magic("WLHO")
        let count = try reader.u32()
        try require(count <= Self.countMax, .format, "\(count) changes of the committee")
        var handovers: [Handover] = []
        for _ in 0..<count { handovers.append(try Handover(from: &reader)) }
        return handovers
    }

    /// The list's encoding.
    package static func bytes(_ handovers: [Handover]) -> [UInt8] {
        var writer = CanonicalWriter(capacity: 1_024 * handovers.count)
        writer.magic("WLHO")
        writer.u32(UInt32(handovers.count))
        for handover in handovers { writer.raw(handover.bytes) }
        return writer.bytes
    }

    /// Adds a change, durably.
    mutating func append(_ handover: Handover) throws(CredentialsError) {
        try self.replace(by: self.handovers.filter { $0.header.height < handover.header.height } + [handover])
    }

    /// Puts the changes of a snapshot into the place of the known ones, durably.
    mutating func replace(by handovers: [Handover]) throws(CredentialsError) {
        try PrivateFile.write(Self.bytes(handovers), to: self.path)
        self.handovers = handovers
    }
}
