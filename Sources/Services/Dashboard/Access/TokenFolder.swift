internal import CanonicalBytes
internal import Credentials
internal import Foundation
@preconcurrency internal import Glibc

/// One-time tokens for signing in: a file of mode 0600 for each, in a directory of mode 0700 that the server and whoever
/// operates it share.
///
/// A file holds the token's digest, never the token: who reads a backup cannot sign in. Taking the file away is what redeems
/// the token, so that two requests with one token give one session.
package struct TokenFolder: Sendable {
    /// Tokens that wait at one time.
    package static let tokensMax = 64
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
    private static let characters = 26
    private static let suffix = ".token"

    private let directory: String

    /// - Parameter directory: made when the first token is.
    package init(directory: String) { self.directory = directory }

    /// What a token is for.
    package struct Bearer: Sendable, Equatable {
        package let name: String
        package let role: DashboardRole

        package init(name: String, role: DashboardRole) {
            self.name = name
            self.role = role
        }
    }

    /// Makes a token.
    ///
    /// - Parameters:
    ///   - bearer: whom it signs in; the name has 1 to 64 printable ASCII characters.
    ///   - seconds: how long it can be used.
    ///   - now: seconds since 1970.
    /// - Returns: the token, for the eyes of one person.
    /// - Throws: ``CredentialsError`` when the directory cannot be written; ``TokenRefusal``.
    package func issue(_ bearer: Bearer, seconds: UInt64, at now: UInt64) throws -> String {
        guard (1...64).contains(bearer.name.utf8.count), bearer.name.utf8.allSatisfy({ (33...126).contains($0) }) else {
            throw TokenRefusal(description: "a name has 1 to 64 printable characters without blanks")
        }
        try PrivateFile.makeDirectory(self.directory)
        self.sweep(at: now)
        guard self.files.count < Self.tokensMax else {
            throw TokenRefusal(description: "\(Self.tokensMax) tokens wait to be used; they expire by themselves")
        }
        var generator = SystemRandomNumberGenerator()
        let token = (0..<Self.characters).map { _ in Self.alphabet[Int.random(in: 0..<32, using: &generator)] }
        let text = String(decoding: token, as: UTF8.self)
        let content = "1\n\(bearer.role.rawValue)\n\(now + seconds)\n\(bearer.name)\n"
        let path = self.path(Secrets.digest(text).hex)
        try PrivateFile.write(Array(content.utf8), to: path)
        self.giveToOwner(path)
        return Self.grouped(text)
    }

    /// Uses a token up.
    ///
    /// - Parameters:
    ///   - text: as somebody typed it; case, blanks and hyphens do not matter.
    ///   - now: seconds since 1970.
    /// - Returns: whom it signs in; nil for what is no token, or no more.
    package func redeem(_ text: String, at now: UInt64) -> Bearer? {
        let bare = text.lowercased().filter { $0 != "-" && $0 != " " }
        guard bare.utf8.count == Self.characters else { return nil }
        let wanted = Secrets.digest(bare)
        var found: String?
        for file in self.files {
            guard let digest = [UInt8](hex: String(file.dropLast(Self.suffix.utf8.count))) else { continue }
            if Secrets.areEqual(digest, wanted) { found = "\(self.directory)/\(file)" }
        }
        guard let path = found, let entry = Self.entry(path), unlink(path) == 0, now < entry.until else { return nil }
        return entry.bearer
    }

    // MARK: - Files

    private static func entry(_ path: String) -> (bearer: Bearer, until: UInt64)? {
        guard let bytes = try? PrivateFile.read(path, upTo: 1_024) else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        guard lines.count == 4, lines[0] == "1", let role = DashboardRole(rawValue: lines[1]),
            let until = UInt64(lines[2])
        else { return nil }
        return (Bearer(name: lines[3], role: role), until)
    }

    private func path(_ digest: String) -> String { "\(self.directory)/\(digest)\(Self.suffix)" }

    private var files: [String] {
        guard let stream = opendir(self.directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream), names.count < 4 * Self.tokensMax {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(Self.suffix) { names.append(name) }
        }
        return names.sorted()
    }

    /// Takes away what has expired.
    private func sweep(at now: UInt64) {
        for file in self.files {
            let path = "\(self.directory)/\(file)"
            guard let entry = Self.entry(path), now >= entry.until else { continue }
            unlink(path)
        }
    }

    /// An administrator makes tokens for a server that runs as another user: the server must be able to read them.
    private func giveToOwner(_ path: String) {
        guard geteuid() == 0 else { return }
        let parent = (self.directory as NSString).deletingLastPathComponent
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: parent),
            let user = (attributes[.ownerAccountID] as? NSNumber)?.uint32Value,
            let group = (attributes[.groupOwnerAccountID] as? NSNumber)?.uint32Value
        else { return }
        for place in [self.directory, path] { _ = chown(place, user, group) }
    }

    private static func grouped(_ text: String) -> String {
        var out = ""
        for (index, character) in text.enumerated() {
            if index > 0, index % 5 == 0, index < 25 { out.append("-") }
            out.append(character)
        }
        return out
    }
}

/// Why no token was made.
package struct TokenRefusal: Error, CustomStringConvertible {
    package let description: String
}
