import Records
import Testing

@Suite struct DigestTests {
    @Test(
        "SHA-256 gives the digests of FIPS 180-4",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ]
    )
    func vectors(text: String, hex: String) throws {
        let digest = Digest.sha256(of: Array(text.utf8))
        #expect(digest.description == hex)
        #expect(Digest(hex: hex.uppercased().utf8) == digest)
        #expect(Digest(bytes: digest.bytes) == digest)
        var written = Array("x".utf8)
        digest.writeHex(to: &written)
        #expect(written == Array(("x" + hex).utf8))
    }

    @Test(
        "Text that is not 64 hexadecimal digits is no digest",
        arguments: ["", "00", String(repeating: "0", count: 63) + "g", String(repeating: "0", count: 65)]
    )
    func refuses(text: String) {
        #expect(Digest(hex: text.utf8) == nil)
    }

    @Test("A field is hashed behind its length in four bytes")
    func lengthPrefix() {
        var builder = Digest.Builder()
        builder.append("ab")
        builder.append([0xff])
        builder.append(UInt64(258))
        let flat: [UInt8] = [0, 0, 0, 2, 0x61, 0x62, 0, 0, 0, 1, 0xff, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 1, 2]
        #expect(builder.finish() == Digest.sha256(of: flat))
        builder.append(Digest.sha256(of: []))
        #expect(builder.finish() == Digest.sha256(of: flat + [0, 0, 0, 32] + Digest.sha256(of: []).bytes))
    }

    @Test("Fields that concatenate to the same bytes have different digests")
    func boundaries() {
        var first = Digest.Builder()
        first.append("ab")
        first.append("c")
        var second = Digest.Builder()
        second.append("a")
        second.append("bc")
        #expect(first.finish() != second.finish())
    }

    @Test("Bytes of another count are no digest")
    func length() {
        #expect(Digest(bytes: [UInt8](repeating: 0, count: 31)) == nil)
    }
}
