internal import CanonicalBytes
package import Certificates
internal import Contracts
internal import Credentials
internal import Foundation
internal import GRDB

/// A pair of certificates in the books.
package struct CertificateRow: Sendable, Hashable {
    package let serial: UInt64
    package let party: String
    package let attributes: [String]
    /// Of the ECQV certificate.
    package let digest: [UInt8]
    /// Of the X.509 certificate.
    package let fingerprint: [UInt8]
    /// Seconds since 1970.
    package let notBefore: UInt64
    /// Seconds since 1970.
    package let notAfter: UInt64
    /// Seconds since 1970; nil while it stands.
    package let revoked: UInt64?

    init(_ row: Row) {
        self.serial = UInt64(row["serial"] as Int64)
        self.party = row["party"]
        self.attributes = Words.list(row["attributes"])
        self.digest = Array(row["digest"] as Data)
        self.fingerprint = Array(row["fingerprint"] as Data)
        self.notBefore = UInt64(row["not_before"] as Int64)
        self.notAfter = UInt64(row["not_after"] as Int64)
        self.revoked = (row["revoked"] as Int64?).map(UInt64.init)
    }
}

/// What an operator revokes.
package enum RevocationTarget: Sendable, Hashable {
    /// Every generation of a party.
    case party(PartyName)
    /// One generation, by its ECQV digest or its X.509 fingerprint.
    case certificate([UInt8])
}

extension Authority: RevocationSource {
    /// Revokes certificates and signs a new list with both digests of each; credentials of them end too.
    ///
    /// - Returns: how many generations were revoked now; 0 when all were before, and then the list stays.
    /// - Throws: ``AuthorityError/argument(_:)`` when there is no such certificate.
    @discardableResult
    package func revoke(_ target: RevocationTarget, at now: UInt64) throws -> Int {
        switch target {
        case .party(let party): try self.revoke("party = ?", [party.description], .left, at: now)
        case .certificate(let digest):
            try self.revoke("? IN (digest, fingerprint)", [Data(digest)], .compromised, at: now)
        }
    }

    /// Revokes certificates of a party at its own request.
    ///
    /// - Throws: ``AuthorityError/argument(_:)`` when one of them is not the party's.
    package func revoke(_ digests: [[UInt8]], of party: PartyName, at now: UInt64) throws {
        for digest in digests {
            _ = try self.revoke(
                "party = ? AND ? IN (digest, fingerprint)",
                [party.description, Data(digest)],
                .compromised,
                at: now
            )
        }
    }

    /// The signed list; a new one with the next number when half of the former's time has passed.
    package func revocationList(at now: UInt64) throws -> RevocationList {
        try self.store.write { database in
            if let list = try Self.newestList(in: database) {
                let half = list.thisUpdate + (list.nextUpdate - list.thisUpdate) / 2
                if now <= half { return list }
            }
            return try self.signList(in: database, at: now)
        }
    }

    /// All certificates, the latest first.
    package func certificates() throws -> [CertificateRow] {
        try self.store.read {
            try Row.fetchAll($0, sql: "SELECT * FROM certificate ORDER BY not_before DESC, serial").map(
                CertificateRow.init
            )
        }
    }

    /// Whether a certificate is revoked according to the books; true when they cannot be read.
    package func contains(_ digest: [UInt8]) -> Bool {
        let isRevoked = try? self.store.read { database in
            try Bool.fetchOne(
                database,
                sql: """
                    SELECT EXISTS (
                        SELECT 1 FROM certificate
                        WHERE (digest = ?1 OR fingerprint = ?1) AND revoked IS NOT NULL
                    )
                    """,
                arguments: [Data(digest)]
            )
        }
        return isRevoked ?? true
    }

    private func revoke(
        _ condition: String,
        _ arguments: StatementArguments,
        _ reason: CredentialRevocationReason,
        at now: UInt64
    ) throws -> Int {
        try self.store.write { database in
            let found = try Row.fetchAll(
                database,
                sql: "SELECT * FROM certificate WHERE \(condition)",
                arguments: arguments
            ).map(CertificateRow.init)
            guard !found.isEmpty else { throw AuthorityError.argument("this authority issued no such certificate") }
            let standing = found.filter { $0.revoked == nil }
            for certificate in standing {
                try database.execute(
                    sql: "UPDATE certificate SET revoked = ? WHERE serial = ?",
                    arguments: [Int64(now), Int64(certificate.serial)]
                )
                try CredentialRow.end("certificate = ?", [Data(certificate.digest)], reason, in: database, at: now)
            }
            if !standing.isEmpty { _ = try self.signList(in: database, at: now) }
            return standing.count
        }
    }

    private func signList(in database: Database, at now: UInt64) throws -> RevocationList {
        let revoked = try Row.fetchAll(database, sql: "SELECT * FROM certificate WHERE revoked IS NOT NULL")
            .map(CertificateRow.init)
        let number = (try Self.newestList(in: database)?.number ?? 0) + 1
        let list = try RevocationList.sign(
            revoked.flatMap { [$0.digest, $0.fingerprint] },
            number: number,
            thisUpdate: now,
            nextUpdate: now + self.lifetimes.revocationList,
            by: self.signer
        )
        try database.execute(
            sql: "INSERT INTO revocation_list (number, bytes) VALUES (?, ?)",
            arguments: [Int64(number), Data(list.bytes)]
        )
        try database.execute(sql: "DELETE FROM revocation_list WHERE number < ?", arguments: [Int64(number)])
        return list
    }

    private static func newestList(in database: Database) throws -> RevocationList? {
        let sql = "SELECT bytes FROM revocation_list ORDER BY number DESC LIMIT 1"
        guard let bytes = try Data.fetchOne(database, sql: sql) else { return nil }
        return try RevocationList(bytes: Array(bytes))
    }
}
