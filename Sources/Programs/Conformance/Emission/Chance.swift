internal import CanonicalBytes
internal import P256Group
internal import Transcripts

/// Random values for cases, from the system's generator.
enum Chance {
    private static let words =
        ["icu-1", "vitals", "räumlich", "a", "ward.3", "hr-72", "bed_9", "日本"] + [String(repeating: "x", count: 80)]

    static func word() -> String { self.words.randomElement() ?? "" }

    static func hex(_ count: Int) -> JSONValue { .hex(SecureRandom.bytes(count)) }

    static func hex(upTo longest: Int) -> JSONValue { self.hex(Int.random(in: 0...longest)) }

    static func scalar() -> JSONValue { .hex(P256Scalar.random().bytes) }

    /// Below 2^48: other readers of JSON lose integers above 2^53.
    static func integer() -> UInt64 { UInt64.random(in: 0..<1 << 48) }

    static func publicKey() throws -> JSONValue { .hex(P256KeyPair.generate().publicKey.encoded) }
}

extension JSONObject {
    /// The members of both; of a name in both, the other's value.
    func merging(_ other: JSONObject) -> JSONObject {
        var merged = self
        for (name, value) in other.values { merged[name] = value }
        return merged
    }

    /// The members of these names.
    func only(_ names: String...) -> JSONObject {
        var chosen: JSONObject = [:]
        for name in names { chosen[name] = self[name] }
        return chosen
    }

    /// The member under another name.
    func renamed(_ name: String, to other: String) -> JSONObject {
        var chosen: JSONObject = [:]
        chosen[other] = self[name]
        return chosen
    }
}
