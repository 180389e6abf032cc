package import CanonicalBytes
package import Records

extension InterchainMessage {
    /// SHA-256 of the encoding of from, to, index, type, timeoutHeight, payload and extra alone (bitxhub-model v2,
    /// `IBTP.Hash`).
    ///
    /// Proof, group, version, timestamp and debug are not covered: what must not change on the way stands in the
    /// payload or in extra, and a group is taken only from what the source's chain is proven to have said.
    package var hash: Digest {
        var covered = InterchainMessage(from: self.from, to: self.to, index: self.index)
        covered.type = self.type
        covered.timeoutHeight = self.timeoutHeight
        covered.payload = self.payload
        covered.extra = self.extra
        return .sha256(of: covered.bytes)
    }

    /// Requires that the proof's place names these bytes: on the relay chain the proof travels beside the message,
    /// which holds its SHA-256.
    ///
    /// - Throws: `CONTEXT`.
    package func requireProof(_ proof: [UInt8]) throws(ProtocolFailure) {
        try require(self.proof == Digest.sha256(of: proof).bytes, .context, "proof hash is not correct")
    }
}

extension ServiceIndices {
    /// What all messages of a group have in common: SHA-256 of the source's name and of the entries as a JSON object
    /// (bitxhub v2.8, `genGlobalTxID`).
    ///
    /// The object is written as Go's `encoding/json` writes a map: names ascending by their bytes, no spaces, and `<`,
    /// `>`, `&` escaped.
    package func groupID(from source: ServiceID) -> Digest {
        var text = Array(source.description.utf8)
        text.append(UInt8(ascii: "{"))
        for (place, entry) in self.sorted.enumerated() {
            if place > 0 { text.append(UInt8(ascii: ",")) }
            text.append(UInt8(ascii: "\""))
            for byte in entry.service.utf8 { text.append(contentsOf: Self.escaped(byte)) }
            text.append(contentsOf: "\":\(entry.index)".utf8)
        }
        text.append(UInt8(ascii: "}"))
        return .sha256(of: text)
    }

    // A service's name holds neither quotation marks nor control characters.
    private static func escaped(_ byte: UInt8) -> [UInt8] {
        switch byte {
        case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"): Array("\\u00\([byte].hex)".utf8)
        default: [byte]
        }
    }
}
