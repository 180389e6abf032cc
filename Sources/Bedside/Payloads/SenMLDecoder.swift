/// Decodes SenML packs (RFC 8428) in JSON or CBOR and resolves their records (§4.6).
///
/// The tree is `{"records": [{"n": …, "bn": …, "name": …, "u": …, "v" | "vs" | "vb" | "vd": …, "s": …,
/// "t" | "relative_t": …, "ut": …}, …]}`: `n` is the full name, `bn` and `name` its two parts; `t` is absolute Unix
/// time in seconds, `relative_t` seconds relative to now (§4.5.3); `vd` holds bytes. All arithmetic is exact.
/// A record of base fields alone resolves to nothing.
package enum SenMLDecoder {
    /// In which of its representations a pack comes.
    package enum Encoding: String, Sendable, CaseIterable {
        /// `application/senml+json` (RFC 8428 §5).
        case json
        /// `application/senml+cbor` (RFC 8428 §6).
        case cbor
    }

    /// Adds the resolved pack as one value: the root of an empty tree, or a member or element of the open container.
    ///
    /// After a failure the tree holds a partial value and must be reset.
    ///
    /// - Parameters:
    ///   - bytes: The payload.
    ///   - encoding: JSON or CBOR.
    ///   - key: The member name when the open container is an object.
    ///   - tree: The tree to add to.
    ///   - bytesMax: The largest payload accepted, in bytes.
    /// - Throws: ``DecodeFailure``; unsupported for a version above 10 and for unknown labels that end in `_`.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer,
        encoding: Encoding,
        key: PayloadTree.Span = .none,
        into tree: inout PayloadTree,
        bytesMax: Int = PayloadBounds.payloadBytesMax
    ) throws(DecodeFailure) {
        var pack = PayloadTree()
        try self.decode(bytes, encoding: encoding, key: key, into: &tree, scratch: &pack, bytesMax: bytesMax)
    }

    /// As above, with memory for the unresolved pack that the caller keeps from message to message.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer,
        encoding: Encoding,
        key: PayloadTree.Span = .none,
        into tree: inout PayloadTree,
        scratch pack: inout PayloadTree,
        bytesMax: Int = PayloadBounds.payloadBytesMax
    ) throws(DecodeFailure) {
        pack.reset()
        switch encoding {
        case .json: try JSONTextDecoder.decode(bytes, into: &pack, bytesMax: bytesMax)
        case .cbor: try CBORDecoder.decode(bytes, into: &pack, bytesMax: bytesMax)
        }
        guard pack.kind(.root) == .array else {
            throw DecodeFailure(.malformed, "a SenML pack is an array of records", offset: 0)
        }
        var resolver = SenMLResolver(encoding: encoding)
        try tree.openContainer(.object, key: key)
        try tree.openContainer(.array, key: "records")
        var next = pack.firstChild(.root)
        while let record = next {
            try resolver.resolve(record, of: pack, into: &tree)
            next = pack.nextSibling(record)
        }
        tree.closeContainer()
        tree.closeContainer()
    }
}
