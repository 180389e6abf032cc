package import CanonicalBytes
internal import Crypto

/// Hashing under domain separation tags (specification section 1.3).
package enum TaggedHash {
    /// `H(tag, f…) = SHA-256(LP(DST(tag)) || T(f…))`, 32 bytes.
    package static func digest(_ tag: String, _ fields: [UInt8]...) -> [UInt8] {
        var hash = SHA256()
        hash.update(field: domainSeparationTag(tag))
        for field in fields { hash.update(field: field) }
        return Array(hash.finalize())
    }

    /// The 48 bytes of `hash_to_field(T(f…), DST(tag), q)` before the reduction modulo `q`
    /// (RFC 9380 section 5.2 with m = 1, count = 1, L = 48).
    package static func fieldMaterial(_ tag: String, _ fields: [[UInt8]]) -> [UInt8] {
        var first = ExpandMessage.start()
        for field in fields { first.update(field: field) }
        return ExpandMessage.finish(first, domain: ExpandMessage.suffix(domainSeparationTag(tag)), length: 48)
    }
}

/// `expand_message_xmd` with SHA-256 (RFC 9380 section 5.3.1).
package enum ExpandMessage {
    /// - Parameters:
    ///   - message: any bytes.
    ///   - domain: the domain separation tag; a longer one than 255 bytes is hashed first (section 5.3.3).
    ///   - length: bytes wanted, at most 8,160.
    /// - Throws: ``ProtocolFailure`` with code `FORMAT` for a length out of range.
    package static func xmd(message: [UInt8], domain: [UInt8], length: Int) throws(ProtocolFailure) -> [UInt8] {
        try require(0 <= length && length <= 255 * 32, .format, "cannot expand to \(length) bytes")
        var first = self.start()
        message.withUnsafeBytes { first.update(bufferPointer: $0) }
        return self.finish(first, domain: self.suffix(domain), length: length)
    }

    fileprivate static func start() -> SHA256 {
        var hash = SHA256()
        withUnsafeBytes(of: SIMD64<UInt8>(repeating: 0)) { hash.update(bufferPointer: $0) }
        return hash
    }

    fileprivate static func suffix(_ domain: [UInt8]) -> [UInt8] {
        guard domain.count > 255 else { return domain + [UInt8(domain.count)] }
        return Array(SHA256.hash(data: Array("H2C-OVERSIZE-DST-".utf8) + domain)) + [32]
    }

    /// Ends `b_0` and chains the blocks; `length` is at most 8,160.
    fileprivate static func finish(_ started: SHA256, domain: [UInt8], length: Int) -> [UInt8] {
        var first = started
        first.update(bytes: UInt16(length).bigEndianBytes + [0] + domain)
        let b0 = Array(first.finalize())
        var output: [UInt8] = []
        output.reserveCapacity(length + 31)
        var previous = [UInt8](repeating: 0, count: 32)
        var counter: UInt8 = 0
        repeat {
            counter += 1
            var block = SHA256()
            block.update(bytes: zip(b0, previous).map { $0 ^ $1 } + [counter] + domain)
            previous = Array(block.finalize())
            output += previous
        } while output.count < length
        output.removeLast(output.count - length)
        return output
    }
}

extension SHA256 {
    mutating func update(bytes: [UInt8]) { bytes.withUnsafeBytes { self.update(bufferPointer: $0) } }

    /// Hashes `LP(field)` without copying the field.
    mutating func update(field: [UInt8]) {
        withUnsafeBytes(of: UInt32(field.count).bigEndian) { self.update(bufferPointer: $0) }
        self.update(bytes: field)
    }
}
