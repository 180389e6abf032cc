import Testing

@testable import Mempool

/// Numbers from a seed, the same on every run (Steele, Lea and Flood, *SplitMix*, OOPSLA 2014).
struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = self.state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}

func entry(
    _ number: Int,
    of identity: UInt8 = 1,
    rank: UInt64? = nil,
    bytes: Int = 100,
    validUntil: UInt64 = 1_000_000
) -> PoolEntry<Int> {
    PoolEntry(
        id: (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) },
        identity: [identity],
        rank: rank ?? UInt64(number),
        bytes: bytes,
        validUntil: validUntil,
        content: number
    )
}

func limits(_ change: (inout PoolLimits) -> Void) -> PoolLimits {
    var limits = PoolLimits()
    change(&limits)
    return limits
}

@Suite("The pool of waiting transactions")
struct MempoolTests {
    @Test("What waits under one nonce of an identity is found, and nothing else")
    func rivals() throws {
        var pool = Mempool<Int>()
        for (number, rank) in [(1, 5), (2, 7), (3, 7), (4, 9), (5, 7)] {
            try pool.insert(entry(number, rank: UInt64(rank)), at: 0)
        }
        try pool.insert(entry(6, of: 2, rank: 7), at: 0)
        #expect(pool.waiting(of: [1], rank: 7) == [entry(2).id, entry(3).id, entry(5).id])
        #expect(pool.waiting(of: [2], rank: 7) == [entry(6).id])
        for (identity, rank) in [(1, 6), (1, 10), (1, 0), (2, 5), (3, 7)] as [(UInt8, UInt64)] {
            #expect(pool.waiting(of: [identity], rank: rank).isEmpty)
        }
        pool.committed([entry(3).id])
        #expect(pool.waiting(of: [1], rank: 7) == [entry(2).id, entry(5).id])
    }

    @Test("A transaction is taken once, and not again after it was committed")
    func once() throws {
        var pool = Mempool<Int>()
        try pool.insert(entry(1), at: 0)
        #expect(throws: PoolRefusal.waiting) { try pool.insert(entry(1), at: 0) }
        pool.committed([entry(1).id])
        #expect(pool.isEmpty && pool.bytes == 0)
        #expect(throws: PoolRefusal.committed) { try pool.insert(entry(1), at: 0) }
    }

    @Test("Committed ids are forgotten only after as many others as are remembered")
    func memory() throws {
        var pool = Mempool<Int>(limits: limits { $0.remembered = 3 })
        pool.committed((1...3).map { entry($0).id })
        #expect(throws: PoolRefusal.committed) { try pool.insert(entry(1), at: 0) }
        pool.committed([entry(4).id])
        try pool.insert(entry(1), at: 0)
        #expect(throws: PoolRefusal.committed) { try pool.insert(entry(2), at: 0) }
    }

    @Test("An identity has a quota of transactions and of bytes, others go on")
    func quota() throws {
        var pool = Mempool<Int>(
            limits: limits {
                $0.countPerIdentity = 2
                $0.bytesPerIdentity = 250
            }
        )
        try pool.insert(entry(1), at: 0)
        #expect(throws: PoolRefusal.quota) { try pool.insert(entry(2, bytes: 151), at: 0) }
        try pool.insert(entry(2), at: 0)
        #expect(throws: PoolRefusal.quota) { try pool.insert(entry(3, bytes: 1), at: 0) }
        try pool.insert(entry(3, of: 2), at: 0)
        pool.committed([entry(1).id])
        try pool.insert(entry(4), at: 0)
        #expect(pool.load(of: [1]) == (2, 200))
    }

    @Test("A full pool makes room at the cost of the fullest identity, from the end of its queue")
    func eviction() throws {
        var pool = Mempool<Int>(limits: limits { $0.count = 4 })
        for number in 1...3 { try pool.insert(entry(number), at: 0) }
        try pool.insert(entry(4, of: 2), at: 0)
        #expect(try pool.insert(entry(5, of: 3), at: 0) == [entry(3).id])
        #expect(pool.count == 4 && pool.load(of: [1]) == (2, 200))
        // Now it would itself be the fullest.
        #expect(throws: PoolRefusal.full) { try pool.insert(entry(6, of: 3), at: 0) }
        #expect(pool.contains(entry(5).id))
    }

    @Test("Transactions leave when their time is over or when they waited too long")
    func expiry() throws {
        var pool = Mempool<Int>(limits: limits { $0.lifetime = 100 })
        #expect(throws: PoolRefusal.expired) { try pool.insert(entry(1, validUntil: 9), at: 10) }
        try pool.insert(entry(1, validUntil: 50), at: 10)
        try pool.insert(entry(2), at: 20)
        #expect(pool.expire(at: 50).isEmpty)
        #expect(pool.expire(at: 51) == [entry(1).id])
        #expect(pool.expire(at: 120).isEmpty)
        #expect(pool.expire(at: 121) == [entry(2).id])
        #expect(pool.isEmpty && pool.oldestWaiting == nil)
    }

    @Test("What waits longest is known while others come and go")
    func oldest() throws {
        var pool = Mempool<Int>()
        for number in 1...500 { try pool.insert(entry(number, of: UInt8(number % 7)), at: UInt64(number)) }
        #expect(pool.oldestWaiting?.arrival == 1)
        pool.committed((1...200).map { entry($0).id })
        #expect(pool.oldestWaiting?.content == 201)
        pool.remove(entry(201).id)
        #expect(pool.oldestWaiting?.arrival == 202)
    }

    @Test("An identity's transactions are chosen in the order of their nonces, however they came")
    func order() throws {
        var pool = Mempool<Int>()
        for number in [5, 3, 9, 1, 7] { try pool.insert(entry(number), at: 0) }
        #expect(pool.candidates(max: 10, bytes: .max) { _ in false } == [1, 3, 5, 7, 9])
        #expect(pool.candidates(max: 10, bytes: .max) { $0 == entry(3).id } == [1, 5, 7, 9])
    }

    @Test("Who sends much does not keep others out of a block")
    func fairness() throws {
        var pool = Mempool<Int>(limits: limits { $0.quantum = 100 })
        for number in 0..<400 { try pool.insert(entry(number, of: 1), at: 0) }
        for identity in 2...9 { try pool.insert(entry(1_000 + identity, of: UInt8(identity)), at: 0) }
        let chosen = pool.candidates(max: 16, bytes: .max) { _ in false }
        #expect(chosen.count == 16)
        #expect(chosen.count { $0 >= 1_000 } == 8)
    }

    @Test("Turns are worth bytes: large transactions get no more of the block than small ones")
    func bytesAreShared() throws {
        var pool = Mempool<Int>(limits: limits { $0.quantum = 1_000 })
        for number in 0..<100 { try pool.insert(entry(number, of: 1, bytes: 10_000), at: 0) }
        for number in 1_000..<1_400 { try pool.insert(entry(number, of: 2, bytes: 500), at: 0) }
        let chosen = pool.candidates(max: .max, bytes: 200_000) { _ in false }
        let large = chosen.count { $0 < 1_000 } * 10_000
        let small = chosen.count { $0 >= 1_000 } * 500
        #expect(abs(large - small) <= 11_000)
    }

    @Test("A transaction that is larger than many turns comes, though others never stop")
    func noStarvation() throws {
        var pool = Mempool<Int>(limits: limits { $0.quantum = 100 })
        try pool.insert(entry(0, of: 1, bytes: 5_000), at: 0)
        var next = 1
        var blocks = 0
        while pool.contains(entry(0).id), blocks < 100 {
            while pool.load(of: [2]).count < 20 {
                try pool.insert(entry(next, of: 2), at: 0)
                next += 1
            }
            let chosen = pool.candidates(max: 20, bytes: 6_000) { _ in false }
            pool.committed(chosen.map { entry($0).id })
            blocks += 1
        }
        // 50 turns of 100 bytes, of which each block gives 20.
        #expect((2...6).contains(blocks))
    }

    @Test("A first transaction is chosen even if it alone is larger than the block")
    func oversized() throws {
        var pool = Mempool<Int>()
        try pool.insert(entry(1, bytes: 5_000), at: 0)
        try pool.insert(entry(2, of: 2), at: 0)
        let first = pool.candidates(max: 10, bytes: 1_000) { _ in false }
        #expect(first == [2] || first == [1])
        pool.committed(first.map { entry($0).id })
        #expect(pool.candidates(max: 10, bytes: 1_000) { _ in false } == (first == [2] ? [1] : [2]))
    }

    @Test("Any sequence of calls keeps the bounds and the books", arguments: 1...40)
    func random(seed: UInt64) throws {
        var dice = Dice(state: seed)
        let bounds = limits {
            $0.count = 60
            $0.bytes = 6_000
            $0.countPerIdentity = 20
            $0.bytesPerIdentity = 2_500
            $0.lifetime = 300
            $0.remembered = 50
            $0.quantum = 64
        }
        var pool = Mempool<Int>(limits: bounds)
        var model: [Int: PoolEntry<Int>] = [:]
        // A pool that takes or gives nothing would keep every bound.
        var (taken, refused, given) = (0, 0, 0)
        for step in 0..<1_500 {
            switch Int.random(in: 0..<10, using: &dice) {
            case 0...6:
                let new = entry(
                    Int.random(in: 0..<300, using: &dice),
                    of: UInt8.random(in: 1...8, using: &dice),
                    rank: UInt64.random(in: 0..<50, using: &dice),
                    bytes: Int.random(in: 1...400, using: &dice),
                    validUntil: UInt64(step) + UInt64.random(in: 0..<400, using: &dice)
                )
                do throws(PoolRefusal) {
                    for gone in try pool.insert(new, at: UInt64(step)) {
                        model = model.filter { $0.value.id != gone }
                    }
                    model[new.content] = new
                    taken += 1
                } catch { refused += 1 }
            case 7:
                for gone in pool.expire(at: UInt64(step)) { model = model.filter { $0.value.id != gone } }
            default:
                let skipped = UInt8.random(in: 0..<4, using: &dice)
                let max = Int.random(in: 1...12, using: &dice)
                let bytes = Int.random(in: 1...1_500, using: &dice)
                let chosen = pool.candidates(max: max, bytes: bytes) { $0[0] % 4 == skipped }
                #expect(chosen.count <= max && Set(chosen).count == chosen.count)
                #expect(chosen.allSatisfy { model[$0].map { $0.id[0] % 4 != skipped } ?? false })
                let total = chosen.reduce(0) { $0 + (model[$1]?.bytes ?? 0) }
                #expect(total <= bytes || chosen.count == 1)
                #expect(!chosen.isEmpty || model.values.allSatisfy { $0.id[0] % 4 == skipped })
                pool.committed(chosen.compactMap { model[$0]?.id })
                for number in chosen { model[number] = nil }
                given += chosen.count
            }
            #expect(pool.count == model.count && pool.count <= bounds.count)
            #expect(pool.bytes == model.values.reduce(0) { $0 + $1.bytes } && pool.bytes <= bounds.bytes)
            for identity in UInt8(1)...8 {
                let own = model.values.filter { $0.identity == [identity] }
                #expect(pool.load(of: [identity]) == (own.count, own.reduce(0) { $0 + $1.bytes }))
                #expect(own.count <= bounds.countPerIdentity)
            }
            #expect(pool.oldestWaiting.map { model[$0.content] != nil } ?? model.isEmpty)
        }
        #expect(taken > 100 && refused > 0 && given > 50)
    }
}
