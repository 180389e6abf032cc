internal import CanonicalBytes
internal import Foundation

/// How far a scope's entries in the subject index were read, as `index.json` keeps it.
struct IndexProgress: Codable {
    /// A sender's sealed index key as it was last named.
    struct Sender: Codable {
        var name: String
        /// Digest of the sealed key, hexadecimal digits.
        var digest: String
    }

    /// An anchor whose page does not open yet.
    struct Pending: Codable {
        var height: UInt64
        var place: UInt32
        var transaction: String
        var why: String
    }

    var height: UInt64 = 0
    var place: UInt32 = 0
    /// false: nothing was read yet.
    var isBegun = false
    var senders: [Sender] = []
    var pending: [Pending] = []

    var cursor: EventPlace? { self.isBegun ? EventPlace(height: self.height, place: self.place) : nil }

    mutating func advance(to place: EventPlace) {
        guard self.cursor.map({ $0 < place }) ?? true else { return }
        self.isBegun = true
        self.height = place.height
        self.place = place.place
    }

    mutating func set(_ name: String, _ digest: [UInt8]) {
        self.senders.removeAll { $0.name.isSame(as: name) }
        self.senders.append(Sender(name: name, digest: digest.hex))
    }
}

extension ScopeFolder {
    private var indexName: String { "\(self.folder)/index.json" }

    func indexProgress() throws -> IndexProgress {
        guard let bytes = try self.share.read(self.indexName) else { return IndexProgress() }
        // Everything in it can be read from the chain again.
        return (try? JSONDecoder().decode(IndexProgress.self, from: Data(bytes))) ?? IndexProgress()
    }

    func write(_ progress: IndexProgress) throws { try self.share.write(PlainText.json(progress), to: self.indexName) }
}
