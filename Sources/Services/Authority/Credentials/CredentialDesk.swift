internal import CanonicalBytes
internal import Credentials
internal import Foundation
internal import Hummingbird
internal import SecureHTTP

/// Where and how an authority gives credentials.
package struct CredentialConfiguration: Sendable, Hashable {
    package var genesisFile: String
    /// `https` addresses of validators.
    package var validators: [String]
    /// Attributes of certificates whose values are numbers.
    package var numbers: [String]

    package init(genesisFile: String, validators: [String], numbers: [String] = []) {
        self.genesisFile = genesisFile
        self.validators = validators
        self.numbers = numbers
    }

    /// Requires that the genesis can be read.
    ///
    /// - Throws: an error whose description says why not.
    package func check() throws { _ = try ValidatorCredentialChain.genesis(self.genesisFile) }
}

/// Answers parties that ask for a credential.
package struct CredentialDesk: Sendable {
    /// How long a party waits for the chain, s; shorter than its client does.
    package static let answerSeconds: Double = 20

    private let authority: Authority
    private let publisher: CredentialPublisher
    private let rules: CertifiedAttributes
    private let waitSeconds: Double

    package init(
        authority: Authority,
        publisher: CredentialPublisher,
        rules: CertifiedAttributes,
        waitSeconds: Double = Self.answerSeconds
    ) {
        self.authority = authority
        self.publisher = publisher
        self.rules = rules
        self.waitSeconds = waitSeconds
    }

    /// Records the credential, then waits until it is in the tree.
    ///
    /// - Throws: ``AuthorityError``; `Problem` with the code `credential-pending` when the chain takes longer.
    func answer(_ request: CredentialRequest, peer: PeerIdentity, at now: UInt64) async throws -> CredentialAnswer {
        let asked = try self.authority.recordCredential(request, peer: peer, rules: self.rules, at: now)
        self.publisher.wake()
        let start = ContinuousClock.now
        while let row = try self.authority.credential(asked.number) {
            guard row.reason == nil else {
                throw AuthorityError.credential("the credential was revoked meanwhile; ask again")
            }
            if let place = row.place, let salt = row.salt {
                return CredentialAnswer(
                    holder: row.holder,
                    salt: salt,
                    attributes: row.attributes,
                    index: place,
                    leaf: row.leaf
                )
            }
            guard ContinuousClock.now - start < .seconds(self.waitSeconds) else { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        var problem = Problem(
            .serviceUnavailable,
            code: "credential-pending",
            detail: "the chain has not taken the credential yet; ask again with the same commitment"
        )
        problem.headers[.retryAfter] = "5"
        throw problem
    }
}
