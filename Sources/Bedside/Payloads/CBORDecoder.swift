/// Decodes CBOR (RFC 8949), definite and indefinite lengths, any well-formed encoding.
///
/// Integers, bignums (tags 2, 3) and decimal fractions (tag 4) are exact; binary floating-point numbers become the
/// shortest decimal that reads back as the same number in their own precision, so a single-precision 36.6 is 36.6;
/// NaN and infinities become ``PayloadTree/Absence``. Other tags are transparent: times (tags 0, 1) are the text or
/// number they tag. Map keys are texts, or integers, which become their decimal text. `undefined` reads as null.
package enum CBORDecoder {
    /// Adds the data item as one value: the root of an empty tree, or a member or element of the open container.
    ///
    /// After a failure the tree holds a partial value and must be reset.
    ///
    /// - Parameters:
    ///   - bytes: The payload.
    ///   - key: The member name when the open container is an object.
    ///   - tree: The tree to add to.
    ///   - bytesMax: The largest payload accepted, in bytes.
    /// - Throws: ``DecodeFailure``; its offsets count from the start of `bytes`.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer,
        key: PayloadTree.Span = .none,
        into tree: inout PayloadTree,
        bytesMax: Int = PayloadBounds.payloadBytesMax
    ) throws(DecodeFailure) {
        try PayloadBounds.check(bytes, bytesMax: bytesMax)
        let copy = tree.append(bytes)
        var reader = CBORReader(bytes: bytes, arenaStart: copy.start)
        try reader.value(key: key, into: &tree)
        guard reader.position == bytes.count else {
            throw DecodeFailure(.trailingBytes, "something follows the CBOR data item", offset: reader.position)
        }
    }
}
