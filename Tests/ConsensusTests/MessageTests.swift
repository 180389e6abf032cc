import CanonicalBytes
import Testing

@testable import Consensus

@Suite struct MessageTests {
    private let consortium: TestConsortium
    private let block: Block
    private let slot: Slot

    init() throws {
        self.consortium = try TestConsortium()
        self.block = try TestReader.block(height: 1)
        self.slot = self.consortium.slot(self.block)
    }

    private var messages: [Message] {
        let certificate = self.consortium.certificate(self.slot, by: [0, 1, 2])
        let viewChanges = [1, 2, 3].map { self.consortium.viewChange(to: 1, prepared: [certificate], by: $0) }
        let status = Status(epoch: 1, view: 2, isChangingView: true, committed: 3, earliest: 1)
        let certified = CertifiedBlock(block: self.block, certificate: self.consortium.quorumCertificate(self.slot))
        return [
            .prePrepare(PrePrepare(vote: self.consortium.prepare(self.slot, by: 0), block: self.block)),
            .prepare(self.consortium.prepare(self.slot, by: 1)), .commit(self.consortium.commit(self.slot, by: 2)),
            .viewChange(viewChanges[0]), .newView(self.consortium.newView(1, viewChanges, by: 1)), .status(status),
            .blockRequest(from: 7), .blocks([certified, certified]), .bodyRequest(self.block.hash), .body(self.block),
        ]
    }

    @Test("every message is read back as it was written, and any shorter or longer form is refused")
    func roundTrip() throws {
        for message in self.messages {
            let bytes = message.bytes
            #expect(try Message(bytes: bytes, blocks: TestReader()) == message)
            for length in stride(from: 0, to: bytes.count, by: 1 + bytes.count / 97) {
                #expect(throws: ProtocolFailure.self) {
                    try Message(bytes: Array(bytes[..<length]), blocks: TestReader())
                }
            }
            #expect(throws: ProtocolFailure.self) { try Message(bytes: bytes + [0], blocks: TestReader()) }
        }
    }

    @Test("every log record is read back as it was written")
    func records() throws {
        let prepare = self.consortium.prepare(self.slot, by: 1)
        let proposal = PrePrepare(vote: self.consortium.prepare(self.slot, by: 0), block: self.block)
        let certificate = self.consortium.certificate(self.slot, by: [0, 1, 2])
        let viewChange = self.consortium.viewChange(to: 1, prepared: [certificate], by: 1)
        let records: [LogRecord] = [
            .prepared(proposal, own: prepare),
            .committing(certificate, self.block, own: self.consortium.commit(self.slot, by: 1)),
            .viewChange(viewChange), .newView(self.consortium.newView(1, [viewChange], by: 1)),
            .committed(CertifiedBlock(block: self.block, certificate: self.consortium.quorumCertificate(self.slot))),
        ]
        for record in records {
            #expect(try LogRecord(bytes: record.bytes, blocks: TestReader()) == record)
            #expect(throws: ProtocolFailure.self) {
                try LogRecord(bytes: Array(record.bytes.dropLast()), blocks: TestReader())
            }
        }
    }

    @Test("evidence is read back as it was written, and holds in a later epoch too")
    func evidence() throws {
        let other = self.consortium.slot(try TestReader.block(height: 1, salt: 1))
        let evidence: [Evidence] = [
            .prepares(self.consortium.prepare(self.slot, by: 1), self.consortium.prepare(other, by: 1)),
            .commits(self.consortium.commit(self.slot, by: 1), self.consortium.commit(other, by: 1)),
            .crossed(self.consortium.prepare(self.slot, by: 1), self.consortium.commit(other, by: 1)),
        ]
        var history = CommitteeHistory(genesis: self.consortium.committee)
        let next = Committee(epoch: 1, members: Array(self.consortium.committee.members.dropFirst()))
        history.follow(try #require(next), after: 5)
        let later = MessageVerifier(
            chain: TestConsortium.chain,
            genesis: TestReader.genesis,
            committees: history,
            window: 4,
            scheme: Ed25519Scheme()
        )
        for piece in evidence {
            #expect(try Evidence(bytes: piece.bytes) == piece)
            #expect(throws: ProtocolFailure.self) { try Evidence(bytes: Array(piece.bytes.dropLast())) }
            #expect(piece.holds(under: later))
        }
        let innocent = self.consortium.prepare(self.slot, by: 1)
        #expect(!Evidence.prepares(innocent, self.consortium.prepare(other, by: 2)).holds(under: later))
    }

    @Test("a changed byte in a signed message is refused by decoding or by verification")
    func mutations() throws {
        let verifier = self.consortium.verifier
        for message in self.messages.prefix(5) {
            _ = try verifier.verify(message, from: ReplicaID(0))
            let bytes = message.bytes
            for position in stride(from: 1, to: bytes.count, by: 1 + bytes.count / 150) {
                var changed = bytes
                changed[position] ^= 0x21
                guard let decoded = try? Message(bytes: changed, blocks: TestReader()) else { continue }
                #expect(throws: VerificationFailure.self, "byte \(position)") {
                    try verifier.verify(decoded, from: ReplicaID(0))
                }
            }
        }
    }

    @Test("the commit message is the transcript of the specification")
    func commitMessage() {
        var expected = CanonicalWriter()
        expected.lengthPrefixed("WARDLINE-V1-COMMIT")
        expected.lengthPrefixed("test")
        expected.lengthPrefixed("access")
        for number in [1, 2, 3] as [UInt64] { expected.lengthPrefixed(number.bigEndianBytes) }
        expected.lengthPrefixed(self.block.hash.bytes)
        let message = TestConsortium.chain.commitMessage(epoch: 1, view: 2, height: 3, block: self.block.hash)
        #expect(message == expected.bytes)
    }
}
