import CanonicalBytes
import FiniteFields
import Testing

@testable import SecretSharing

@Suite struct SecretFrTests {
    /// The group order r.
    private static let order = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001"

    @Test(
        arguments: [
            (String(repeating: "00", count: 32), .scalar), (Self.order, .scalar),
            (String(repeating: "ff", count: 32), .scalar), ("", .format), ("01", .format),
            (String(repeating: "01", count: 33), .format),
        ] as [(String, ProtocolFailure.Code)]
    )
    func whatIsNoSecretIsRefused(_ hex: String, _ code: ProtocolFailure.Code) throws {
        let bytes = try #require([UInt8](hex: hex))
        let failure = #expect(throws: ProtocolFailure.self) { try SecretFr(bytes: bytes) }
        #expect(failure?.code == code)
    }

    @Test(arguments: ["01", "02", "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000000"])
    func theEndsOfTheRangeAreSecrets(_ hex: String) throws {
        let padded = String(repeating: "0", count: 64 - hex.count) + hex
        let bytes = try #require([UInt8](hex: padded))
        #expect(try SecretFr(bytes: bytes).secretBytes() == bytes)
    }

    @Test func zeroIsNoSecret() {
        #expect(throws: ProtocolFailure.self) { try SecretFr(.zero) }
    }

    @Test func randomSecretsDiffer() {
        let secrets = (0..<32).map { _ in SecretFr.random().secretBytes() }
        #expect(Set(secrets).count == secrets.count)
    }

    @Test func aWipedScalarIsZero() {
        var scalar = Fr.random()
        scalar.wipe()
        #expect(scalar.isZero)
    }

    @Test func aCellLendsItsValueAgainAndAgain() {
        let cell = SecretCell(UInt64(0x0102_0304_0506_0708))
        for _ in 0..<3 { #expect(cell.withValue { $0 } == 0x0102_0304_0506_0708) }
    }

    @Test func whatTheUserOfALentValueThrowsComesOut() {
        let cell = SecretCell(UInt64(1))
        #expect(throws: ProtocolFailure.self) {
            try cell.withValue { (_) throws(ProtocolFailure) in throw ProtocolFailure(.key, "thrown") }
        }
    }
}
