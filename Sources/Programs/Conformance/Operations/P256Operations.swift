internal import CanonicalBytes
internal import P256Group

/// Set A, the group P-256 and the primitives on it (specification section 2).
enum P256Operations {
    static let all = [
        Operation("p256.hash_to_scalar") {
            ["scalar": .hex(try P256Scalar.hash($0.text("tag"), list: $0.byteLists("fields")).bytes)]
        },
        Operation("p256.decode_point") {
            let (x, y) = try $0.publicKey("point").point.coordinates()
            return ["x": .hex(x), "y": .hex(y)]
        },
        Operation("p256.decode_scalar") {
            _ = try $0.scalar("scalar")
            return [:]
        },
        Operation("p256.mul") {
            let k = try $0.scalar("k")
            return ["point": .hex(try (k * $0.publicKey("point").point).encoded())]
        },
        Operation("schnorr.sign", schnorrSign),
        Operation("schnorr.verify", schnorrVerify),
        Operation("dleq.prove", dleqProve),
        Operation("dleq.verify", dleqVerify),
        Operation("ecies.seal", eciesSeal),
        Operation("ecies.open") {
            let key = try $0.keyPair("d")
            let associated = try $0.bytes("aad")
            return ["pt": .hex(try ECIES.open(key, associated: associated, ciphertext: $0.bytes("ct")))]
        },
    ]

    private static func schnorrSign(_ input: CaseInput) throws -> JSONObject {
        let signature = try Schnorr.sign(
            input.keyPair("d"),
            context: input.bytes("ctx"),
            message: input.bytes("msg"),
            aux: input.bytes("aux")
        )
        return ["sig": .hex(signature)]
    }

    private static func schnorrVerify(_ input: CaseInput) throws -> JSONObject {
        try Schnorr.verify(
            input.publicKey("pk"),
            context: input.bytes("ctx"),
            message: input.bytes("msg"),
            signature: input.bytes("sig")
        )
        return [:]
    }

    private static func dleqProve(_ input: CaseInput) throws -> JSONObject {
        let w = try input.scalar("w")
        let base1 = try input.publicKey("b1")
        let base2 = try input.publicKey("b2")
        let statement = DiscreteLogEquality(
            base1: base1,
            value1: try P256PublicKey(w * base1.point),
            base2: base2,
            value2: try P256PublicKey(w * base2.point)
        )
        let proof = try statement.prove(witness: w, context: input.bytes("ctx"), aux: input.bytes("aux"))
        return [
            "v1": .hex(try (w * base1.point).encoded()), "v2": .hex(try (w * base2.point).encoded()),
            "proof": .hex(proof),
        ]
    }

    private static func dleqVerify(_ input: CaseInput) throws -> JSONObject {
        let statement = DiscreteLogEquality(
            base1: try input.publicKey("b1"),
            value1: try input.publicKey("v1"),
            base2: try input.publicKey("b2"),
            value2: try input.publicKey("v2")
        )
        let context = try input.bytes("ctx")
        try statement.verify(input.bytes("proof"), context: context)
        return [:]
    }

    private static func eciesSeal(_ input: CaseInput) throws -> JSONObject {
        let ciphertext = try ECIES.seal(
            to: input.publicKey("pk"),
            associated: input.bytes("aad"),
            plaintext: input.bytes("pt"),
            ephemeral: input.scalar("e")
        )
        return ["ct": .hex(ciphertext)]
    }
}
