internal import AccessPolicies
internal import BLS12381
internal import CanonicalBytes
internal import FiniteFields
internal import SecretSharing
internal import Transcripts

/// The secret of one encapsulation shared along an access tree, all derived from the seed (specification section 7.5).
final class SecretTree {
    /// `s`, which is shared.
    private(set) var secret: Fr
    /// The values at the leaves, in preorder.
    private(set) var leaves: [Fr] = []

    private let coins: Coins
    private var coinsTaken: UInt32 = 0

    /// - Throws: `SCALAR` for a leaf with the value 0, which does not happen in practice.
    init(_ tree: AccessTree, coins: Coins) throws(ProtocolFailure) {
        self.coins = coins
        self.secret = try coins.coin(0)
        self.coinsTaken = 1
        try self.share(self.secret, along: tree)
    }

    deinit {
        self.secret.wipe()
        self.leaves.wipe()
    }

    private func share(_ value: Fr, along tree: AccessTree) throws(ProtocolFailure) {
        switch tree {
        case .leaf:
            try require(!value.isZero, .scalar, "the value of a leaf is zero")
            self.leaves.append(value)
        case .gate(let threshold, let children):
            var coefficients = [value]
            defer { coefficients.wipe() }
            for _ in 1..<threshold { coefficients.append(try self.nextCoin()) }
            let polynomial = SharingPolynomial(coefficients)
            for (index, child) in children.enumerated() {
                try self.share(polynomial.value(at: UInt64(index + 1)), along: child)
            }
        }
    }

    private func nextCoin() throws(ProtocolFailure) -> Fr {
        defer { self.coinsTaken += 1 }
        return try self.coins.coin(self.coinsTaken)
    }
}

/// What the coins of an encapsulation derive from.
struct Coins {
    let seed: [UInt8]
    let publicKeyDigest: [UInt8]
    let policy: [UInt8]
    let associated: [UInt8]

    /// `hr("ABE-COIN", m, pk_digest, policy, aad, u32 i)`.
    func coin(_ index: UInt32) throws(ProtocolFailure) -> Fr {
        try Fr.hash(
            "ABE-COIN",
            self.seed,
            self.publicKeyDigest,
            self.policy,
            self.associated,
            index.bigEndianBytes
        )
    }
}
