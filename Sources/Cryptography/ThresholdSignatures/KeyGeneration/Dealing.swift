package import CanonicalBytes
package import FiniteFields
package import SecretSharing

/// What a dealer publishes: its commitments and the proof that it knows what it shares.
package struct Deal: Sendable, Hashable {
    package let commitments: [[UInt8]]
    package let possession: [UInt8]

    package init(commitments: [[UInt8]], possession: [UInt8]) {
        self.commitments = commitments
        self.possession = possession
    }
}

/// A dealer's side of a key generation: its polynomial, shares of which it sends to each member privately.
package final class Dealing: Sendable {
    package let deal: Deal
    private let polynomial: SharingPolynomial

    /// - Parameters:
    ///   - polynomial: random; for a resharing its value at 0 is the dealer's old share.
    ///   - session: names the run of the protocol.
    ///   - dealer: the dealer's place.
    /// - Throws: `IDENTITY` or `SCALAR` for a coefficient that is zero.
    package init(
        _ polynomial: SharingPolynomial,
        session: [UInt8],
        dealer: UInt16
    ) throws(ProtocolFailure) {
        let commitments = try DealerCommitments(to: polynomial)
        var constant = polynomial.value(at: 0)
        defer { constant.wipe() }
        let possession = try DealerCommitments.provePossession(
            of: BLSKeyPair(secret: SecretFr(constant)),
            session: session,
            dealer: dealer
        )
        self.deal = Deal(commitments: commitments.encoded, possession: possession)
        self.polynomial = polynomial
    }

    /// The share of a member, from 1 on: sent privately, or published to answer the member's complaint.
    ///
    /// The caller wipes it.
    package func share(of member: UInt16) -> Fr { self.polynomial.value(at: UInt64(member)) }
}
