internal import BLS12381
internal import CanonicalBytes
internal import FiniteFields
internal import SecretSharing
internal import Transcripts

/// The hashes of the key encapsulation (specification section 6.3), which both sides compute.
struct Encapsulation {
    static let seedLength = 32
    /// `E(U) || v`.
    static let ciphertextLength = G2Point.byteCount + Self.seedLength

    let identity: [UInt8]
    /// `E(Y)`.
    let key: [UInt8]

    /// `ρ`, which everything in a ciphertext derives from; the caller wipes it.
    func exponent(_ seed: [UInt8]) throws(ProtocolFailure) -> Fr {
        try Fr.hash("IBE-R", seed, self.identity, self.key)
    }

    /// The seed masked, or unmasked, under the shared element of GT.
    func mask(_ seed: [UInt8], shared: GT, header: [UInt8]) -> [UInt8] {
        var secret = shared.bytes
        defer { secret.wipe() }
        var mask = KeyDerivation.hkdf(
            "IBE-MASK",
            secret: secret,
            info: transcript(header, self.identity, self.key),
            length: Self.seedLength
        )
        defer { mask.wipe() }
        return zip(seed, mask).map { $0 ^ $1 }
    }

    func epochKey(_ seed: [UInt8], ciphertext: [UInt8]) -> [UInt8] {
        let context = transcript(ciphertext, self.identity, self.key)
        return KeyDerivation.hkdf("IBE-KEY", secret: seed, info: context, length: 32)
    }

    // `power` raises `e(Q_ID, Y)` to a secret exponent.
    func encapsulate(
        _ seed: [UInt8],
        power: (Fr) -> GT
    ) throws(ProtocolFailure) -> (ciphertext: [UInt8], key: [UInt8]) {
        try require(seed.count == Self.seedLength, .format, "a seed has 32 bytes")
        var exponent = try self.exponent(seed)
        defer { exponent.wipe() }
        let header = try G2Point.generator(times: exponent).encoded()
        let ciphertext = header + self.mask(seed, shared: power(exponent), header: header)
        return (ciphertext, self.epochKey(seed, ciphertext: ciphertext))
    }
}
