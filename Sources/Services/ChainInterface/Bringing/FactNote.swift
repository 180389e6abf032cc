internal import CanonicalBytes
internal import Credentials

/// Notes up to which access block the index channel was told.
///
/// A new start then does not read the chain from its beginning. Losing the file costs that reading and nothing else.
struct FactNote: Sendable {
    static let fileName = "told.txt"

    private let path: String
    private let genesis: String

    init(directory: String, genesis: [UInt8]) {
        self.path = "\(directory)/\(Self.fileName)"
        self.genesis = genesis.hex
    }

    /// The height; 0 without a note, or with one of another chain.
    func read() -> UInt64 {
        guard let bytes = try? PrivateFile.read(self.path, upTo: 256, isSecret: false) else { return 0 }
        let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 2, words[0] == self.genesis else { return 0 }
        return UInt64(words[1]) ?? 0
    }

    /// Replaces the note; one that cannot be written is missed by nobody.
    func write(_ height: UInt64) { try? PrivateFile.write(Array("\(self.genesis) \(height)\n".utf8), to: self.path) }
}
