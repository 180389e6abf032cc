internal import CanonicalBytes
internal import Transcripts

/// Set A, hashing and encoding (specification section 1).
enum EncodingOperations {
    static let all = [
        Operation("transcript") { ["bytes": .hex(transcript(try $0.byteLists("fields")))] },
        Operation("tagged_hash") {
            ["hash": .hex(TaggedHash.digest(try $0.text("tag"), list: try $0.byteLists("fields")))]
        },
        Operation("expand_message_xmd") { input in
            let message = try input.bytes("msg")
            let domain = try input.bytes("dst")
            let length = try input.integer("len", as: Int.self)
            return ["bytes": .hex(try ExpandMessage.xmd(message: message, domain: domain, length: length))]
        },
        Operation("hkdf", hkdf),
    ]

    private static func hkdf(_ input: CaseInput) throws -> JSONObject {
        let length = try input.integer("len", as: Int.self)
        guard length <= 255 * 32 else { throw MalformedInput("`len` is more than HKDF gives") }
        let key = KeyDerivation.hkdf(
            try input.text("salt_tag"),
            secret: try input.bytes("ikm"),
            info: try input.bytes("info"),
            length: length
        )
        return ["okm": .hex(key)]
    }
}
