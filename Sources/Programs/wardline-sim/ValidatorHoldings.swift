internal import CanonicalBytes
internal import Certificates
internal import Credentials
internal import Foundation
internal import P256Group
internal import SecretSharing

/// Everything that all validators have on their disks: their keys, and the ledger of both channels with log and state.
struct ValidatorHoldings: Sendable {
    let identities: [Identity]
    /// Every 32 bytes in a row of their key files, as a scalar: whatever is a key there is among them.
    let scalars: [P256Scalar]
    /// What they sign certificates of blocks with.
    let shareSecrets: [SecretFr]
    /// Every 33 bytes in a row of their files that are a point, each once.
    let points: [P256Point]
    private let files: [Data]

    /// Points at most.
    private static let pointsMax = 50_000
    private static let keyFileBytesMax = 4_096

    init(dev: String) throws {
        let folders = try CollusionFolders.folders(of: .validator, in: dev)
        self.identities = folders.map(\.identity)
        var files: [Data] = []
        var scalars: [P256Scalar] = []
        var shareSecrets: [SecretFr] = []
        for folder in folders.map(\.path) {
            for name in try FileManager.default.subpathsOfDirectory(atPath: folder).sorted() {
                guard let content = Self.content(of: "\(folder)/\(name)"), !content.isEmpty else { continue }
                files.append(content)
                guard name.hasSuffix(".key"), content.count <= Self.keyFileBytesMax else { continue }
                scalars += Self.scalars(in: content)
                if let secret = Self.shareSecret([UInt8](content)) { shareSecrets.append(secret) }
            }
        }
        self.files = files
        self.scalars = scalars
        self.shareSecrets = shareSecrets
        self.points = Self.points(in: files)
    }

    var byteCount: Int { self.files.reduce(0) { $0 + $1.count } }

    /// Whether a file has these bytes, or their hexadecimal digits.
    func hold(_ bytes: [UInt8]) -> Bool {
        let needles = [Data(bytes), Data(bytes.hex.utf8)]
        return self.files.contains { file in needles.contains { file.range(of: $0) != nil } }
    }

    /// A file without the zeros at its end: files of the ledger have their full size from the start.
    private static func content(of path: String) -> Data? {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue,
            let data = FileManager.default.contents(atPath: path)
        else { return nil }
        let words = data.count / 8
        let used = data.withUnsafeBytes { bytes in
            var used = words
            while used > 0, bytes.loadUnaligned(fromByteOffset: 8 * (used - 1), as: UInt64.self) == 0 { used -= 1 }
            return used
        }
        return data.count % 8 == 0 ? data.prefix(8 * used) : data
    }

    private static func scalars(in content: Data) -> [P256Scalar] {
        let text = String(decoding: content, as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("-----") }
        let forms = [
            [UInt8](content), [UInt8](hex: lines.joined()), Data(base64Encoded: lines.joined()).map { [UInt8]($0) },
        ]
        return forms.compactMap { $0 }.flatMap { bytes in
            (0..<max(0, bytes.count - 31)).compactMap { try? P256Scalar(Array(bytes[$0..<$0 + 32])) }
        }
    }

    /// The second secret of `validator.key`, if it is a scalar of BLS12-381.
    private static func shareSecret(_ bytes: [UInt8]) -> SecretFr? {
        var reader = CanonicalReader(bytes)
        guard (try? reader.magic("WLVK")) != nil, (try? reader.u8()) != nil, (try? reader.lengthPrefixed()) != nil,
            let secret = try? reader.lengthPrefixed()
        else { return nil }
        return try? SecretFr(bytes: secret)
    }

    private static func points(in files: [Data]) -> [P256Point] {
        var seen: Set<[UInt8]> = []
        var points: [P256Point] = []
        for file in files {
            file.withUnsafeBytes { bytes in
                for start in 0..<max(0, bytes.count - 32) where bytes[start] == 2 || bytes[start] == 3 {
                    let encoded = Array(bytes[start..<start + 33])
                    guard points.count < Self.pointsMax, seen.insert(encoded).inserted,
                        let point = try? P256Point(encoded)
                    else { continue }
                    points.append(point)
                }
            }
        }
        return points
    }
}
