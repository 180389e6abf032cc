internal import CanonicalBytes

/// Bounds of the names in lists and paths.
enum NameBounds {
    /// Bytes of the name of a chain, node, gateway, organization or subgroup.
    static let nameBytesMax = 64
    /// Bytes of the identifier of a service.
    static let serviceBytesMax = 256

    /// - Throws: `FORMAT` for an empty text or one that is too long.
    static func check(_ text: String, _ bytesMax: Int = Self.nameBytesMax) throws(ProtocolFailure) {
        try require((1...bytesMax).contains(text.utf8.count), .format, "a name has 1 to \(bytesMax) bytes")
    }
}

extension String {
    /// Whether both are the same bytes; `==` would equate different spellings of one character.
    func hasBytes(of other: String) -> Bool { self.utf8.elementsEqual(other.utf8) }

    /// Whether the bytes come before those of the other.
    func isBefore(_ other: String) -> Bool { self.utf8.lexicographicallyPrecedes(other.utf8) }
}

extension CanonicalReader {
    /// Takes a name of a chain, node, organization or subgroup.
    ///
    /// - Throws: `FORMAT`.
    mutating func name(_ bytesMax: Int = NameBounds.nameBytesMax) throws(ProtocolFailure) -> String {
        let name = try self.text()
        try NameBounds.check(name, bytesMax)
        return name
    }
}
