internal import CanonicalBytes
internal import Credentials
internal import P256Group
internal import Receiving
internal import Signcryption

/// What a gateway's key, taken by a thief, does with what the gateway sealed before.
struct GatewayAttempts {
    private let scene: CollusionScene
    private let epochKey: [UInt8]

    init(_ scene: CollusionScene, epochKey: [UInt8]) {
        self.scene = scene
        self.epochKey = epochKey
    }

    func all() throws -> [CollusionFinding] {
        let envelope = self.scene.material.envelope
        let grant = self.scene.material.reader.grant.terms
        let scopeKey = try P256Point(grant.scopeKey)
        let bases = [envelope.envelope.commitment.point, scopeKey, try P256Point(grant.ephemeral)]
        let key = self.scene.gateway.key.withSecret { $0 }
        let owned = try SenderSecrets(envelope, shared: self.ownersPoint, epochKey: self.epochKey)
        // The nonce of the signature follows from the key; `r` would, if both proofs had one nonce.
        let nonce = owned.signature.sender + owned.signature.challenge * key
        let r = (nonce - owned.signature.commitment) * owned.signature.challenge.inverse
        let points = bases.map { key * $0 } + [key, nonce, r].map { $0 * scopeKey }
        var refusals = Refusals(expecting: .aead)
        refusals.note(envelope.outcomes(of: points, epochKeys: [self.epochKey]))
        return [
            CollusionFinding(
                name: "gateway-alone",
                passed: refusals.areComplete,
                text: "the gateway's key opens nothing that it sealed, even with the epoch key: \(refusals)"
            )
        ]
    }

    private var ownersPoint: P256Point {
        self.scene.scopeKey.keyPair.withSecret { $0 * self.scene.material.envelope.envelope.commitment.point }
    }
}
