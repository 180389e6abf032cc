/// Decodes InfluxDB line protocol: `measurement,tag=value field=36.6,count=3i 1700000000000000000`.
///
/// The tree is `{"points": [{"measurement": …, "tags": {…}, "fields": {…}, "timestamp": …}, …]}`. Time stamps are the
/// integers of the text: nanoseconds by default, the device profile knows better where a device differs. Syntax after
/// "Line protocol" in the InfluxDB v2 reference.
package enum LineProtocolDecoder {
    /// Adds the points as one value: the root of an empty tree, or a member or element of the open container.
    ///
    /// Lines end with LF or CR LF; blank lines and `#` comments are skipped. After a failure the tree must be reset.
    ///
    /// - Parameters:
    ///   - bytes: The payload, UTF-8.
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
        try UTF8Validation.check(bytes)
        let copy = tree.append(bytes)
        var reader = LineProtocolReader(bytes: bytes, arenaStart: copy.start)
        try tree.openContainer(.object, key: key)
        try tree.openContainer(.array, key: "points")
        while reader.skipToPoint() { try reader.point(into: &tree) }
        tree.closeContainer()
        tree.closeContainer()
    }
}
