internal import Certificates
internal import ChainReading
package import Ledger
package import Signcryption

/// Finds the certificate that a request of another chain is sealed to, on the data's own chain.
///
/// Whoever owns scopes says something about them there, signed: who writes to them, their sealed index keys, data sets
/// that have them. The newest such transaction of a custodian of the organization shows its certificate, proven like
/// everything on the chain; no server has to be asked or believed. A custodian whose certificate was rotated since opens
/// with the one before as long as it keeps it.
package struct CustodianCertificates: Sendable {
    private static let owners: [PartyRole] = [.custodian, .institution]
    /// Transactions that are looked at for one scope, the newest first.
    private static let transactionsMax = 64

    private let chain: any RequesterChain
    private let issuers: [TrustedIssuer]
    /// Milliseconds since 1970.
    private let clock: @Sendable () -> UInt64

    /// - Parameters:
    ///   - chain: where the data is.
    ///   - issuers: of that chain's genesis.
    ///   - clock: milliseconds since 1970.
    package init(chain: any RequesterChain, issuers: [TrustedIssuer], clock: @escaping @Sendable () -> UInt64) {
        self.chain = chain
        self.issuers = issuers
        self.clock = clock
    }

    /// The certified key of a scope's custodian.
    ///
    /// - Parameters:
    ///   - scope: digest of the scope.
    ///   - organization: whose it is.
    ///   - dataset: that the scope was found in, if it was.
    /// - Returns: the key that is sealed to.
    /// - Throws: ``ShareTrouble`` when the chain shows none that is good; what keeps the chain from being read.
    package func key(for scope: [UInt8], of organization: String, dataset: [UInt8]?) async throws -> CertifiedKey {
        for subject in [scope] + (dataset.map { [$0] } ?? []) {
            let events = try await self.chain.events(of: subject, after: nil, on: .index)
            var seen: Set<[UInt8]> = []
            for event in events.reversed().prefix(Self.transactionsMax) where seen.insert(event.transaction).inserted {
                guard let proof = try await self.chain.proof(of: event.transaction, on: .index),
                    proof.receipt.code == 0, case .identity(let bytes, _) = proof.transaction.authorization
                else { continue }
                if let key = try await self.usable(bytes, organization) { return key }
            }
        }
        throw ShareTrouble(
            .request,
            isWaiting: false,
            code: "custodian-unknown",
            "the data's chain shows no certificate of a custodian of \(organization) that is valid now"
        )
    }

    /// Requires that a certificate somebody gave is a custodian's of the organization, and good now.
    ///
    /// - Throws: ``ShareTrouble``; what keeps the chain from being read.
    package func key(given bytes: [UInt8], of organization: String) async throws -> CertifiedKey {
        guard let key = try await self.usable(bytes, organization) else {
            throw ShareTrouble(
                .request,
                isWaiting: false,
                code: "custodian-unknown",
                "the certificate is not of a custodian of \(organization), or not valid now on the data's chain"
            )
        }
        return key
    }

    /// The key of a certificate when it is a custodian's, of an issuer of the chain, valid and not revoked.
    private func usable(_ bytes: [UInt8], _ organization: String) async throws -> CertifiedKey? {
        guard let certificate = try? ImplicitCertificate(bytes: bytes),
            let party = PartyName(certificate.fields.subject), Self.owners.contains(party.role),
            party.organization.isSame(as: organization),
            let issuer = try? TrustedParty.issuer(of: certificate, among: self.issuers).trusted.issuer,
            let key = try? CertifiedKey(certificate, from: issuer),
            (try? key.require(.keyExchange, at: self.clock() / 1_000)) != nil
        else { return nil }
        let revoked = try await self.chain.fact(
            of: StateKey.revocation(of: certificate.digest, by: issuer.name),
            on: .access
        )
        return revoked.value == nil ? key : nil
    }
}
