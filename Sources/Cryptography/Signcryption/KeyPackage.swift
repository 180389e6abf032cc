package import CanonicalBytes
package import P256Group
internal import Transcripts

/// The package that brings a privacy center its share of a re-encryption key (specification section 5.5).
enum KeyPackage {
    static let signatureContext = "RKPKG"

    static func seal(
        _ share: P256Scalar,
        index: UInt8,
        grantDigest: [UInt8],
        to center: P256PublicKey,
        signedBy owner: P256KeyPair,
        ephemeral: P256Scalar,
        aux: [UInt8]
    ) throws(ProtocolFailure) -> [UInt8] {
        var writer = CanonicalWriter()
        writer.magic("WLR1")
        writer.raw(grantDigest)
        writer.u8(index)
        var secret = share.bytes
        defer { secret.wipe() }
        let box = try ECIES.seal(to: center, associated: writer.bytes, plaintext: secret, ephemeral: ephemeral)
        writer.lengthPrefixed(box)
        var packageAux = aux + [index]
        defer { packageAux.wipe() }
        writer.raw(
            try Schnorr.sign(
                owner,
                context: Array(self.signatureContext.utf8),
                message: writer.bytes,
                aux: packageAux
            )
        )
        return writer.bytes
    }
}

/// A privacy center's share of the re-encryption key of one grant.
package struct KeyShare: Sendable {
    /// Its number in the grant, from 1.
    package let index: UInt8
    /// `share_i` with `V_i = share_i·G`.
    package let keyPair: P256KeyPair

    /// A share that was kept since its package was opened.
    package init(index: UInt8, keyPair: P256KeyPair) {
        self.index = index
        self.keyPair = keyPair
    }
}

extension VerifiedGrant {
    /// Opens the package of one privacy center and checks the share against the grant's commitments.
    ///
    /// - Parameters:
    ///   - package: as the owner sent it.
    ///   - index: the center's number in the grant, from 1.
    ///   - key: the key of the center's certificate.
    /// - Returns: the share.
    /// - Throws: `FORMAT`; `CONTEXT` for another grant or index; `SCALAR` or `SIGNATURE`; `AEAD`; `PROOF` for a share
    ///   that the commitments do not fix.
    package func openPackage(
        _ package: [UInt8],
        index: UInt8,
        key: P256KeyPair
    ) throws(ProtocolFailure) -> KeyShare {
        var reader = CanonicalReader(package)
        try reader.magic("WLR1")
        let grantDigest = try reader.take(32)
        let found = try reader.u8()
        let associated = reader.consumed
        let box = try reader.lengthPrefixed()
        let signed = reader.consumed
        let signature = try reader.take(Schnorr.signatureLength)
        try reader.finish()
        let isOurs = grantDigest == self.digest && found == index && self.hasCenter(index)
        try require(isOurs, .context, "the package is of another grant or center")
        try Schnorr.verify(
            self.owner.publicKey,
            context: KeyPackage.signatureContext,
            message: signed,
            signature: signature
        )
        var secret = try ECIES.open(key, associated: associated, ciphertext: box)
        defer { secret.wipe() }
        var scalar = try P256Scalar(secret)
        defer { scalar.wipe() }
        let share = KeyShare(index: index, keyPair: try P256KeyPair(secret: scalar))
        let fits = try share.keyPair.publicKey == self.shareCommitment(index)
        try require(fits, .proof, "the share does not fit the grant's commitments")
        return share
    }

    func hasCenter(_ index: UInt8) -> Bool { 1 <= index && Int(index) <= self.terms.centers.count }
}
