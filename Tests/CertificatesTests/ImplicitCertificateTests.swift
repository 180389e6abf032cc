import CanonicalBytes
import P256Group
import Testing
import Transcripts

@testable import Certificates

@Suite struct ImplicitCertificateTests {
    @Test func aCertificateIsReadAsItWasWritten() throws {
        let certificate = try Issuance().certificate
        let parsed = try ImplicitCertificate(bytes: certificate.bytes)
        #expect(parsed == certificate)
        #expect(parsed.fields == certificate.fields)
        #expect(parsed.digest == TaggedHash.digest("ECQV-CERT-ID", certificate.bytes))
        #expect(parsed.has(attribute: "role:gateway"))
        #expect(!parsed.has(attribute: "role:custodian"))
    }

    @Test func anyFlippedBitIsRefusedOrYieldsAnotherKey() throws {
        let issuance = try Issuance()
        let key = try issuance.issuer.publicKey(of: issuance.certificate, at: nil)
        var parsed = 0
        for bit in 0..<issuance.certificate.bytes.count * 8 {
            var bytes = issuance.certificate.bytes
            bytes[bit / 8] ^= 1 << (bit % 8)
            guard let damaged = try? ImplicitCertificate(bytes: bytes) else { continue }
            parsed += 1
            #expect(damaged.digest != issuance.certificate.digest)
            #expect(try issuance.issuer.hash(of: damaged) != issuance.issuer.hash(of: issuance.certificate))
            if let other = try? issuance.issuer.publicKey(of: damaged, at: nil) {
                #expect(other != key, "bit \(bit)")
            }
        }
        #expect(parsed > 0)
    }

    @Test func anyCutOrAppendedByteIsRefused() throws {
        let bytes = try Issuance().certificate.bytes
        for length in 0..<bytes.count {
            #expect(
                code {
                    _ = try ImplicitCertificate(bytes: Array(bytes[..<length]))
                } == .format
            )
        }
        #expect(code { _ = try ImplicitCertificate(bytes: bytes + [0]) } == .format)
    }

    @Test(arguments: [
        ["role"], ["role:"], [":x"], ["a:b:c"], ["a b:c"], ["é:x"], ["a:b", "a:b"], ["b:x", "a:x"], [""], ["level=5"],
        ["a:b "], ["a:b\u{0}"],
    ])
    func attributesOutOfFormOrOrderAreRefused(_ attributes: [String]) {
        #expect(
            code {
                _ = try ImplicitCertificate(
                    Issuance.fields(attributes: attributes),
                    reconstructionPoint: P256Point.generator.encoded()
                )
            } == .format
        )
    }

    @Test func aWindowThatEndsBeforeItBeginsIsRefused() {
        var fields = Issuance.fields()
        fields.notAfter = fields.notBefore - 1
        #expect(
            code {
                _ = try ImplicitCertificate(fields, reconstructionPoint: P256Point.generator.encoded())
            } == .format
        )
    }

    @Test func moreAttributesThanTheirCountHoldsAreRefused() {
        let attributes = (0...65_535).map { "a:" + String(1_000_000 + $0) }
        #expect(
            code {
                _ = try ImplicitCertificate(
                    Issuance.fields(attributes: attributes),
                    reconstructionPoint: P256Point.generator.encoded()
                )
            } == .format
        )
    }

    @Test(
        arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82]] as [[UInt8]]
    )
    func textThatIsNotUTF8IsRefused(_ text: [UInt8]) throws {
        let point = try P256Point.generator.encoded()
        let tail = [UInt8](repeating: 0, count: 17 + 2 + 4)
        let issuer = Array("WLC1".utf8) + transcript(text) + [UInt8](repeating: 0, count: 8) + transcript([]) + tail
        let subject = Array("WLC1".utf8) + transcript([97]) + [UInt8](repeating: 0, count: 8) + transcript(text) + tail
        for bytes in [issuer + point, subject + point] {
            #expect(code { _ = try ImplicitCertificate(bytes: bytes) } == .format)
        }
    }
}
