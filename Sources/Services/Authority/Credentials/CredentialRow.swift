package import Contracts
internal import Foundation
internal import GRDB

/// A credential in the books.
///
/// A row is written before anything goes to the chain, so that a leaf is never in the tree without somebody here who
/// knows whose it is. Its life: asked for, handed in, in the tree (it has a place then), ending (it has a reason then),
/// ended.
package struct CredentialRow: Sendable, Hashable {
    let number: Int64
    package let party: String
    /// Digest of the certificate that says its attributes; it ends with it.
    package let certificate: [UInt8]
    /// `hc`, 32 bytes.
    package let holder: [UInt8]
    package let attributes: [String]
    /// 32 bytes, secret; nil when the credential has ended.
    let salt: [UInt8]?
    package let leaf: [UInt8]
    /// Whether the chain may have heard of the leaf.
    let isSubmitted: Bool
    /// The leaf's index in the tree; nil while nobody knows that it is there.
    package let place: UInt32?
    /// Seconds since 1970.
    package let created: UInt64
    /// Why it ends; nil while it stands.
    package let reason: CredentialRevocationReason?
    /// When it had ended on the chain too, or before it came there; seconds since 1970.
    package let ended: UInt64?

    /// For people: asked, valid, ending or ended.
    package var state: String {
        switch (self.place, self.reason, self.ended) {
        case (_, _, .some): "ended"
        case (_, .some, nil): "ending"
        case (nil, nil, nil): "asked"
        case (.some, nil, nil): "valid"
        }
    }

    init(_ row: Row) {
        self.number = row["number"]
        self.party = row["party"]
        self.certificate = Array(row["certificate"] as Data)
        self.holder = Array(row["holder"] as Data)
        self.attributes = Words.list(row["attributes"])
        self.salt = (row["salt"] as Data?).map(Array.init)
        self.leaf = Array(row["leaf"] as Data)
        self.isSubmitted = row["submitted"]
        self.place = (row["place"] as Int64?).map(UInt32.init)
        self.created = UInt64(row["created"] as Int64)
        self.reason = (row["reason"] as Int64?).flatMap { CredentialRevocationReason(rawValue: UInt8($0)) }
        self.ended = (row["ended"] as Int64?).map(UInt64.init)
    }

    static let table = """
        CREATE TABLE credential (
            number INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
            party TEXT NOT NULL,
            certificate BLOB NOT NULL,
            holder BLOB NOT NULL CHECK (length(holder) = 32),
            attributes TEXT NOT NULL,
            salt BLOB CHECK (length(salt) = 32),
            leaf BLOB NOT NULL UNIQUE CHECK (length(leaf) = 32),
            submitted INTEGER NOT NULL DEFAULT 0,
            place INTEGER,
            created INTEGER NOT NULL,
            reason INTEGER,
            ended INTEGER CHECK (ended IS NULL OR reason IS NOT NULL)
        ) STRICT;
        CREATE UNIQUE INDEX credential_standing ON credential (party) WHERE reason IS NULL;
        CREATE INDEX credential_party ON credential (party);
        CREATE INDEX credential_holder ON credential (holder);
        CREATE INDEX credential_open ON credential (number) WHERE ended IS NULL;
        """

    /// Lets standing credentials end; one that the chain has never heard of is over at once.
    ///
    /// - Returns: how many stood.
    @discardableResult
    static func end(
        _ condition: String,
        _ arguments: StatementArguments,
        _ reason: CredentialRevocationReason,
        in database: Database,
        at now: UInt64
    ) throws -> Int {
        let standing = try Row.fetchAll(
            database,
            sql: "SELECT * FROM credential WHERE reason IS NULL AND (\(condition))",
            arguments: arguments
        ).map(CredentialRow.init)
        for row in standing {
            try database.execute(
                sql: """
                    UPDATE credential SET reason = ?, ended = ?, salt = CASE WHEN submitted = 0 THEN NULL ELSE salt END
                    WHERE number = ?
                    """,
                arguments: [Int64(reason.rawValue), row.isSubmitted ? nil : Int64(now), row.number]
            )
        }
        return standing.count
    }
}
