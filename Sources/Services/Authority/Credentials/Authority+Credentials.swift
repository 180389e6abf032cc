internal import CanonicalBytes
package import Certificates
package import Contracts
package import Credentials
internal import FiniteFields
internal import Foundation
internal import GRDB
internal import PolicyProofs
internal import SecretSharing

extension Authority {
    /// Leaves that one party may get in ``credentialWindow``.
    ///
    /// A new secret brings new names in all slots of an epoch: who could have as many as it likes would ask as often as
    /// it likes.
    package static let credentialsMax = 4
    /// Seconds: the length of a scope epoch, unless governors chose another.
    package static let credentialWindow: UInt64 = 604_800

    /// Writes down that a party gets a credential with what its certificate says, and nothing else.
    ///
    /// The same commitment gets the same credential for as long as attributes stay as they are, a renewed certificate
    /// included; anything else lets the former credential end first.
    ///
    /// - Parameters:
    ///   - request: signed by the party.
    ///   - peer: the party by its connection.
    ///   - rules: which attributes are numbers.
    ///   - now: seconds since 1970.
    /// - Returns: the credential, which may not be in the tree yet.
    /// - Throws: ``AuthorityError``, `ProtocolFailure`.
    package func recordCredential(
        _ request: CredentialRequest,
        peer: PeerIdentity,
        rules: CertifiedAttributes,
        at now: UInt64
    ) throws -> CredentialRow {
        try self.store.write { database in
            let certificate = try Self.implicitCertificate(of: peer, in: database)
            let holder = try Fr(nonzero: request.verify(by: certificate, of: self.issuer, at: now))
            let attributes = try rules.credential(certificate.fields.attributes)
            let known = try Self.credentials("holder = ?", [Data(holder.bytes)], in: database)
            guard known.allSatisfy({ $0.party == peer.name.description }) else {
                throw AuthorityError.credential("another party has this commitment; make a new one")
            }
            if let row = known.first(where: { $0.reason == nil && $0.attributes == attributes.texts }) {
                try database.execute(
                    sql: "UPDATE credential SET certificate = ? WHERE number = ?",
                    arguments: [Data(certificate.digest), row.number]
                )
                return row
            }
            try Self.requireRoom(for: peer.name, in: database, at: now)
            try CredentialRow.end("party = ?", [peer.name.description], .replaced, in: database, at: now)
            return try Self.insert(holder, attributes, of: certificate, to: peer.name, in: database, at: now)
        }
    }

    /// A credential as it is now; nil for a number that was never given.
    func credential(_ number: Int64) throws -> CredentialRow? {
        try self.store.read { try Self.credentials("number = ?", [number], in: $0).first }
    }

    /// All credentials, the latest first.
    package func credentials() throws -> [CredentialRow] {
        try self.store.read { try Self.credentials("TRUE", in: $0).reversed() }
    }

    /// Lets a party's credential end; the running service tells the chain.
    ///
    /// - Throws: ``AuthorityError/argument(_:)`` when it has none.
    package func revokeCredential(of party: PartyName, _ reason: CredentialRevocationReason, at now: UInt64) throws {
        let count = try self.store.write { database in
            try CredentialRow.end("party = ?", [party.description], reason, in: database, at: now)
        }
        guard count > 0 else { throw AuthorityError.argument("\(party) has no credential") }
    }

    // MARK: - Work for the chain

    /// Lets credentials of expired certificates end.
    func expireCredentials(at now: UInt64) throws {
        _ = try self.store.write { database in
            try CredentialRow.end(
                "certificate IN (SELECT digest FROM certificate WHERE not_after < ?)",
                [Int64(now)],
                .attributes,
                in: database,
                at: now
            )
        }
    }

    /// Credentials whose leaves the tree should lose, the oldest first.
    func credentialsToRevoke() throws -> [CredentialRow] {
        try self.store.read { database in
            try Self.credentials("reason IS NOT NULL AND ended IS NULL AND place IS NOT NULL", in: database)
        }
    }

    /// Credentials whose leaves should come into the tree, the oldest first.
    ///
    /// A party's next one waits until the former has ended on the chain. A leaf that was handed in and then revoked is
    /// among them: whether the chain will take it is open, so it is brought there and revoked then.
    func credentialsToAdd() throws -> [CredentialRow] {
        try self.store.read { database in
            try Self.credentials(
                """
                ended IS NULL AND place IS NULL AND (
                    reason IS NOT NULL OR submitted OR NOT EXISTS (
                        SELECT 1 FROM credential AS former
                        WHERE former.party = credential.party AND former.number < credential.number
                            AND former.ended IS NULL
                    )
                )
                """,
                in: database
            )
        }
    }

    /// Writes down that leaves are about to be handed in.
    ///
    /// - Returns: those that still should be: a revocation may have come in between.
    func markSubmitted(_ rows: [CredentialRow]) throws -> [CredentialRow] {
        try self.store.write { database in
            try rows.filter { row in
                try database.execute(
                    sql: "UPDATE credential SET submitted = 1 WHERE number = ? AND ended IS NULL",
                    arguments: [row.number]
                )
                return database.changesCount == 1
            }
        }
    }

    func setPlace(_ place: UInt32, of row: CredentialRow) throws {
        try self.store.write { database in
            try database.execute(
                sql: "UPDATE credential SET place = ?, submitted = 1 WHERE number = ?",
                arguments: [Int64(place), row.number]
            )
        }
    }

    /// Writes down that a leaf is out of the tree for ever, and forgets its salt.
    func markEnded(_ row: CredentialRow, _ reason: CredentialRevocationReason, at now: UInt64) throws {
        try self.store.write { database in
            try database.execute(
                sql: "UPDATE credential SET reason = coalesce(reason, ?), ended = ?, salt = NULL WHERE number = ?",
                arguments: [Int64(reason.rawValue), Int64(now), row.number]
            )
        }
    }

    // MARK: - Details

    private static func implicitCertificate(
        of peer: PeerIdentity,
        in database: Database
    ) throws -> ImplicitCertificate {
        let row = try self.valid(peer, in: database)
        let answer = try Data.fetchOne(
            database,
            sql: "SELECT answer FROM certificate WHERE digest = ?",
            arguments: [Data(row.digest)]
        )
        guard let answer else { throw AuthorityError.directory("a certificate has no stored answer") }
        let stored = try PlainJSON.decode(CertificationAnswer.self, Array(answer), "a stored answer")
        return try ImplicitCertificate(bytes: Array(stored.certificate))
    }

    private static func requireRoom(for party: PartyName, in database: Database, at now: UInt64) throws {
        let start = Int64(now) - Int64(self.credentialWindow)
        let recent = try self.credentials("party = ? AND created > ?", [party.description, start], in: database)
        guard recent.count >= self.credentialsMax, let oldest = recent.first else { return }
        throw AuthorityError.credentialLimit(
            "a party gets \(self.credentialsMax) credentials in \(self.credentialWindow) s; the next one in "
                + "\(Int64(oldest.created) - start) s"
        )
    }

    private static func insert(
        _ holder: Fr,
        _ attributes: CredentialAttributes,
        of certificate: ImplicitCertificate,
        to party: PartyName,
        in database: Database,
        at now: UInt64
    ) throws -> CredentialRow {
        let salt = SecretFr.random()
        let leaf = Credential.leaf(holder: holder, salt: salt, attributes: attributes)
        try database.execute(
            sql: """
                INSERT INTO credential (party, certificate, holder, attributes, salt, leaf, created)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                party.description, Data(certificate.digest), Data(holder.bytes), Words.text(attributes.texts),
                Data(salt.secretBytes()), Data(leaf.bytes), Int64(now),
            ]
        )
        guard let row = try self.credentials("number = ?", [database.lastInsertedRowID], in: database).first else {
            throw AuthorityError.directory("a credential that was written is not there")
        }
        return row
    }

    private static func credentials(
        _ condition: String,
        _ arguments: StatementArguments = [],
        in database: Database
    ) throws -> [CredentialRow] {
        try Row.fetchAll(
            database,
            sql: "SELECT * FROM credential WHERE \(condition) ORDER BY number",
            arguments: arguments
        ).map(CredentialRow.init)
    }
}
