package import CanonicalBytes

/// The attributes that a party has, with numbers as bags of bits (specification section 7.3).
package struct AttributeSet: Sendable, Hashable {
    /// `name:value` and `name#i=b`, ascending by bytes, each once.
    package let attributes: [String]
    private let members: Set<String>

    /// Expands what somebody is known to have.
    ///
    /// - Parameter attributes: `name:value`, or `name=number` with a number up to 65535.
    /// - Throws: `FORMAT` for anything else, `DUPLICATE` for two values of one number, whose bits would mix; whichever
    ///   comes first in the list.
    package init(_ attributes: [String]) throws(ProtocolFailure) {
        var members: Set<String> = []
        var numbers: Set<String> = []
        for attribute in attributes {
            if let (name, value) = try Self.number(attribute) {
                try require(numbers.insert(name).inserted, .duplicate, "two values of one numeric attribute")
                members.formUnion(BagOfBits(name: name).attributes(of: value))
            } else {
                try require(Self.isPair(attribute), .format, "an attribute is not name:value")
                members.insert(attribute)
            }
        }
        self.members = members
        self.attributes = members.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Whether the set has an attribute of the expanded form.
    package func contains(_ attribute: String) -> Bool { self.members.contains(attribute) }

    /// - Returns: nil when the text is not `name=number`.
    private static func number(_ attribute: String) throws(ProtocolFailure) -> (name: String, value: UInt16)? {
        let parts = attribute.utf8.split(separator: UInt8(ascii: "="), omittingEmptySubsequences: false)
        guard parts.count == 2, PolicyWord.isWord(parts[0]), let value = PolicyWord.number(parts[1], digitsMax: 6)
        else { return nil }
        guard let value = UInt16(exactly: value), !PolicyWord.isReserved(parts[0]) else {
            throw ProtocolFailure(.format, "a numeric attribute is out of range")
        }
        return (String(decoding: parts[0], as: UTF8.self), value)
    }

    private static func isPair(_ attribute: String) -> Bool {
        let parts = attribute.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy(PolicyWord.isWord)
    }
}
