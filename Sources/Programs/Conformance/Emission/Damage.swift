internal import CanonicalBytes

/// An input in which one value was changed.
struct Damage: CustomStringConvertible {
    /// Values of the caller's own that other implementations may use unseen: damaged ones keep their length.
    private static let ownKeys: Set<String> = ["k", "k_ra", "k_pca", "grant_id"]
    /// The caller's own certificate, which a signer need not read.
    private static let unread = ("pseu.sign", "cert")

    let input: JSONObject
    let description: String

    /// Damages an input; nil for one without values.
    ///
    /// - Parameters:
    ///   - input: what the operation accepts.
    ///   - operation: its name.
    ///   - donor: another input of the same operation, of which a value may be taken.
    init?(of input: JSONObject, operation: String, donor: JSONObject) {
        let ways = JSONValue.object(input).leaves.filter {
            operation != Self.unread.0 || $0.first != .name(Self.unread.1)
        }
        guard let way = ways.randomElement(), case .name(let field) = way.first,
            let value = JSONValue.object(input)[way]
        else { return nil }
        var isOwnKey = false
        if case .name(let last) = way.last { isOwnKey = Self.ownKeys.contains(last) }
        let (damaged, how) = Self.damaged(value, donor: JSONValue.object(donor)[way], keepsLength: isOwnKey)
        var changed = JSONValue.object(input)
        changed[way] = damaged
        guard case .object(let object) = changed else { return nil }
        self.input = object
        self.description = "\(field)-\(how)"
    }

    private static func damaged(
        _ value: JSONValue,
        donor: JSONValue?,
        keepsLength: Bool
    ) -> (JSONValue, how: String) {
        switch (value, donor) {
        case (.text, .text(let other)) where Int.random(in: 0..<3) == 0: return (.text(other), "swapped")
        case (.bool(let flag), _): return (.bool(!flag), "negated")
        case (.integer(let number), _): return (.integer(self.moved(number)), "moved")
        case (.text(let text), _):
            guard let bytes = [UInt8](hex: text.string) else {
                return (.string([Chance.word(), text.string + "x", ""].randomElement() ?? ""), "reworded")
            }
            let isFlipped = !bytes.isEmpty && (keepsLength || Bool.random())
            return isFlipped ? (.hex(self.flipped(bytes)), "flipped") : (.hex(self.reshaped(bytes)), "reshaped")
        default: return (value, "kept")
        }
    }

    private static func moved(_ number: UInt64) -> UInt64 {
        let steps: [UInt64] = [1, 86_400, 300 * 86_400]
        let step = steps.randomElement() ?? 1
        return Bool.random() ? number + step : number - min(number, step)
    }

    private static func flipped(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        let bit = Int.random(in: 0..<8 * bytes.count)
        bytes[bit / 8] ^= 1 << (bit % 8)
        return bytes
    }

    private static func reshaped(_ bytes: [UInt8]) -> [UInt8] {
        let forms: [[UInt8]] = [
            bytes.dropLast(), bytes + [0], bytes.map { _ in 0 }, bytes.map { _ in 255 }, [], [0],
        ]
        return forms.randomElement() ?? []
    }
}
