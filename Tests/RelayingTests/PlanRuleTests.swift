import IBTP
import Testing

@testable import Relaying

/// A plan with hands that do what the test says.
struct PlanScene {
    var plan: GatewayPlan
    var actions: [PlanAction] = []
    private var now: UInt64 = 0

    init(_ change: (inout PlanLimits) -> Void = { _ in }) {
        var limits = PlanLimits()
        change(&limits)
        self.plan = GatewayPlan(limits: limits, salt: 3)
        for shore in Shore.allCases { self.tell(.started(shore, cursor: 10, height: 10)) }
        for succession in ChainSuccession.all {
            self.tell(.succession(succession, SuccessionReading(newest: 0, known: 0)))
        }
        self.actions = []
    }

    mutating func tell(_ event: PlanEvent) { self.actions += self.plan.step(event) }

    mutating func wait(_ ticks: UInt64) {
        for _ in 0..<ticks {
            self.now += 1
            self.tell(.tick(self.now))
        }
    }

    /// A block with leaves comes.
    mutating func block(_ height: UInt64, _ parcels: [Parcel]) {
        let shore = parcels.first?.place.shore ?? .application
        self.tell(.height(shore, height))
        self.tell(.scanned(shore, through: height, parcels))
    }

    /// What was asked for since the last look, apart from scans and looks at committees.
    mutating func taken() -> [PlanAction] {
        defer { self.actions = [] }
        return self.actions.filter { action in
            switch action {
            case .scan, .readSuccession, .forget: false
            default: true
            }
        }
    }

    /// What was handed in since the last look.
    mutating func submitted() -> [LeafPlace] {
        self.taken().compactMap { if case .submit(let place) = $0 { place } else { nil } }
    }

    /// Has a leaf ready to be handed in.
    mutating func prepare(_ parcel: Parcel) {
        self.tell(.proven(parcel.place, .proven))
        self.tell(.certified(parcel.place, .complete))
    }
}

func parcel(
    _ kind: ParcelKind,
    _ index: UInt64,
    height: UInt64,
    epoch: UInt64 = 0,
    deadline: UInt64? = nil
) throws -> Parcel {
    Parcel(
        place: LeafPlace(shore: kind.shore, height: height, index: UInt32(index)),
        kind: kind,
        message: try MessageID(try pair("a", "b"), index: index),
        epoch: epoch,
        deadline: deadline
    )
}

@Suite("Rules of the plan")
struct PlanRuleTests {
    @Test("a fresh leaf is proven, certified, handed in and forgotten")
    func steps() throws {
        var scene = PlanScene()
        let leaf = try parcel(.request, 1, height: 11)
        scene.block(11, [leaf])
        #expect(scene.taken() == [.prove(leaf.place)])
        scene.tell(.proven(leaf.place, .proven))
        #expect(scene.taken() == [.certify(leaf.place)])
        scene.tell(.certified(leaf.place, .complete))
        #expect(scene.taken() == [.submit(leaf.place)])
        #expect(scene.plan.settledHeight(of: .application) == 10)
        scene.tell(.submitted(leaf.place, .accepted))
        #expect(scene.actions.contains(.forget(leaf.place)))
        #expect(scene.plan.isQuiet)
        #expect(scene.plan.settledHeight(of: .application) == 11)
    }

    @Test("what is there already is as good as accepted; what was invented is dropped")
    func thereAlready() throws {
        var scene = PlanScene()
        let (one, two) = (try parcel(.request, 1, height: 11), try parcel(.answer, 2, height: 11))
        scene.block(11, [one])
        scene.prepare(one)
        scene.tell(.submitted(one.place, .alreadyThere))
        scene.block(11, [two])
        scene.tell(.proven(two.place, .invented))
        #expect(scene.plan.isQuiet)
        #expect(scene.plan.load.found == 1)
    }

    @Test("a gap is looked up, and what is missing is fetched and handed in first")
    func gap() throws {
        var scene = PlanScene()
        let leaf = try parcel(.request, 4, height: 12)
        scene.block(12, [leaf])
        scene.prepare(leaf)
        _ = scene.taken()
        scene.tell(.submitted(leaf.place, .gap))
        #expect(scene.taken() == [.readCounter(leaf.stream)])
        scene.tell(.counter(leaf.stream, CounterReading(isOrdered: true, taken: 2)))
        #expect(scene.taken() == [.seek(leaf.stream, 3...3)])
        let missing = try parcel(.request, 3, height: 5)
        scene.tell(.found(leaf.stream, [missing]))
        #expect(scene.taken() == [.prove(missing.place)])
        scene.prepare(missing)
        #expect(scene.taken().contains(.submit(missing.place)))
        scene.tell(.submitted(missing.place, .accepted))
        // At once, whatever pause its failure had earned.
        #expect(scene.taken() == [.submit(leaf.place)])
    }

    @Test("a backlog is checked by one look at the counter before anything is fetched")
    func counted() throws {
        var scene = PlanScene()
        for shore in Shore.allCases { scene.tell(.started(shore, cursor: 0, height: 10)) }
        let leaves = try (1...5).map { try parcel(.request, $0, height: $0) }
        scene.actions = []
        scene.tell(.scanned(.application, through: 10, leaves))
        #expect(scene.taken() == [.readCounter(leaves[0].stream)])
        scene.tell(.counter(leaves[0].stream, CounterReading(isOrdered: true, taken: 4)))
        #expect(scene.taken() == [.prove(leaves[4].place)])
    }

    @Test("a backlog goes slowly beside fresh requests, not beside what it brings about itself")
    func besideFresh() throws {
        var scene = PlanScene {
            $0.backlogUnderWayMax = 8
            $0.backlogBesideFreshMax = 2
            $0.freshWindow = 20
        }
        // Beside no order every leaf stands for itself.
        let old = try (1...20).map { try parcel(.answer, $0, height: $0) }
        scene.tell(.started(.relay, cursor: 0, height: 20))
        scene.block(21, [try parcel(.request, 1, height: 21)])
        scene.tell(.scanned(.relay, through: 20, old))
        _ = scene.taken()
        #expect(scene.plan.backlogUnderWay == 2)
        scene.wait(19)
        #expect(scene.plan.backlogUnderWay == 2)
        scene.wait(1)
        #expect(scene.plan.backlogUnderWay == 8)
        // An answer may be one to the backlog.
        scene.block(21, [try parcel(.answer, 30, height: 21)])
        scene.tell(.checked(old[0].place, isDone: true))
        #expect(scene.plan.backlogUnderWay == 8)
        scene.block(22, [try parcel(.request, 2, height: 22)])
        scene.tell(.checked(old[1].place, isDone: true))
        #expect(scene.plan.backlogUnderWay == 7)
    }

    @Test("beside fresh requests a backlog is handed in at a pace, and without any when they are over")
    func paced() throws {
        var scene = PlanScene {
            $0.backlogBesideFreshMax = 4
            $0.backlogBesideFreshEvery = 3
            $0.freshWindow = 20
        }
        let old = try (1...6).map { try parcel(.answer, $0, height: $0) }
        scene.tell(.started(.relay, cursor: 0, height: 20))
        let fresh = try parcel(.request, 1, height: 21)
        scene.block(21, [fresh])
        scene.tell(.scanned(.relay, through: 20, old))
        for leaf in old.prefix(3) + [fresh] {
            if leaf.place != fresh.place { scene.tell(.checked(leaf.place, isDone: false)) }
            scene.tell(.proven(leaf.place, .proven))
        }
        _ = scene.taken()
        for leaf in [old[0], old[1], fresh] { scene.tell(.certified(leaf.place, .complete)) }
        // What is fresh minds no pace.
        #expect(scene.submitted() == [old[0].place, fresh.place])
        scene.tell(.submitted(old[0].place, .accepted))
        scene.wait(2)
        scene.tell(.certified(old[2].place, .complete))
        #expect(scene.submitted().isEmpty)
        scene.wait(1)
        #expect(scene.submitted() == [old[1].place])
        scene.tell(.submitted(old[1].place, .accepted))
        scene.wait(2)
        #expect(scene.submitted().isEmpty)
        scene.wait(15)
        #expect(scene.submitted() == [old[2].place])
    }

    @Test("beside fresh requests no more of a backlog is read than is carried soon")
    func readSlowly() throws {
        var scene = PlanScene {
            $0.scanLeavesMax = 4
            $0.backlogHeldMax = 40
            $0.freshWindow = 20
        }
        func scans() -> Int {
            scene.actions.count { if case .scan(.relay, _, _, _) = $0 { true } else { false } }
        }
        scene.tell(.started(.relay, cursor: 0, height: 100))
        scene.block(21, [try parcel(.request, 1, height: 21)])
        // More than one slice, and more to be read.
        scene.tell(.scanned(.relay, through: 3, try (1...3).map { try parcel(.answer, $0, height: $0) }))
        scene.tell(.scanned(.relay, through: 6, try (4...6).map { try parcel(.answer, $0, height: $0) }))
        scene.actions = []
        scene.wait(19)
        #expect(scans() == 0)
        scene.wait(1)
        #expect(scans() == 1)
    }

    @Test("without the lease a leaf is left alone for the window, then looked up, and only then carried")
    func backup() throws {
        var scene = PlanScene { $0.backupWindow = 30 }
        scene.tell(.lease(.another))
        let leaf = try parcel(.answer, 1, height: 11)
        scene.block(11, [leaf])
        scene.wait(29)
        #expect(scene.taken().isEmpty)
        scene.wait(1)
        #expect(scene.taken() == [.check(leaf.place)])
        scene.tell(.checked(leaf.place, isDone: true))
        #expect(scene.plan.isQuiet)
    }

    @Test("a leaf of an epoch that the other chain does not know waits until it does")
    func follow() throws {
        var scene = PlanScene()
        let leaf = try parcel(.request, 1, height: 11, epoch: 2)
        scene.block(11, [leaf])
        #expect(scene.taken().isEmpty)
        let succession = ChainSuccession(.committee, of: .application)
        scene.wait(PlanLimits().successionEvery)
        #expect(scene.actions.contains(.readSuccession(succession)))
        scene.actions = []
        scene.tell(.succession(succession, SuccessionReading(newest: 2, known: 0)))
        #expect(scene.taken() == [.follow(succession, epoch: 1)])
        scene.tell(.followed(succession, epoch: 1))
        #expect(scene.taken() == [.follow(succession, epoch: 2)])
        scene.tell(.followed(succession, epoch: 2))
        #expect(scene.taken() == [.prove(leaf.place)])
    }

    @Test("a refusal for an unknown committee has it looked up at once")
    func behind() throws {
        var scene = PlanScene()
        let leaf = try parcel(.request, 1, height: 11)
        scene.block(11, [leaf])
        scene.prepare(leaf)
        scene.actions = []
        scene.tell(.submitted(leaf.place, .behind(.verificationNodes)))
        #expect(scene.actions.contains(.readSuccession(ChainSuccession(.verificationNodes, of: .application))))
    }

    @Test("a chain whose trust grows old is shown a newer header")
    func trust() throws {
        var scene = PlanScene()
        let succession = ChainSuccession(.committee, of: .relay)
        scene.wait(PlanLimits().successionEvery)
        scene.actions = []
        scene.tell(.succession(succession, SuccessionReading(newest: 1, known: 1, isTrustOld: true)))
        #expect(scene.taken() == [.show(succession, epoch: 1)])
        scene.tell(.followed(succession, epoch: 1))
        #expect(scene.taken().isEmpty)
    }

    @Test("pauses double, and are bounded")
    func pauses() throws {
        let backoff = Backoff(salt: 1, most: 64)
        let pauses = (1...12).map { backoff.pause(attempts: $0, height: 7) }
        for (attempt, pause) in zip(0..., pauses) {
            let base = min(64, UInt64(1) << UInt64(attempt))
            #expect((base...(base + base / 2)).contains(pause))
        }
        #expect(Backoff(salt: 2, most: 64).pause(attempts: 9, height: 7) != pauses[8])
    }

    @Test("records whose time is over are signed anew; an outcome that nobody knows is looked up")
    func staleAndOpen() throws {
        var scene = PlanScene()
        let leaf = try parcel(.answer, 1, height: 11)
        scene.block(11, [leaf])
        scene.prepare(leaf)
        _ = scene.taken()
        scene.tell(.submitted(leaf.place, .stale))
        scene.wait(3)
        #expect(scene.taken() == [.certify(leaf.place)])
        scene.tell(.certified(leaf.place, .complete))
        #expect(scene.taken() == [.submit(leaf.place)])
        scene.tell(.submitted(leaf.place, .open))
        scene.wait(4)
        #expect(scene.taken() == [.check(leaf.place)])
    }

    @Test("what the contract refuses is given up after a few times, and said so")
    func refused() throws {
        var scene = PlanScene {
            $0.refusalsMax = 3
            $0.pauseMax = 8
        }
        let leaf = try parcel(.answer, 1, height: 11)
        scene.block(11, [leaf])
        for refusal in 1...3 {
            scene.prepare(leaf)
            scene.tell(.submitted(leaf.place, .refused(940)))
            if refusal < 3 {
                scene.wait(12)
                scene.tell(.checked(leaf.place, isDone: false))
            }
        }
        #expect(scene.taken().contains(.abandon(leaf.place, code: 940)))
        #expect(scene.plan.isQuiet)
        #expect(scene.plan.load.abandoned == 1)
    }

    @Test("the relay chain is made to undo what is due only while something waits and no block comes")
    func expiry() throws {
        var scene = PlanScene { $0.expireEvery = 10 }
        scene.wait(30)
        #expect(scene.taken().isEmpty)
        let leaf = try parcel(.delivery, 1, height: 11, deadline: 15)
        scene.block(11, [leaf])
        scene.prepare(leaf)
        scene.tell(.submitted(leaf.place, .accepted))
        _ = scene.taken()
        scene.wait(9)
        scene.tell(.height(.relay, 12))
        scene.wait(9)
        #expect(scene.taken().isEmpty)
        scene.wait(1)
        #expect(scene.taken() == [.expire])
        scene.tell(.expired(height: 13))
        scene.tell(.height(.relay, 13))
        scene.tell(.ended(leaf.message))
        scene.wait(100)
        #expect(scene.taken().isEmpty)
    }

    @Test("the asking side keeps time too, and an open limit is read again after a restart")
    func askersTime() throws {
        var scene = PlanScene { $0.expireEvery = 10 }
        let message = try parcel(.delivery, 1, height: 11).message
        scene.tell(.height(.relay, 11))
        scene.tell(.scanned(.relay, through: 11, []))
        scene.tell(.begun(message, height: 11, deadline: 12))
        #expect(scene.plan.settledHeight(of: .relay) == 10)
        scene.wait(10)
        #expect(scene.taken().contains(.expire))
        scene.tell(.expired(height: 12))
        scene.tell(.height(.relay, 12))
        scene.tell(.scanned(.relay, through: 12, []))
        #expect(scene.plan.settledHeight(of: .relay) == 10)
        scene.tell(.ended(message))
        #expect(scene.plan.settledHeight(of: .relay) > 10)
        scene.wait(100)
        #expect(!scene.taken().contains(.expire))
    }

    @Test("answers to nobody change nothing")
    func strayAnswers() throws {
        var scene = PlanScene()
        let leaf = try parcel(.request, 1, height: 11)
        let before = scene.plan.load
        scene.tell(.proven(leaf.place, .proven))
        scene.tell(.submitted(leaf.place, .accepted))
        scene.tell(.counter(leaf.stream, nil))
        scene.tell(.found(leaf.stream, [leaf]))
        scene.tell(.scanned(.application, through: 99, [leaf]))
        scene.tell(.scanFailed(.relay))
        #expect(scene.plan.load == before)
        #expect(scene.plan.isQuiet)
    }
}

@Suite("Blocks to be read")
struct ScanBookTests {
    @Test("what is fresh is read first, and what failed is read again")
    func order() {
        var book = ScanBook()
        book.start(cursor: 0, height: 100)
        book.grow(to: 103)
        #expect(book.take(blocks: 64, hasRoom: true) == .init(after: 100, through: 103))
        #expect(book.take(blocks: 64, hasRoom: true) == nil)
        #expect(book.finish(through: 101) == true)
        #expect(book.take(blocks: 64, hasRoom: true) == .init(after: 101, through: 103))
        _ = book.finish(through: 103)
        #expect(book.take(blocks: 64, hasRoom: false) == nil)
        #expect(book.take(blocks: 64, hasRoom: true) == .init(after: 0, through: 64))
        #expect(book.finish(through: 10) == false)
        #expect(book.readThrough == 10)
        #expect(book.take(blocks: 200, hasRoom: true) == .init(after: 10, through: 100))
        _ = book.finish(through: 100)
        #expect(book.isQuiet)
        #expect(book.readThrough == 103)
    }

    @Test("stretches are joined where they touch, and the nearest where there are too many")
    func joining() {
        var book = ScanBook()
        for (after, through) in [(0, 5), (20, 25), (5, 8), (30, 31), (100, 101)] as [(UInt64, UInt64)] {
            book.add(.init(after: after, through: through), rangesMax: 3)
        }
        #expect(
            book.backlog == [
                .init(after: 0, through: 8), .init(after: 20, through: 31), .init(after: 100, through: 101),
            ]
        )
    }
}
