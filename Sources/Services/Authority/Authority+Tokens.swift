internal import CanonicalBytes
package import Certificates
package import Credentials
internal import Crypto
internal import Foundation
internal import GRDB

/// A token in the books, without its secret.
package struct TokenRow: Sendable, Hashable {
    package let party: String
    package let attributes: [String]
    package let hosts: [String]
    /// Seconds since 1970.
    package let created: UInt64
    /// Seconds since 1970.
    package let expires: UInt64
    package let isUsed: Bool
    let requestHash: [UInt8]?

    init(_ row: Row) throws {
        self.party = row["party"]
        self.attributes = Words.list(row["attributes"])
        self.hosts = Words.list(row["hosts"])
        self.created = UInt64(row["created"] as Int64)
        self.expires = UInt64(row["expires"] as Int64)
        self.requestHash = (row["request_hash"] as Data?).map(Array.init)
        self.isUsed = self.requestHash != nil
    }
}

/// Lists of words in one column; no word holds a space.
enum Words {
    static func text(_ words: [String]) -> String { words.joined(separator: " ") }
    static func list(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }
}

extension Authority {
    /// Longest life of a token in seconds.
    package static let tokenSecondsMax: UInt64 = 7 * 86_400

    /// Makes a one-time token for a party; its secret is nowhere else than in what is returned.
    ///
    /// - Parameters:
    ///   - party: any role but `authority`.
    ///   - attributes: `name:value`, beside the role, which is added.
    ///   - hosts: those that the party may serve under; empty leaves the choice to it, where its role serves at all.
    ///   - seconds: how long it lives, at most a week.
    ///   - now: seconds since 1970.
    /// - Returns: the token, to be handed to the party.
    /// - Throws: ``AuthorityError/argument(_:)``.
    package func createToken(
        for party: PartyName,
        attributes: [String] = [],
        hosts: [HostName] = [],
        seconds: UInt64 = 3_600,
        at now: UInt64
    ) throws -> EnrollmentToken {
        guard party.role != .authority else {
            throw AuthorityError.argument("an authority's identity is made by `wardline ca init`")
        }
        guard 1...Self.tokenSecondsMax ~= seconds else {
            throw AuthorityError.argument("a token lives for 1 second to 7 days")
        }
        guard party.role.serves(under: hosts) else {
            throw AuthorityError.argument("a \(party.role.rawValue) has no server, so it gets no host")
        }
        let token = EnrollmentToken(rootFingerprint: try self.rootFingerprint)
        try self.checkAttributes(attributes, of: party, at: now)
        try self.store.write { database in
            // Books of tokens that nobody can use any more tell nothing that the certificates do not.
            try database.execute(
                sql: "DELETE FROM token WHERE expires < ?",
                arguments: [Int64(now) - Int64(Self.tokenSecondsMax)]
            )
            try database.execute(
                sql: """
                    INSERT INTO token (secret_hash, party, attributes, hosts, created, expires)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    Self.hash(of: token.secret), party.description, Words.text(attributes),
                    Words.text(hosts.map(\.description)), Int64(now), Int64(now + seconds),
                ]
            )
        }
        return token
    }

    /// Whom a token is for; asking does not use it up.
    ///
    /// - Throws: ``AuthorityError/tokenUnknown``, ``AuthorityError/tokenExpired``.
    package func offer(secret: [UInt8], at now: UInt64) throws -> Offer {
        let token = try self.store.read { try Self.token(secret, in: $0, at: now) }
        guard let party = PartyName(token.party) else { throw AuthorityError.directory("a token names no party") }
        return Offer(party: party, expires: token.expires)
    }

    /// The tokens in the books, newest first.
    package func tokens() throws -> [TokenRow] {
        try self.store.read {
            try Row.fetchAll($0, sql: "SELECT * FROM token ORDER BY created DESC").map(TokenRow.init)
        }
    }

    static func token(_ secret: [UInt8], in database: Database, at now: UInt64) throws -> TokenRow {
        let row = try Row.fetchOne(
            database,
            sql: "SELECT * FROM token WHERE secret_hash = ?",
            arguments: [self.hash(of: secret)]
        )
        guard let row else { throw AuthorityError.tokenUnknown }
        let token = try TokenRow(row)
        guard now <= token.expires else { throw AuthorityError.tokenExpired }
        return token
    }

    static func hash(of secret: [UInt8]) -> Data { Data(SHA256.hash(data: secret)) }

    /// Tries the attributes on a certificate's fields, so that a mistake shows now and not at enrolment.
    private func checkAttributes(_ attributes: [String], of party: PartyName, at now: UInt64) throws {
        do {
            try require(!attributes.contains { $0.hasPrefix("role:") }, .format, "the role is not an attribute")
            _ = try ImplicitCertificate(
                self.fields(of: party, attributes: attributes, serial: 1, at: now),
                reconstructionPoint: [UInt8](repeating: 0, count: 33)
            )
        } catch {
            throw AuthorityError.argument(
                "attributes are name:value of the characters A-Z a-z 0-9 _ . -, each once; 'role' is set by --role"
            )
        }
    }
}

extension PartyRole {
    /// Whether a party of this role may have these host names in its certificate; a gateway serves its own machine only.
    func serves(under hosts: [HostName]) -> Bool {
        hosts.isEmpty || self.serves || (self == .gateway && hosts.allSatisfy(\.isLoopback))
    }

    /// Whether a party of this role may have any host name in its certificate.
    var serves: Bool {
        switch self {
        case .clinician, .gateway, .operator, .patient, .researcher, .steward, .tracingAuthority: false
        default: true
        }
    }
}
