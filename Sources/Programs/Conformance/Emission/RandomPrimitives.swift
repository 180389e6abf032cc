internal import CanonicalBytes
internal import P256Group

/// Random cases of hashing, encoding and the group.
enum RandomPrimitives {
    static func play(_ writer: inout CaseWriter) throws {
        let fields = JSONValue.array((0..<Int.random(in: 0...4)).map { _ in Chance.hex(upTo: 70) })
        let tag = JSONValue.string(Chance.word())
        _ = try writer.play("transcript", ["fields": fields])
        _ = try writer.play("tagged_hash", ["tag": tag, "fields": fields])
        _ = try writer.play("p256.hash_to_scalar", ["tag": tag, "fields": fields])
        let length = JSONValue.integer(.random(in: 1...300))
        _ = try writer.play(
            "expand_message_xmd",
            ["msg": Chance.hex(upTo: 200), "dst": Chance.hex(upTo: 300), "len": length]
        )
        _ = try writer.play(
            "hkdf",
            ["salt_tag": tag, "ikm": Chance.hex(upTo: 64), "info": Chance.hex(upTo: 90), "len": length]
        )
        try self.playGroup(&writer)
    }

    private static func playGroup(_ writer: inout CaseWriter) throws {
        let key = P256KeyPair.generate()
        let secret = JSONValue.hex(key.secretBytes())
        let point = JSONValue.hex(key.publicKey.encoded)
        let context = Chance.hex(upTo: 20)
        let message = Chance.hex(upTo: 100)
        _ = try writer.play("p256.decode_scalar", ["scalar": secret])
        _ = try writer.play("p256.decode_point", ["point": point])
        _ = try writer.play("p256.mul", ["k": Chance.scalar(), "point": point])

        let signed: JSONObject = ["ctx": context, "msg": message]
        let signature = try writer.play("schnorr.sign", signed.merging(["d": secret, "aux": Chance.hex(32)]))
        _ = try writer.play("schnorr.verify", signed.merging(signature).merging(["pk": point]))

        let bases: JSONObject = ["b1": try Chance.publicKey(), "b2": try Chance.publicKey(), "ctx": context]
        let proof = try writer.play("dleq.prove", bases.merging(["w": secret, "aux": Chance.hex(32)]))
        _ = try writer.play("dleq.verify", bases.merging(proof))

        let box = try writer.play(
            "ecies.seal",
            ["pk": point, "aad": context, "pt": message, "e": Chance.scalar()]
        )
        _ = try writer.play("ecies.open", box.merging(["d": secret, "aad": context]))
    }
}

/// Random policies and attributes.
enum RandomPolicies {
    static func play(_ writer: inout CaseWriter) throws {
        let policy = self.text(depth: .random(in: 0...3))
        let canonical = try writer.play("policy.canonical", ["text": .string(policy)])
        var attributes = "abcd".filter { _ in Bool.random() }.map { "role:\($0)" }
        if Bool.random() { attributes.append("level=\(Int.random(in: 0...70))") }
        _ = try writer.play(
            "policy.satisfied",
            canonical.renamed("canonical", to: "text").merging(["attrs": .strings(attributes)])
        )
    }

    static func text(depth: Int) -> String {
        let gap = ["", " ", "\t ", "\n"].randomElement() ?? ""
        guard depth > 0 else {
            let comparison = [">=", "<=", ">", "<", "="].randomElement() ?? "="
            return Bool.random()
                ? "\(gap)role:\("abcd".randomElement() ?? "a")\(gap)"
                : "level\(gap)\(comparison)\(gap)\(Int.random(in: 1...70))"
        }
        let parts = (0..<Int.random(in: 1...4)).map { _ in self.text(depth: .random(in: 0..<depth)) }
        if Int.random(in: 0..<3) == 0 {
            return "\(Int.random(in: 1...parts.count)) of\(gap)(\(parts.joined(separator: ",\(gap)")))"
        }
        return "(\(parts.joined(separator: Bool.random() ? " and " : " or ")))\(gap)"
    }
}
