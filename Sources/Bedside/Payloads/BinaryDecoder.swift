internal import Units

/// Decodes a payload of a private binary layout, whose fields the profile's expressions pick out by offset.
///
/// Tree:
///
/// ```
/// { "bytes": <byte string>, "length": 12 }
/// ```
package enum BinaryDecoder {
    /// Writes the root object.
    ///
    /// - Parameters:
    ///   - bytes: the payload, of any length including 0.
    ///   - tree: an empty tree.
    /// - Throws: `too-deep` when the open containers leave no room; every payload is a byte string.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer,
        into tree: inout PayloadTree
    ) throws(DecodeFailure) {
        try self.decodeValue(bytes, key: .none, into: &tree)
    }

    /// Adds the object under the open container.
    package static func decodeValue(
        _ bytes: UnsafeRawBufferPointer,
        key: PayloadTree.Span,
        into tree: inout PayloadTree
    ) throws(DecodeFailure) {
        try tree.openContainer(.object, key: key)
        let name = tree.append("bytes".utf8)
        let content = tree.append(bytes)
        try tree.addBytes(content, key: name)
        try tree.addWhole(bytes.count, key: "length")
        tree.closeContainer()
    }
}
