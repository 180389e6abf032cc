package import CanonicalBytes

/// Hashing under domain separation tags (specification section 1.3).
package enum TaggedHash {
    /// `H(tag, f…) = SHA-256(LP(DST(tag)) || T(f…))`, 32 bytes.
    package static func digest(_ tag: String, _ fields: [UInt8]...) -> [UInt8] { self.digest(tag, list: fields) }

    /// `H` of a list of fields.
    package static func digest(_ tag: String, list fields: [[UInt8]]) -> [UInt8] {
        let hash = SHA256Stream()
        hash.update(field: domainSeparationTag(tag))
        for field in fields { hash.update(field: field) }
        return hash.finish()
    }

    /// The 48 bytes of `hash_to_field(T(f…), DST(tag), q)` before the reduction modulo `q`
    /// (RFC 9380 section 5.2 with m = 1, count = 1, L = 48).
    package static func fieldMaterial(_ tag: String, _ fields: [[UInt8]]) -> [UInt8] {
        let hash = ExpandMessage.start()
        for field in fields { hash.update(field: field) }
        return ExpandMessage.finish(hash, domain: ExpandMessage.suffix(domainSeparationTag(tag)), length: 48)
    }
}

/// `expand_message_xmd` with SHA-256 (RFC 9380 section 5.3.1).
package enum ExpandMessage {
    /// - Parameters:
    ///   - message: any bytes.
    ///   - domain: the domain separation tag; a longer one than 255 bytes is hashed first (section 5.3.3).
    ///   - length: bytes wanted, at most 8,160.
    /// - Returns: `length` bytes.
    /// - Throws: ``ProtocolFailure`` with code `FORMAT` for a length out of range.
    package static func xmd(message: [UInt8], domain: [UInt8], length: Int) throws(ProtocolFailure) -> [UInt8] {
        try require(0 <= length && length <= 255 * 32, .format, "cannot expand to \(length) bytes")
        let hash = self.start()
        hash.update(message)
        return self.finish(hash, domain: self.suffix(domain), length: length)
    }

    fileprivate static func start() -> SHA256Stream {
        let hash = SHA256Stream()
        withUnsafeBytes(of: SIMD64<UInt8>(repeating: 0)) { hash.update($0) }
        return hash
    }

    fileprivate static func suffix(_ domain: [UInt8]) -> [UInt8] {
        guard domain.count > 255 else { return domain + [UInt8(domain.count)] }
        let hash = SHA256Stream()
        hash.update(Array("H2C-OVERSIZE-DST-".utf8))
        hash.update(domain)
        return hash.finish() + [32]
    }

    /// Ends `b_0` and chains the blocks; `length` is at most 8,160.
    ///
    /// The message may be secret, so what leads to the output is wiped.
    fileprivate static func finish(_ hash: borrowing SHA256Stream, domain: [UInt8], length: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt16(length).bigEndian) { hash.update($0) }
        hash.update(0)
        hash.update(domain)
        var first = hash.finish()
        defer { first.wipe() }
        var mixed = first
        defer { mixed.wipe() }
        var output: [UInt8] = []
        output.reserveCapacity(length)
        var counter: UInt8 = 0
        repeat {
            counter += 1
            hash.restart()
            hash.update(mixed)
            hash.update(counter)
            hash.update(domain)
            var block = hash.finish()
            defer { block.wipe() }
            output.append(contentsOf: block.prefix(length - output.count))
            for index in block.indices { mixed[index] = first[index] ^ block[index] }
        } while output.count < length
        return output
    }
}
