internal import CanonicalBytes
internal import FiniteFields
internal import SecretSharing

/// The secrets of one contribution to the powers, the toxic waste: wiped when the contribution is made.
struct PowersSecrets: Sendable {
    static let kinds: [CeremonySecret] = [.tau, .alpha, .beta]

    private(set) var tau: Fr
    private(set) var alpha: Fr
    private(set) var beta: Fr

    init(tau: Fr, alpha: Fr, beta: Fr) { (self.tau, self.alpha, self.beta) = (tau, alpha, beta) }

    /// New secrets for a member, those that follow from the value for a beacon.
    init(_ header: ContributionHeader) throws(ProtocolFailure) {
        if let values = try header.beaconSecrets(Self.kinds) {
            self.init(tau: values[0], alpha: values[1], beta: values[2])
        } else {
            self.init(tau: .random(), alpha: .random(), beta: .random())
        }
    }

    /// 1, τ, τ², …; the caller wipes them.
    func powersOfTau(_ count: Int) -> [Fr] {
        var power = Fr.one
        defer { power.wipe() }
        return (0..<count).map { _ in
            defer { power = power * self.tau }
            return power
        }
    }

    mutating func wipe() {
        self.tau.wipe()
        self.alpha.wipe()
        self.beta.wipe()
    }
}
