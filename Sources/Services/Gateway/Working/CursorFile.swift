internal import CanonicalBytes
internal import Credentials

/// How far the chains were read: a hint that may be lost, or older than the truth.
///
/// `"WLGP" || LP(genesis digest of the application chain) || LP(that of the relay chain) || u64 height || u64 height`.
struct CursorFile: Sendable {
    private static let fileName = "place.wlgp"

    private let path: String
    /// Of the two chains: another chain's heights say nothing.
    private let chains: [[UInt8]]

    /// - Parameters:
    ///   - directory: exists, mode 0700.
    ///   - chains: digests of the two genesis files.
    init(directory: String, chains: [[UInt8]]) {
        self.path = "\(directory)/\(Self.fileName)"
        self.chains = chains
    }

    /// The heights of both chains; 0 where nothing is known.
    func read() -> [UInt64] {
        guard PrivateFile.exists(self.path), let bytes = try? PrivateFile.read(self.path, upTo: 1_024) else {
            return [0, 0]
        }
        var reader = CanonicalReader(bytes)
        do throws(ProtocolFailure) {
            try reader.magic("WLGP")
            for chain in self.chains {
                let found = try reader.lengthPrefixed()
                try require(found == chain, .context, "of another chain")
            }
            let heights = [try reader.u64(), try reader.u64()]
            try reader.finish()
            return heights
        } catch { return [0, 0] }
    }

    /// - Throws: `CredentialsError`.
    func write(_ heights: [UInt64]) throws {
        var writer = CanonicalWriter(capacity: 128)
        writer.magic("WLGP")
        for chain in self.chains { writer.lengthPrefixed(chain) }
        for height in heights { writer.u64(height) }
        try PrivateFile.write(writer.bytes, to: self.path)
    }
}
