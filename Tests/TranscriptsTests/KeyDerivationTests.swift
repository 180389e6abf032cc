import CanonicalBytes
import Crypto
import Testing
import Transcripts

@Suite struct KeyDerivationTests {
    /// RFC 5869, section 2, said with HMAC alone.
    private func hkdf(salt: [UInt8], secret: [UInt8], info: [UInt8], length: Int) -> [UInt8] {
        func hmac(_ key: [UInt8], _ message: [UInt8]) -> [UInt8] {
            Array(HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key)))
        }
        let key = hmac(salt, secret)
        var (output, block): ([UInt8], [UInt8]) = ([], [])
        for counter in 1... where output.count < length {
            block = hmac(key, block + info + [UInt8(counter)])
            output += block
            if output.count >= length { break }
        }
        return Array(output.prefix(length))
    }

    /// RFC 5869, appendices A.1 and A.3: they show that the comparison below compares with HKDF.
    @Test func theComparisonIsRFC5869() {
        let secret = [UInt8](repeating: 0x0B, count: 22)
        let first = self.hkdf(salt: Array(0...12), secret: secret, info: Array(0xF0...0xF9), length: 42)
        #expect(
            first.hex == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
        )
        let third = self.hkdf(salt: [], secret: secret, info: [], length: 42)
        #expect(
            third.hex == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
        )
    }

    @Test(arguments: [1, 31, 32, 33, 44, 64, 255 * 32])
    func keysAreDerivedAsInRFC5869UnderTheTag(_ length: Int) {
        let (secret, info) = (SecureRandom.bytes(33), SecureRandom.bytes(20))
        let expected = self.hkdf(salt: Array("WARDLINE-V1-TEST".utf8), secret: secret, info: info, length: length)
        #expect(KeyDerivation.hkdf("TEST", secret: secret, info: info, length: length) == expected)
    }
}
