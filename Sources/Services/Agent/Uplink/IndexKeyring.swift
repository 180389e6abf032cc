internal import CanonicalBytes
internal import IndexPages
internal import Spool
internal import Transcripts

/// The keys of this gateway's index pages, while envelopes are sealed: one for each scope.
///
/// A key that is not in the spool yet is stored in the transaction of the envelope that carries it to the owner.
struct IndexKeyring {
    /// Tags of one envelope at most.
    static let tagsMax = 16

    private let spool: Spool
    private let sender: String
    private var known: [[UInt8]: StoredIndexKey] = [:]
    /// Keys that envelopes of the window in work carry.
    private(set) var carried: [StoredIndexKey] = []

    init(spool: Spool, sender: String) {
        self.spool = spool
        self.sender = sender
    }

    /// The key of a scope.
    ///
    /// - Throws: when the store fails.
    mutating func key(of scope: [UInt8]) throws -> StoredIndexKey {
        if let key = self.known[scope] { return key }
        let stored = try self.spool.indexKey(scope: scope, sender: self.sender)
        let key =
            stored
            ?? StoredIndexKey(scope: scope, sender: self.sender, secret: IndexKey.generate().secretBytes())
        self.known[scope] = key
        return key
    }

    /// Notes that an envelope of the window carries a key.
    mutating func carry(_ key: StoredIndexKey) {
        guard !self.carried.contains(where: { $0.scope == key.scope }) else { return }
        self.carried.append(key)
        self.known[key.scope] = StoredIndexKey(
            scope: key.scope,
            sender: key.sender,
            secret: key.secret,
            isHanded: true
        )
    }

    /// After a commit, or instead of one: what the spool holds counts.
    mutating func forget() {
        self.known.removeAll()
        self.carried.removeAll()
    }

    /// What an index page lists an envelope under: 16 bytes of a keyed hash for each code, ascending.
    static func tags(of codes: [String], key: StoredIndexKey) -> [[UInt8]] {
        let tags = codes.prefix(Self.tagsMax).map { code in
            KeyDerivation.hkdf(
                "INDEX-TAG",
                secret: key.secret,
                info: transcript(Array("http://loinc.org".utf8), Array(code.utf8)),
                length: 16
            )
        }
        return tags.sorted { $0.lexicographicallyPrecedes($1) }
    }
}

/// Finds an Observation's LOINC code without reading the rest of it.
enum ObservationCode {
    private static let mark = Array(#""code":{"coding":[{"system":"http://loinc.org","code":""#.utf8)

    /// - Returns: the code; nil when there is none of at most 32 bytes.
    static func find(in json: ArraySlice<UInt8>) -> String? {
        guard let start = json.firstRange(of: self.mark)?.upperBound else { return nil }
        let code = json[start...].prefix { $0 != UInt8(ascii: "\"") }
        return (1...32).contains(code.count) ? String(decoding: code, as: UTF8.self) : nil
    }
}
