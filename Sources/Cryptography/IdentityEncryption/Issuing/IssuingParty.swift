internal import BLS12381
package import CanonicalBytes
package import Certificates
internal import FiniteFields
package import SecretSharing

/// One of the parties that issue keys jointly: the KGC or a privacy center (specification section 6.2).
package struct IssuingParty: Sendable {
    /// 0 for the KGC.
    package let place: UInt8
    private let share: SecretFr
    private let parties: PartyPoints

    /// - Parameters:
    ///   - place: the party's, 0 for the KGC.
    ///   - share: its secret `s_i`.
    ///   - parties: the points of all parties.
    package init(place: UInt8, share: SecretFr, parties: PartyPoints) {
        self.place = place
        self.share = share
        self.parties = parties
    }

    /// Requires that the share is the one behind this party's point.
    ///
    /// - Throws: `KEY`.
    package func requireOwnPoint() throws(ProtocolFailure) {
        let point = self.share.withValue { G2Point.generator(times: $0) }
        let isOwn = Int(self.place) < self.parties.count && self.parties.points[Int(self.place)] == point
        try require(isOwn, .key, "the share is not the one behind the party's point")
    }

    /// This party's step `D_i = s_i·D_{i-1}` for a request that it has verified, with all steps before.
    ///
    /// Whether the permission stands and the nonce is new, the caller checks first.
    ///
    /// - Parameters:
    ///   - request: bytes of any origin.
    ///   - steps: `E(D_0)` to `E(D_{i-1})`.
    ///   - issuer: of the requester's certificate.
    ///   - now: seconds since 1970.
    /// - Returns: `E(D_i)`, 48 bytes.
    /// - Throws: as ``SignedKeyRequest/init(verifying:issuer:at:)``; `CONTEXT` for another number of steps than parties
    ///   before this one; naming the party, `FORMAT`, `POINT`, `IDENTITY`, `SUBGROUP` or `PROOF` for its step.
    package func issue(
        _ request: [UInt8],
        after steps: [[UInt8]],
        issuer: CertificateIssuer,
        at now: UInt64?
    ) throws(PartyFailure) -> [UInt8] {
        let blinded = try charging(nil) { () throws(ProtocolFailure) in
            try SignedKeyRequest.verified(request, issuer, now).point
        }
        let isNext = steps.count == Int(self.place) && steps.count < self.parties.count
        try charging(nil) { () throws(ProtocolFailure) in
            try require(isNext, .context, "another number of steps than parties before this one")
        }
        let last = try self.parties.check(steps, of: blinded)
        return try charging(Int(self.place)) { () throws(ProtocolFailure) in
            try self.share.withValue { $0 * last }.encoded()
        }
    }
}

extension JointParameters {
    /// Verifies all steps of an issuing, as a requester does whose key does not fit.
    ///
    /// - Parameters:
    ///   - steps: `E(D_0)` to `E(D_n)`.
    ///   - request: that they answer.
    /// - Throws: `CONTEXT` for another number of steps than parties; as decoding the request's point does; naming the
    ///   party, `FORMAT`, `POINT`, `IDENTITY`, `SUBGROUP` or `PROOF` for its step.
    package func verify(_ steps: [[UInt8]], of request: KeyRequest) throws(PartyFailure) {
        try charging(nil) { () throws(ProtocolFailure) in
            try require(steps.count == self.parties.count, .context, "another number of steps than parties")
        }
        try self.verify(beginning: steps, of: request)
    }

    /// Verifies the first steps of an issuing, as a requester does before the next party gets them.
    ///
    /// - Throws: as ``verify(_:of:)``; `CONTEXT` for more steps than parties.
    package func verify(beginning steps: [[UInt8]], of request: KeyRequest) throws(PartyFailure) {
        let blinded = try charging(nil) { () throws(ProtocolFailure) in
            try require(steps.count <= self.parties.count, .context, "more steps than parties")
            return try G1Point(request.blinded)
        }
        _ = try self.parties.check(steps, of: blinded)
    }
}

extension PartyPoints {
    /// Requires that each step multiplies the one before by its party's secret.
    ///
    /// - Returns: the last step's point, or the blinded one when there is none.
    func check(_ steps: [[UInt8]], of blinded: G1Point) throws(PartyFailure) -> G1Point {
        var previous = blinded
        for (party, encoded) in steps.enumerated() {
            previous = try charging(party) { () throws(ProtocolFailure) in
                let step = try G1Point(encoded)
                let isStep = Pairing.productIsOne([
                    (step, PreparedG2.generator), (-previous, self.prepared[party]),
                ])
                try require(isStep, .proof, "the step is not made with the party's secret")
                return step
            }
        }
        return previous
    }
}

extension PreparedG2 {
    /// Lines of `P2`.
    static let generator = PreparedG2(.generator)
}
