import CanonicalBytes
import Testing

@testable import Consensus

@Suite struct CertificateTests {
    private let consortium: TestConsortium
    private let slot: Slot

    init() throws {
        self.consortium = try TestConsortium()
        self.slot = self.consortium.slot(try TestReader.block(height: 1), view: 2)
    }

    private func isValid(_ certificate: QuorumCertificate) -> Bool {
        certificate.isValid(chain: TestConsortium.chain, committee: self.consortium.committee, scheme: Ed25519Scheme())
    }

    @Test(
        "a quorum's certificate holds, for every quorum",
        arguments: [[0, 1, 2], [0, 1, 3], [1, 2, 3], [0, 1, 2, 3]]
    )
    func holds(signers: [Int]) { #expect(self.isValid(self.consortium.quorumCertificate(self.slot, by: signers))) }

    @Test("fewer than a quorum, and a signer counted twice, are refused")
    func tooFew() {
        #expect(!self.isValid(self.consortium.quorumCertificate(self.slot, by: [0, 1])))
        #expect(!self.isValid(self.consortium.quorumCertificate(self.slot, by: [0, 1, 1])))
    }

    @Test("shares of different views never make a certificate")
    func crossView() throws {
        let later = Slot(epoch: 0, view: 3, height: 1, block: self.slot.block, parent: self.slot.parent)
        let mixed = QuorumCertificate(
            joining: [
                self.consortium.commit(self.slot, by: 0), self.consortium.commit(self.slot, by: 1),
                self.consortium.commit(later, by: 2),
            ],
            committee: self.consortium.committee,
            scheme: Ed25519Scheme()
        )
        #expect(!self.isValid(mixed))
    }

    @Test("every single changed byte is refused")
    func mutations() throws {
        var writer = CanonicalWriter()
        self.consortium.quorumCertificate(self.slot).write(to: &writer)
        for position in writer.bytes.indices {
            var changed = writer.bytes
            changed[position] ^= 1 << UInt8(position % 8)
            var reader = CanonicalReader(changed)
            guard let certificate = try? QuorumCertificate(from: &reader), reader.remaining == 0 else { continue }
            #expect(!self.isValid(certificate), "byte \(position)")
        }
    }

    @Test("a prepared certificate needs a quorum of distinct members")
    func prepared() {
        let verifier = self.consortium.verifier
        #expect(verifier.isValid(self.consortium.certificate(self.slot, by: [0, 2, 3])))
        #expect(!verifier.isValid(self.consortium.certificate(self.slot, by: [0, 2])))
        #expect(!verifier.isValid(self.consortium.certificate(self.slot, by: [0, 2, 2])))
    }
}
