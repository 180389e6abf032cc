import Testing

@testable import Consensus

@Suite struct NewViewRuleTests {
    private let consortium: TestConsortium

    init() throws { self.consortium = try TestConsortium() }

    /// A certificate without signatures: the rule never looks at them.
    private func certificate(_ block: Block, view: View) -> PreparedCertificate {
        PreparedCertificate(slot: self.consortium.slot(block, view: view), votes: [])
    }

    private func viewChange(_ prepared: [PreparedCertificate]) -> ViewChange {
        ViewChange(
            epoch: 0,
            view: 9,
            stable: StablePoint(genesis: TestReader.genesis),
            prepared: prepared,
            replica: ReplicaID(0),
            signature: []
        )
    }

    @Test("nothing prepared: the leader is free")
    func free() {
        let rule = NewViewRule([self.viewChange([]), self.viewChange([])])
        #expect(rule.repeated.isEmpty)
        #expect(rule.required(at: 1) == nil)
    }

    @Test("the block of the highest view is repeated")
    func highestView() throws {
        let old = try TestReader.block(height: 1)
        let new = try TestReader.block(height: 1, salt: 1)
        let rule = NewViewRule([
            self.viewChange([self.certificate(old, view: 0)]), self.viewChange([self.certificate(new, view: 3)]),
            self.viewChange([self.certificate(old, view: 2)]),
        ])
        #expect(rule.repeated.map(\.block) == [new.hash])
    }

    @Test("the walk ends where a block does not follow from the one below, and at a gap")
    func walkEnds() throws {
        let first = try TestReader.block(height: 1)
        let rival = try TestReader.block(height: 1, salt: 1)
        let onRival = try TestReader.block(height: 2, parent: rival.hash)
        let mismatch = NewViewRule([
            self.viewChange([self.certificate(first, view: 1), self.certificate(onRival, view: 0)])
        ])
        #expect(mismatch.repeated.map(\.block) == [first.hash])
        #expect(NewViewRule([self.viewChange([self.certificate(onRival, view: 0)])]).repeated.isEmpty)
    }

    @Test("the start is the highest certified block of all")
    func start() throws {
        let first = try TestReader.block(height: 1)
        let second = try TestReader.block(height: 2, parent: first.hash)
        let ahead = ViewChange(
            epoch: 0,
            view: 9,
            stable: StablePoint(certificate: self.consortium.quorumCertificate(self.consortium.slot(first))),
            prepared: [self.certificate(second, view: 0)],
            replica: ReplicaID(1),
            signature: []
        )
        let rule = NewViewRule([self.viewChange([self.certificate(first, view: 0)]), ahead])
        #expect(rule.start.height == 1)
        #expect(rule.lastRepeated == 2)
        #expect(rule.required(at: 1) == nil)
        #expect(rule.required(at: 2)?.block == second.hash)
    }

    /// The definition by brute force: the longest chain from the start each of whose blocks has, at its height, a
    /// certificate of a view that no other certificate at that height exceeds.
    private func bruteForce(_ certificates: [PreparedCertificate]) -> [BlockHash] {
        var chain: [BlockHash] = []
        var tip = TestReader.genesis
        while true {
            let here = certificates.filter { $0.slot.height == Height(chain.count) + 1 }
            let best = here.filter { candidate in here.allSatisfy { $0.slot.view <= candidate.slot.view } }
            guard let next = best.first(where: { $0.slot.parent == tip }) else { return chain }
            chain.append(next.slot.block)
            tip = next.slot.block
        }
    }

    @Test("the same choice as by brute force, for random sets of certificates", arguments: 0..<300)
    func againstBruteForce(seed: UInt64) throws {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func random(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        // In one view all certificates of a height are for one block: that is what quorums give.
        var blocks: [[Block]] = [[try TestReader.block(height: 1), try TestReader.block(height: 1, salt: 1)]]
        for height in 2...4 as ClosedRange<Height> {
            let below = blocks[blocks.count - 1]
            blocks.append([
                try TestReader.block(height: height, parent: below[0].hash),
                try TestReader.block(height: height, parent: below[Int(random(2))].hash, salt: 1),
            ])
        }
        let perView = (0..<4).map { _ in blocks.map { $0[Int(random(2))] } }
        var viewChanges: [ViewChange] = []
        for _ in 0..<3 {
            let prepared = (0..<4).compactMap { index -> PreparedCertificate? in
                let view = random(4)
                return random(4) == 0 ? nil : self.certificate(perView[Int(view)][index], view: view)
            }
            viewChanges.append(self.viewChange(prepared))
        }
        let rule = NewViewRule(viewChanges)
        #expect(rule.repeated.map(\.block) == self.bruteForce(viewChanges.flatMap(\.prepared)))
    }
}
