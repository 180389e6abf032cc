import Testing

@testable import PeerTransport

@Suite struct OutgoingQueueTests {
    private func frame(_ kind: UInt8, _ count: Int = 36) -> Frame {
        Frame(kind: kind, bytes: [UInt8](repeating: kind, count: count))
    }

    /// A queue whose lanes hold three frames of 36 bytes.
    private func queue(_ policy: OverflowPolicy) -> OutgoingQueue {
        OutgoingQueue { _ in QueueLimit(bytes: 300, policy: policy) }
    }

    @Test func `urgent classes go first, and each in order`() {
        var queue = self.queue(.dropNewest)
        for (kind, frameClass) in [(1, FrameClass.transactions), (2, .sync), (3, .votes), (4, .proposals), (5, .votes)]
        {
            #expect(queue.append(self.frame(UInt8(kind)), frameClass) == true)
        }
        #expect(queue.take(upTo: .max).map(\.kind) == [3, 5, 4, 2, 1])
        #expect(queue.isEmpty)
    }

    @Test func `taking ends with the frame that reaches the bound`() {
        var queue = self.queue(.dropNewest)
        for kind in 1...3 as ClosedRange<UInt8> { #expect(queue.append(self.frame(kind), .sync) == true) }
        #expect(queue.take(upTo: 101).map(\.kind) == [1, 2])
        #expect(queue.take(upTo: 100).map(\.kind) == [3])
        #expect(queue.take(upTo: 100).isEmpty)
    }

    @Test func `old frames make room where new ones count`() {
        var queue = self.queue(.dropOldest)
        for kind in 1...5 as ClosedRange<UInt8> { #expect(queue.append(self.frame(kind), .votes) == true) }
        #expect(queue.queuedBytes(.votes) == 300)
        #expect(queue.droppedFrames(.votes) == 2)
        #expect(queue.take(upTo: .max).map(\.kind) == [3, 4, 5])
        #expect(queue.queuedBytes(.votes) == 0)
    }

    @Test func `of what gathered while a peer was away the newest frames stay, of one class`() {
        var queue = OutgoingQueue { _ in QueueLimit(bytes: 1 << 20, policy: .dropOldest) }
        for kind in 1...9 as ClosedRange<UInt8> { #expect(queue.append(self.frame(kind), .votes) == true) }
        for kind in 11...14 as ClosedRange<UInt8> { #expect(queue.append(self.frame(kind), .sync) == true) }
        queue.keepNewest(3, .votes)
        #expect(queue.droppedFrames(.votes) == 6)
        #expect(queue.queuedBytes(.votes) == 300)
        queue.keepNewest(3, .votes)
        #expect(queue.droppedFrames(.votes) == 6)
        #expect(queue.take(upTo: .max).map(\.kind) == [7, 8, 9, 11, 12, 13, 14])
    }

    @Test func `new frames are not taken where old ones count`() {
        var queue = self.queue(.dropNewest)
        for kind in 1...5 as ClosedRange<UInt8> {
            let isTaken = queue.append(self.frame(kind), .sync)
            #expect(isTaken == (kind <= 3))
        }
        #expect(queue.droppedFrames(.sync) == 2)
        #expect(queue.take(upTo: .max).map(\.kind) == [1, 2, 3])
    }

    @Test(arguments: [OverflowPolicy.dropOldest, .dropNewest])
    func `a frame above the whole bound displaces nothing`(policy: OverflowPolicy) {
        var queue = self.queue(policy)
        #expect(queue.append(self.frame(1), .votes) == true)
        #expect(queue.append(self.frame(2, 237), .votes) == false)
        #expect(queue.take(upTo: .max).map(\.kind) == [1])
    }

    @Test func `a full class leaves room to the others`() {
        var queue = self.queue(.dropNewest)
        while queue.append(self.frame(1), .sync) {}
        #expect(queue.append(self.frame(2), .votes) == true)
    }

    @Test func `empty frames are bounded too`() {
        var queue = self.queue(.dropNewest)
        for index in 0..<100 {
            let isTaken = queue.append(self.frame(1, 0), .votes)
            #expect(isTaken == (index < 4))
        }
    }
}

@Suite struct PeerScoreTests {
    private let rules = ScoreRules(threshold: 100, halfLifeSeconds: 10, penaltySeconds: 5, penaltySecondsMax: 15)

    @Test func `points are forgiven by halves`() {
        var score = PeerScore(rules: self.rules)
        #expect(score.add(80, at: 0) == nil)
        #expect(score.points(at: 10) == 40)
        #expect(score.add(59, at: 10) == nil)
        #expect(score.points(at: 10) == 99)
    }

    @Test func `penalties grow to a cap and begin anew after good conduct`() {
        var score = PeerScore(rules: self.rules)
        #expect(score.add(100, at: 0) == 5)
        #expect(score.isRefused(at: 4.9) && !score.isRefused(at: 5))
        #expect(score.add(100, at: 5) == 10)
        #expect(score.add(100, at: 15) == 15)
        #expect(score.add(100, at: 30) == 15)
        #expect(score.add(100, at: 60) == 5)
    }

    @Test func `a penalty is not made longer while it lasts`() {
        var score = PeerScore(rules: self.rules)
        #expect(score.add(100, at: 0) == 5)
        #expect(score.add(1_000, at: 1) == nil)
        #expect(!score.isRefused(at: 5))
    }

    @Test func `negative weights give nothing back`() {
        var score = PeerScore(rules: self.rules)
        _ = score.add(50, at: 0)
        _ = score.add(-50, at: 0)
        #expect(score.points(at: 0) == 50)
    }
}

@Suite struct PeerCreditTests {
    @Test func `reading pauses above the limit and goes on at half of it`() {
        var credit = PeerCredit(limit: 100)
        credit.charge(100)
        #expect(!credit.isPaused)
        credit.charge(1)
        #expect(credit.isPaused)
        #expect(credit.release(50) == false)
        #expect(credit.isPaused)
        #expect(credit.release(1) == true)
        #expect(!credit.isPaused)
    }

    @Test func `what was never charged cannot be saved up`() {
        var credit = PeerCredit(limit: 100)
        #expect(credit.release(1_000) == false)
        credit.charge(101)
        #expect(credit.isPaused)
        #expect(credit.release(-1_000) == false)
        #expect(credit.outstanding == 101)
    }
}

@Suite struct BackoffTests {
    @Test func `waits double up to the cap, with jitter below the bound`() {
        var seeded = SeededGenerator(seed: 1)
        var backoff = Backoff(minimumMilliseconds: 50, maximumMilliseconds: 5_000)
        for bound in [50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000] as [Int64] {
            #expect((bound / 2...bound).contains(backoff.next(using: &seeded)))
        }
        backoff.reset()
        #expect((25...50).contains(backoff.next(using: &seeded)))
    }

    @Test func `two validators do not wait alike`() {
        var (one, two) = (SeededGenerator(seed: 1), SeededGenerator(seed: 2))
        var (first, second) = (Backoff(), Backoff())
        let waits = (0..<10).map { _ in (first.next(using: &one), second.next(using: &two)) }
        #expect(waits.contains { $0.0 != $0.1 })
    }
}
