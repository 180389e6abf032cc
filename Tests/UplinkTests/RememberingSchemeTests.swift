import Consensus
import Synchronization
import Testing
import Uplink

@Suite struct RememberingSchemeTests {
    /// Takes proofs that repeat the bytes, and counts how often it is asked.
    private final class CountingScheme: SignatureScheme {
        private let counted = Mutex(0)

        var count: Int { self.counted.withLock { $0 } }

        var certificateVersion: CertificateVersion { .ed25519MultiSignature }
        var checksSharesJointly: Bool { false }
        func accepts(keysOf member: Member) -> Bool { true }
        func verify(_ signature: [UInt8], of bytes: [UInt8], by member: Member) -> Bool { true }
        func verifyShare(_ share: [UInt8], of bytes: [UInt8], by member: Member) -> Bool { true }
        func combine(_ shares: [[UInt8]]) -> [UInt8] { [] }

        func verifyCertificate(_ proof: [UInt8], of bytes: [UInt8], by members: [Member]) -> Bool {
            self.counted.withLock { $0 += 1 }
            return proof == bytes
        }
    }

    private static func member(_ number: UInt8) -> Member {
        Member(id: ReplicaID(UInt16(number)), votingKey: [number], shareKey: [number, 1])
    }

    @Test("A certificate is checked once; another proof, other bytes and other signers are checked anew")
    func once() {
        let counting = CountingScheme()
        let scheme = RememberingScheme(counting)
        let members = [Self.member(1), Self.member(2)]
        for _ in 0..<3 { #expect(scheme.verifyCertificate([7], of: [7], by: members)) }
        #expect(counting.count == 1)
        #expect(!scheme.verifyCertificate([8], of: [7], by: members))
        #expect(scheme.verifyCertificate([9], of: [9], by: members))
        #expect(scheme.verifyCertificate([7], of: [7], by: [Self.member(1)]))
        #expect(counting.count == 4)
    }

    @Test("What does not hold is not remembered")
    func failures() {
        let counting = CountingScheme()
        let scheme = RememberingScheme(counting)
        for _ in 0..<2 { #expect(!scheme.verifyCertificate([8], of: [7], by: [Self.member(1)])) }
        #expect(counting.count == 2)
    }

    @Test("Old certificates are forgotten, the latest are not")
    func bounded() {
        let counting = CountingScheme()
        let scheme = RememberingScheme(counting)
        let many = (0..<600).map { [UInt8($0 / 256), UInt8($0 % 256)] }
        for bytes in many { #expect(scheme.verifyCertificate(bytes, of: bytes, by: [])) }
        #expect(scheme.verifyCertificate(many[599], of: many[599], by: []))
        #expect(counting.count == 600)
        #expect(scheme.verifyCertificate(many[0], of: many[0], by: []))
        #expect(counting.count == 601)
    }
}
