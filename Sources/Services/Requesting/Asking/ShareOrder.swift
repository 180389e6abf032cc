internal import CanonicalBytes
internal import Certificates
package import ChainReading
package import Contracts
internal import Ledger
internal import Transcripts

/// What a requester wants.
package struct ShareOrder: Sendable {
    package struct Scope: Sendable, Hashable {
        package let digest: [UInt8]
        package let organization: String

        package init(digest: [UInt8], organization: String) {
            self.digest = digest
            self.organization = organization
        }
    }

    /// Why a clinician does not wait.
    package struct Emergency: Sendable {
        package let reason: EmergencyReason
        /// Only the data's custodian gets it.
        package let statement: String

        package init(reason: EmergencyReason, statement: String) {
            self.reason = reason
            self.statement = statement
        }
    }

    package let way: ShareRecord.Way
    package let purpose: String
    package let scopes: [Scope]
    package var dataset: [UInt8]?
    package var offer: [UInt8]?
    package var emergency: Emergency?

    package init(way: ShareRecord.Way, purpose: String, scopes: [Scope]) {
        self.way = way
        self.purpose = purpose
        self.scopes = scopes
    }
}

extension ShareFolder {
    static let statementFile = "statement.txt"

    /// Makes the folder of a new share; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - path: that holds no share.
    ///   - order: what is wanted.
    ///   - receiver: under whose certificate; the folder does not get its key.
    ///   - chain: the chain's identifier.
    ///   - home: over which chain is asked; nil: at the data's chain itself.
    /// - Throws: ``ShareFolderError``, `CredentialsError`.
    package init(
        creating path: String,
        _ order: ShareOrder,
        for receiver: RequesterKey,
        chain: [UInt8],
        over home: HomeRecord? = nil
    ) throws {
        try self.init(creating: path)
        // Before the record: whoever is killed in between has no share, rather than one that is asked for directly.
        if let home { try self.write(PlainText.json(home), to: HomeRecord.fileName) }
        try self.write(receiver.certificate.bytes, to: Names.certificate)
        if let emergency = order.emergency {
            try self.writeSecret(Array(emergency.statement.utf8), to: Self.statementFile)
        }
        // The identifiers are fixed before anything is sent: whoever is killed goes on with the same requests.
        try self.write(
            ShareRecord(
                chain: String(decoding: chain, as: UTF8.self),
                requester: receiver.certificate.digest.hex,
                isPseudonym: receiver.isPseudonym,
                way: order.way,
                purpose: order.purpose,
                dataset: order.dataset?.hex,
                offer: order.offer?.hex,
                scopes: order.scopes.map {
                    ShareRecord.Scope(
                        scope: $0.digest.hex,
                        organization: $0.organization,
                        request: SecureRandom.bytes(32).hex
                    )
                }
            )
        )
    }

    /// The certificate that the share was asked for under.
    package func requesterCertificate() throws -> [UInt8] {
        guard let bytes = try self.read(Names.certificate) else {
            throw ShareFolderError.damaged("\(self.path)/\(Names.certificate)")
        }
        return bytes
    }
}
