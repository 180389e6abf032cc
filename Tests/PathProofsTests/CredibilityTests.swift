import CanonicalBytes
import PathProofs
import Testing

@Suite struct CredibilityTests {
    @Test(
        arguments: [
            (500_000, 1, 505_000), (500_000, 7, 535_000), (0, 1, 10_000), (0, 100, 1_000_000),
            (0, 4_000_000, 1_000_000),
            (999_999, 1, 999_999), (999_900, 1, 999_901), (999_901, 1, 999_901), (999_950, 2, 999_951),
            (1_000_000, 100, 1_000_000), (123_456, 0, 123_456),
        ] as [(UInt32, UInt32, UInt32)]
    )
    func goodWorkClosesAPartOfTheDistance(_ start: UInt32, _ work: UInt32, _ end: UInt32) throws {
        #expect(try Credibility(start).afterWork(work).value == end)
    }

    @Test(
        arguments: [
            (1_000_000, 1, 950_000), (1_000_000, 2, 902_500), (950_001, 1, 902_501), (20, 1, 19), (19, 1, 19),
            (0, 5, 0), (500_000, 0, 500_000), (1_000_000, .max, 19),
        ] as [(UInt32, UInt32, UInt32)]
    )
    func aMissedSlotTakesAPartOfTheValue(_ start: UInt32, _ count: UInt32, _ end: UInt32) throws {
        #expect(try Credibility(start).afterMissedSlots(count).value == end)
    }

    @Test(
        arguments: [
            (1_000_000, 1, 125_000), (1_000_000, 2, 15_625), (7, 1, 0), (800_001, 1, 100_000), (5, 0, 5),
            (1_000_000, .max, 0),
        ] as [(UInt32, UInt32, UInt32)]
    )
    func aProvenFaultLeavesAnEighth(_ start: UInt32, _ count: UInt32, _ end: UInt32) throws {
        #expect(try Credibility(start).afterFaults(count).value == end)
    }

    @Test func anEpochCountsWorkThenMissesThenFaults() throws {
        let conduct = Conduct(work: 1, missedSlots: 1, faults: 1)
        #expect(try Credibility(500_000).after(conduct).value == (505_000 - 25_250) / 8)
    }

    @Test(
        arguments: [
            (0, 0, 0), (5, 5, 0), (100, 50, 0), (0, 9, 0), (0, 10, 1), (10, 20, 1), (0, 19, 1), (0, 40, 4),
            (0, .max, 4), (.max, .max, 0), (1_000, 1_035, 3),
        ] as [(UInt32, UInt32, UInt32)]
    )
    func whoIsAbsentMoreOftenThanNotMissesSlots(_ present: UInt32, _ absent: UInt32, _ missed: UInt32) {
        #expect(Conduct.missedSlots(present: present, absent: absent) == missed)
    }

    @Test func aValueAboveTheHighestIsRefused() {
        #expect(code { _ = try Credibility(1_000_001) } == .format)
        #expect(code { _ = try Credibility(1_000_000) } == nil)
    }

    @Test func noConductLeavesTheBoundsAndNoneTurnsTheOrderRound() throws {
        var random = SeededNumbers(1)
        for _ in 0..<20_000 {
            let conduct = Conduct(
                work: UInt32.random(in: 0...120, using: &random),
                missedSlots: UInt32.random(in: 0...30, using: &random),
                faults: UInt32.random(in: 0...2, using: &random)
            )
            // Neighbours are where rounding could turn the order round.
            let low = UInt32.random(in: 0..<1_000_000, using: &random)
            let high = Bool.random(using: &random) ? low + 1 : UInt32.random(in: low...1_000_000, using: &random)
            let (lower, higher) = (try Credibility(low).after(conduct), try Credibility(high).after(conduct))
            #expect(lower <= higher && higher <= .full, "\(low), \(high), \(conduct)")
        }
    }

    @Test func moreWorkNeverLowersAndMoreMissesOrFaultsNeverRaise() throws {
        var random = SeededNumbers(2)
        for _ in 0..<20_000 {
            let start = try Credibility(UInt32.random(in: 0...1_000_000, using: &random))
            let count = UInt32.random(in: 0...99, using: &random)
            #expect(start.afterWork(count) <= start.afterWork(count + 1))
            #expect(start.afterWork(count) >= start)
            #expect(start.afterMissedSlots(count) >= start.afterMissedSlots(count + 1))
            #expect(start.afterFaults(count) >= start.afterFaults(count + 1))
        }
    }

    @Test func workAloneRaisesTheNewcomerAndStopsShortOfTheTop() throws {
        var value = try Credibility(0)
        for _ in 0..<2_000 { value = value.afterWork(1) }
        #expect(value.value == 999_901)
    }

    @Test func theRecordOfAnEpochDoesNotDependOnTheOrder() throws {
        let list = try SampleLists.list()
        var random = SeededNumbers(3)
        var events = (0..<200).map { _ in
            (
                list.nodes[Int.random(in: 0..<8, using: &random)].name,
                Conduct(
                    work: UInt32.random(in: 0...3, using: &random),
                    missedSlots: UInt32.random(in: 0...2, using: &random),
                    faults: UInt32.random(in: 0...1, using: &random)
                )
            )
        }
        var (first, second) = (ConductBook(of: list), ConductBook(of: list))
        for (name, conduct) in events { try first.record(conduct, of: name) }
        events.shuffle(using: &random)
        for (name, conduct) in events { try second.record(conduct, of: name) }
        for node in list.nodes { #expect(first.conduct(of: node.name) == second.conduct(of: node.name)) }
    }

    @Test func strangersHaveNoRecordAndCountsDoNotOverflow() throws {
        let list = try SampleLists.list()
        var book = ConductBook(of: list)
        #expect(code { try book.record(Conduct(work: 1), of: "stranger") } == .context)
        for _ in 0..<3 { try book.record(Conduct(work: .max, missedSlots: .max, faults: .max), of: "node-1") }
        #expect(book.conduct(of: "node-1") == Conduct(work: .max, missedSlots: .max, faults: .max))
        #expect(book.conduct(of: "stranger") == Conduct())
    }
}
