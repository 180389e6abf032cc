package import CanonicalBytes
internal import Ledger

/// The last roots of the tree of credentials, oldest first: `u16 n × (root(32) || u64 since || u64 epoch)`.
///
/// One of each block, the one at its end. The last is the present root, which has no age: a root grows old when it is
/// replaced. An epoch ends with a revocation.
package struct RecentRoots: StateRecord {
    /// Roots that are remembered.
    package static let window = 64

    package struct Entry: Hashable, Sendable {
        package let root: [UInt8]
        /// Milliseconds since 1970: the block.
        package let since: UInt64
        /// Counts revocations.
        package let epoch: UInt64
    }

    package private(set) var entries: [Entry] = []

    init() {}

    /// The revocation epoch.
    package var epoch: UInt64 { self.entries.last?.epoch ?? 0 }

    mutating func append(_ entry: Entry) {
        if self.entries.last?.since == entry.since { self.entries.removeLast() }
        self.entries.append(entry)
        if self.entries.count > Self.window { self.entries.removeFirst() }
    }

    /// Why a proof may not be made with a root.
    ///
    /// - Parameters:
    ///   - root: 32 bytes.
    ///   - time: milliseconds since 1970.
    ///   - age: milliseconds for which a root is good after another one has replaced it.
    ///   - revokedAge: as much after a revocation.
    /// - Returns: the code; nil when it may.
    func objection(to root: [UInt8], at time: UInt64, age: UInt64, revokedAge: UInt64) -> RejectionCode? {
        // A root comes back when the last credential is revoked: its newest time counts.
        guard let place = self.entries.lastIndex(where: { $0.root == root }) else { return .rootUnknown }
        let later = self.entries[(place + 1)...]
        guard let next = later.first else { return nil }
        let epoch = self.entries[place].epoch
        if let revocation = later.first(where: { $0.epoch > epoch }), time - min(time, revocation.since) >= revokedAge {
            return .rootRevoked
        }
        return time - min(time, next.since) < age ? nil : .rootTooOld
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.u16(UInt16(self.entries.count))
        for entry in self.entries {
            writer.raw(entry.root)
            writer.u64(entry.since)
            writer.u64(entry.epoch)
        }
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        for _ in 0..<(try reader.u16()) {
            self.entries.append(Entry(root: try reader.hash(), since: try reader.u64(), epoch: try reader.u64()))
        }
    }
}
