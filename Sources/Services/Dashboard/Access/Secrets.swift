internal import Records

/// Random names and how they are compared.
enum Secrets {
    /// 32 bytes of the system's generator.
    static func bytes() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    static func digest(_ text: String) -> [UInt8] { Array(Digest.sha256(of: Array(text.utf8)).bytes) }

    /// Compares without ending early, so that the time tells nothing of where two differ.
    static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for (one, other) in zip(left, right) { difference |= one ^ other }
        return difference == 0
    }

    static func areEqual(_ left: String, _ right: String) -> Bool { self.areEqual(Array(left.utf8), Array(right.utf8)) }
}
