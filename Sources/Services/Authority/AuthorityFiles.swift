internal import CanonicalBytes
internal import Certificates
internal import Credentials
internal import Crypto
internal import P256Group
internal import Transcripts

/// The authority's keys, name and root in its directory.
struct AuthorityFiles: Sendable {
    /// `organization:authority:name`.
    let name: PartyName
    /// `https://host:port`, where parties reach it.
    let url: String
    let key: P256KeyPair
    let root: RootCertificate
    let rootPEM: String

    /// `authority.json`; written last, so that it marks a complete directory.
    struct Record: Codable {
        let name: String
        let url: String
    }

    static let recordName = "authority.json"
    private static let keyName = "authority.key"
    private static let rootName = "root.crt"
    private static let rootKeyName = "root.key"

    static func exist(in directory: String) -> Bool { PrivateFile.exists("\(directory)/\(self.recordName)") }

    /// Makes the keys that are missing; those of an unfinished earlier run are kept.
    static func make(
        in directory: String,
        name: PartyName,
        url: String,
        lifetimes: AuthorityLifetimes,
        at now: UInt64
    ) throws {
        let keyPath = "\(directory)/\(self.keyName)"
        if !PrivateFile.exists(keyPath) {
            var digits = P256KeyPair.generate().hexDigits()
            defer { digits.wipe() }
            try PrivateFile.write(digits, to: keyPath)
        }
        let rootKeyPath = "\(directory)/\(self.rootKeyName)"
        if !PrivateFile.exists(rootKeyPath) {
            try PrivateFile.write(Array(P256.Signing.PrivateKey().pemRepresentation.utf8), to: rootKeyPath)
        }
        let rootPath = "\(directory)/\(self.rootName)"
        if !PrivateFile.exists(rootPath) {
            let pem = String(decoding: try PrivateFile.read(rootKeyPath), as: UTF8.self)
            let root = try RootCertificate(
                name: name,
                key: P256.Signing.PrivateKey(pemRepresentation: pem),
                from: now - lifetimes.backdate,
                to: now + lifetimes.root
            )
            try PrivateFile.write(Array(try root.pem.utf8), to: rootPath)
        }
    }

    static func finish(in directory: String, name: PartyName, url: String) throws {
        let record = Record(name: name.description, url: url)
        try PrivateFile.write(try PlainJSON.encode(record), to: "\(directory)/\(self.recordName)")
    }

    /// Reads a complete directory.
    init(directory: String) throws {
        guard Self.exist(in: directory) else {
            throw AuthorityError.directory(
                "\(directory) holds no authority; run `wardline ca init --directory \(directory)`"
            )
        }
        let path = "\(directory)/\(Self.recordName)"
        let record = try PlainJSON.decode(Record.self, try PrivateFile.read(path), path)
        guard let name = PartyName(record.name) else { throw AuthorityError.directory("\(path) names no authority") }
        try self.init(directory: directory, name: name, url: record.url)
    }

    init(directory: String, name: PartyName, url: String) throws {
        self.name = name
        self.url = url
        var digits = try PrivateFile.read("\(directory)/\(Self.keyName)")
        defer { digits.wipe() }
        self.key = try P256KeyPair(hexDigits: digits)
        self.rootPEM = String(decoding: try PrivateFile.read("\(directory)/\(Self.rootName)"), as: UTF8.self)
        let rootKey = String(decoding: try PrivateFile.read("\(directory)/\(Self.rootKeyName)"), as: UTF8.self)
        self.root = try RootCertificate(certificate: self.rootPEM, key: rootKey)
    }
}
