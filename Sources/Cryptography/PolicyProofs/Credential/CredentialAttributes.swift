package import CanonicalBytes

/// The attributes of a credential, in its eight slots (specification section 8.2).
package struct CredentialAttributes: Sendable, Hashable {
    package static let slotCount = 8

    /// As written, ascending by bytes, each once.
    package let texts: [String]
    /// Eight: the attributes in their order, then empty ones.
    package let slots: [AttributeSlot]

    /// - Parameter texts: `name:value`, or `name=number` with a number up to 65535; ascending by bytes.
    /// - Throws: `FORMAT` for texts of another form, out of order or more than eight, `DUPLICATE` for two values of one
    ///   number.
    package init(_ texts: [String]) throws(ProtocolFailure) {
        try require(texts.count <= Self.slotCount, .format, "a credential has at most 8 attributes")
        try require(
            zip(texts, texts.dropFirst()).allSatisfy { $0.utf8.lexicographicallyPrecedes($1.utf8) },
            .format,
            "attributes are not in ascending order, each once"
        )
        let names = texts.filter { $0.utf8.contains(UInt8(ascii: "=")) }.map {
            Array($0.utf8.prefix { $0 != UInt8(ascii: "=") })
        }
        try require(Set(names).count == names.count, .duplicate, "two values of one numeric attribute")
        var slots: [AttributeSlot] = []
        for text in texts {
            switch try AttributeText(text) {
            case .pair(let name, let value): slots.append(try AttributeSlot(name: name, value: value))
            case .number(let name, let number): slots.append(try AttributeSlot(name: name, number: number))
            }
        }
        self.texts = texts
        self.slots = slots + Array(repeating: .empty, count: Self.slotCount - slots.count)
    }

    package static func == (a: CredentialAttributes, b: CredentialAttributes) -> Bool { a.slots == b.slots }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.slots) }
}
