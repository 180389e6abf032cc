/// HKDF-SHA256 (RFC 5869) under a domain separation tag.
package enum KeyDerivation {
    /// `HKDF(tag, ikm, info, len)` with the tag as salt (specification section 1.3).
    ///
    /// - Parameters:
    ///   - tag: of the derivation's use.
    ///   - secret: the input keying material.
    ///   - info: what the key is bound to.
    ///   - length: bytes wanted, at most 8,160.
    /// - Returns: `length` bytes; the caller wipes them.
    package static func hkdf(_ tag: String, secret: [UInt8], info: [UInt8], length: Int) -> [UInt8] {
        precondition(length <= 255 * SHA256Stream.length)
        let hash = SHA256Stream()
        var key = self.authenticate(hash, key: domainSeparationTag(tag), secret)
        defer { key.wipe() }
        var output: [UInt8] = []
        output.reserveCapacity(length)
        var block: [UInt8] = []
        defer { block.wipe() }
        var counter: UInt8 = 0
        while output.count < length {
            counter += 1
            var next = self.authenticate(hash, key: key, block, info, [counter])
            swap(&next, &block)
            next.wipe()
            output.append(contentsOf: block.prefix(length - output.count))
        }
        return output
    }

    /// HMAC-SHA256 (RFC 2104) of the parts behind each other.
    private static func authenticate(
        _ hash: borrowing SHA256Stream,
        key: [UInt8],
        _ parts: [UInt8]...
    ) -> [UInt8] {
        var pad = [UInt8](repeating: 0x36, count: SHA256Stream.blockLength)
        defer { pad.wipe() }
        self.mix(key, into: &pad, hash)
        hash.restart()
        hash.update(pad)
        for part in parts { hash.update(part) }
        var inner = hash.finish()
        defer { inner.wipe() }
        for index in pad.indices { pad[index] ^= 0x36 ^ 0x5c }
        hash.restart()
        hash.update(pad)
        hash.update(inner)
        return hash.finish()
    }

    /// A key longer than a block is hashed first.
    private static func mix(_ key: [UInt8], into pad: inout [UInt8], _ hash: borrowing SHA256Stream) {
        guard key.count > pad.count else {
            for index in key.indices { pad[index] ^= key[index] }
            return
        }
        hash.restart()
        hash.update(key)
        self.mix(hash.finish(), into: &pad, hash)
    }
}
