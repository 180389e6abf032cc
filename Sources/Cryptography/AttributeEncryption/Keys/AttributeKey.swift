package import BLS12381
package import CanonicalBytes
internal import FiniteFields
internal import Transcripts

/// The secret key of somebody with attributes, "WLA1" (specification section 7.4).
///
/// Parts of different keys do not fit together, so that people cannot join their attributes.
package struct AttributeKey: Sendable {
    /// What a key has for one attribute.
    package struct Component: Sendable {
        /// `name:value` or `name#i=b`.
        package let attribute: String
        /// `D_j = ρ·P1 + ρ_j·H(j)`.
        package let d: G1Point
        /// `D'_j = ρ_j·P2`.
        package let dPrime: G2Point
    }

    /// Name of the authority.
    package let authority: String
    /// `D = β^-1·(α + ρ)·P1`.
    package let d: G1Point
    /// Ascending by the attributes' bytes, at least one.
    package let components: [Component]

    init(authority: String, d: G1Point, components: [Component]) throws(ProtocolFailure) {
        let count = components.count
        try require((1...Int(UInt16.max)).contains(count), .format, "a key has 1 to 65535 attributes")
        self.authority = authority
        self.d = d
        self.components = components
    }

    /// Parses a key; ``check(under:)`` tells whether it is one.
    ///
    /// - Throws: `FORMAT`, also for attributes out of form or order; `POINT`, `IDENTITY` or `SUBGROUP` for a point.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLA1")
        let authority = try reader.text()
        let d = try G1Point(reader.take(G1Point.byteCount))
        var components: [Component] = []
        var previous: [UInt8] = []
        for _ in 0..<(try reader.u16()) {
            let attribute = try reader.lengthPrefixed()
            try require(KeyAttribute.isOfForm(attribute), .format, "an attribute of another form")
            let ascends = previous.lexicographicallyPrecedes(attribute)
            try require(ascends, .format, "attributes are not in ascending order")
            previous = attribute
            components.append(
                Component(
                    attribute: String(decoding: attribute, as: UTF8.self),
                    d: try G1Point(reader.take(G1Point.byteCount)),
                    dPrime: try G2Point(reader.take(G2Point.byteCount))
                )
            )
        }
        try reader.finish()
        try self.init(authority: authority, d: d, components: components)
    }

    /// The canonical encoding, to store it sealed; the caller wipes it.
    ///
    /// - Throws: `IDENTITY`, which does not happen in practice.
    package func secretBytes() throws(ProtocolFailure) -> [UInt8] {
        var writer = CanonicalWriter(capacity: 64 + self.components.count * 176)
        writer.magic("WLA1")
        writer.lengthPrefixed(self.authority)
        writer.raw(try self.d.encoded())
        writer.u16(UInt16(self.components.count))
        for component in self.components {
            writer.lengthPrefixed(component.attribute)
            writer.raw(try component.d.encoded())
            writer.raw(try component.dPrime.encoded())
        }
        return writer.bytes
    }

    /// Its attributes, ascending by bytes.
    package var attributes: [String] { self.components.map(\.attribute) }

    /// The place of an attribute.
    func place(of attribute: String) -> Int? {
        let wanted = attribute.utf8
        var (low, high) = (0, self.components.count)
        while low < high {
            let middle = (low + high) / 2
            if self.components[middle].attribute.utf8.lexicographicallyPrecedes(wanted) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low < self.components.count, self.components[low].attribute.utf8.elementsEqual(wanted) else { return nil }
        return low
    }
}

/// The form of attributes in keys.
enum KeyAttribute {
    /// Whether the text is `name:value`, or `name#i=b` with i from 0 to 15 without leading zeros and b a bit.
    static func isOfForm(_ text: [UInt8]) -> Bool {
        if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
            return self.isWord(text[..<colon]) && self.isWord(text[(colon + 1)...])
        }
        guard let hash = text.firstIndex(of: UInt8(ascii: "#")) else { return false }
        return self.isWord(text[..<hash]) && self.bits.contains(Array(text[(hash + 1)...]))
    }

    private static let bits = Set((0..<16).flatMap { bit in (0...1).map { Array("\(bit)=\($0)".utf8) } })

    private static func isWord(_ text: ArraySlice<UInt8>) -> Bool {
        !text.isEmpty
            && text.allSatisfy {
                switch $0 {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
