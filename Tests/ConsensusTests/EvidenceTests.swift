import CanonicalBytes
import Testing

@testable import Consensus

@Suite struct EvidenceTests {
    private let consortium: TestConsortium
    private let slot: Slot
    private let other: Slot

    init() throws {
        self.consortium = try TestConsortium()
        self.slot = self.consortium.slot(try TestReader.block(height: 1))
        self.other = self.consortium.slot(try TestReader.block(height: 1, salt: 1))
    }

    private func holds(_ evidence: Evidence, committees: CommitteeHistory? = nil) -> Bool {
        evidence.holds(
            chain: TestConsortium.chain,
            committees: committees ?? CommitteeHistory(genesis: self.consortium.committee),
            scheme: Ed25519Scheme()
        )
    }

    /// One of each kind, all true, against member 1.
    private var pieces: [Evidence] {
        let forged = self.consortium.certificate(self.slot, by: [0, 1])
        let good = self.consortium.certificate(self.slot, by: [0, 1, 2])
        let viewChange = self.consortium.viewChange(to: 1, prepared: [good], by: 1)
        let second = self.consortium.viewChange(to: 1, by: 1)
        return [
            .prepares(self.consortium.prepare(self.slot, by: 1), self.consortium.prepare(self.other, by: 1)),
            .commits(self.consortium.commit(self.slot, by: 1), self.consortium.commit(self.other, by: 1)),
            .crossed(self.consortium.prepare(self.slot, by: 1), self.consortium.commit(self.other, by: 1)),
            .viewChanges(viewChange, second),
            .newViews(
                self.consortium.newView(1, [viewChange], by: 1),
                self.consortium.newView(1, [second], by: 1)
            ), .forgedCertificate(self.consortium.viewChange(to: 1, prepared: [forged], by: 1)),
        ]
    }

    @Test("every kind stands alone, from its bytes and the committees")
    func standsAlone() throws {
        for piece in self.pieces {
            let read = try Evidence(bytes: piece.bytes)
            #expect(read == piece)
            #expect(read.culprit == ReplicaID(1))
            #expect(read.epoch == 0)
            #expect(self.holds(read))
        }
    }

    @Test("a message contradicts nothing but another one")
    func twice() {
        let vote = self.consortium.prepare(self.slot, by: 1)
        let commit = self.consortium.commit(self.slot, by: 1)
        let viewChange = self.consortium.viewChange(to: 1, by: 1)
        #expect(!self.holds(.prepares(vote, vote)))
        #expect(!self.holds(.commits(commit, commit)))
        #expect(!self.holds(.crossed(vote, commit)))
        #expect(!self.holds(.viewChanges(viewChange, viewChange)))
        let later = self.consortium.viewChange(to: 2, by: 1)
        #expect(!self.holds(.viewChanges(viewChange, later)))
        #expect(!self.holds(.forgedCertificate(viewChange)))
        let good = self.consortium.certificate(self.slot, by: [0, 1, 2])
        #expect(!self.holds(.forgedCertificate(self.consortium.viewChange(to: 1, prepared: [good], by: 1))))
    }

    @Test("two members' messages accuse neither of them")
    func twoSigners() {
        let first = self.consortium.prepare(self.slot, by: 1)
        #expect(!self.holds(.prepares(first, self.consortium.prepare(self.other, by: 2))))
        let moved = Prepare(slot: self.other, replica: ReplicaID(1), signature: first.signature)
        #expect(!self.holds(.prepares(first, moved)))
    }

    @Test("no changed byte leaves evidence against somebody else, or of another chain")
    func mutations() {
        let elsewhere = ChainContext(chain: Array("test".utf8), channel: "index")
        let committees = CommitteeHistory(genesis: self.consortium.committee)
        for piece in self.pieces {
            #expect(!piece.holds(chain: elsewhere, committees: committees, scheme: Ed25519Scheme()))
            let bytes = piece.bytes
            for position in stride(from: 0, to: bytes.count, by: 1 + bytes.count / 60) {
                var changed = bytes
                changed[position] ^= 0x11
                guard let read = try? Evidence(bytes: changed), self.holds(read) else { continue }
                // Inside a forged certificate or the signature of somebody else's vote it stays a forgery.
                #expect(read.culprit == ReplicaID(1), "byte \(position)")
            }
        }
    }

    @Test("evidence of an epoch that has gone still holds, of one that is unknown it does not")
    func epochs() throws {
        var later = CommitteeHistory(genesis: self.consortium.committee)
        let members = Array(self.consortium.committee.members.dropFirst())
        later.follow(try #require(Committee(epoch: 1, members: members)), after: 5)
        for piece in self.pieces { #expect(self.holds(piece, committees: later)) }
        let unknown = CommitteeHistory(
            genesis: try #require(Committee(epoch: 3, members: self.consortium.committee.members))
        )
        for piece in self.pieces { #expect(!self.holds(piece, committees: unknown)) }
    }

    @Test("a refused view change with a forged certificate gives evidence; other refused messages do not")
    func refused() throws {
        let verifier = self.consortium.verifier
        let forged = self.consortium.certificate(self.slot, by: [0, 1])
        let lie = self.consortium.viewChange(to: 1, prepared: [forged], by: 2)
        let honest = [0, 1].map { self.consortium.viewChange(to: 1, by: $0) }
        #expect(verifier.evidence(in: .viewChange(lie))?.culprit == ReplicaID(2))
        #expect(
            verifier.evidence(in: .newView(self.consortium.newView(1, honest + [lie], by: 1)))?.culprit == ReplicaID(2)
        )
        // Somebody else's signature on the lie accuses nobody.
        let framed = ViewChange(
            epoch: 0,
            view: 1,
            stable: lie.stable,
            prepared: lie.prepared,
            replica: ReplicaID(0),
            signature: lie.signature
        )
        #expect(verifier.evidence(in: .viewChange(framed)) == nil)
        #expect(verifier.evidence(in: .viewChange(honest[0])) == nil)
        #expect(verifier.evidence(in: .prepare(self.consortium.prepare(self.slot, by: 1))) == nil)
    }
}
