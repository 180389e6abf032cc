import CanonicalBytes
import Testing

@testable import PathProofs

@Suite("The route of an exchange") struct RouteChoiceTests {
    private static func candidate(
        _ relay: String,
        _ hops: [UInt32?] = [900_000, 900_000],
        silence: UInt64 = 0,
        isTrusted: Bool = true
    ) throws -> RouteCandidate {
        var credibilities: [Credibility?] = []
        for hop in hops { credibilities.append(try hop.map { value in try Credibility(value) }) }
        return RouteCandidate(relay: relay, hops: credibilities, silenceSeconds: silence, isTrusted: isTrusted)
    }

    private static func rules(hops: Int = 4, least: UInt32 = 0, silence: UInt64? = nil) throws -> RouteRules {
        RouteRules(
            bounds: try RouteBounds(hopsMax: hops, credibilityMin: Credibility(least)),
            silenceSecondsMax: silence
        )
    }

    private struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let candidates: [RouteCandidate]
        let rules: RouteRules
        /// Relay chains, the best first; those that may not be taken with their obstacle.
        let order: [String]
    }

    private static func cases() throws -> [Case] {
        [
            Case(
                testDescription: "the most credible one",
                candidates: try [Self.candidate("a", [700_000, 900_000]), Self.candidate("b", [800_000, 800_000])],
                rules: try Self.rules(),
                order: ["b", "a"]
            ),
            Case(
                testDescription: "of equals the first by name",
                candidates: try [Self.candidate("b", [900_000, 800_000]), Self.candidate("a", [800_000, 900_000])],
                rules: try Self.rules(),
                order: ["a", "b"]
            ),
            Case(
                testDescription: "of equals the shorter one",
                candidates: try [
                    Self.candidate("a", [1_000_000, 900_000, 1_000_000]), Self.candidate("b", [900_000, 1_000_000]),
                ],
                rules: try Self.rules(),
                order: ["b", "a"]
            ),
            Case(
                testDescription: "below the least credibility the next one is taken",
                candidates: try [Self.candidate("a", [1_000_000, 590_000]), Self.candidate("b", [600_000, 600_000])],
                rules: try Self.rules(least: 600_000),
                order: ["b", "a low-credibility"]
            ),
            Case(
                testDescription: "a relay chain that is silent is passed by",
                candidates: try [Self.candidate("a", [900_000, 900_000], silence: 61), Self.candidate("b", [1, 1])],
                rules: try Self.rules(silence: 60),
                order: ["b", "a silent"]
            ),
            Case(
                testDescription: "none that may be taken",
                candidates: try [
                    Self.candidate("a", [nil, 900_000]), Self.candidate("b", [1, 1]), Self.candidate("c", silence: 9),
                    Self.candidate("d", [900_000, 900_000, 900_000]),
                ],
                rules: try Self.rules(hops: 2, least: 2, silence: 8),
                order: ["c silent", "d too-long", "b low-credibility", "a unknown-list"]
            ),
            Case(
                testDescription: "without bounds even the only one that nobody knows anything of",
                candidates: try [Self.candidate("a", [nil, nil], silence: .max, isTrusted: false)],
                rules: try Self.rules(),
                order: ["a"]
            ),
            Case(
                testDescription: "what is trusted comes first, what is known before what is not",
                candidates: try [
                    Self.candidate("a", isTrusted: false), Self.candidate("b", [nil, 1_000_000]),
                    Self.candidate("c", [1, 1]), Self.candidate("d", [0, 1_000_000]),
                ],
                rules: try Self.rules(),
                order: ["c", "b", "d", "a"]
            ),
            Case(
                testDescription: "more hops than a path has",
                candidates: try [Self.candidate("a", [UInt32?](repeating: 1_000_000, count: 5)), Self.candidate("b")],
                rules: try Self.rules(),
                order: ["b", "a too-long"]
            ),
        ]
    }

    @Test("follows credibility within bounds") func table() throws {
        for entry in try Self.cases() {
            let choice = try RouteChoice(among: entry.candidates, by: entry.rules)
            let order = choice.routes.map { route in
                route.candidate.relay + (route.obstacle.map { " \($0.rawValue)" } ?? "")
            }
            #expect(order == entry.order, "\(entry.testDescription)")
            let isFree = entry.order.first?.contains(" ") == false
            #expect((choice.chosen != nil) == isFree, "\(entry.testDescription)")
        }
    }

    @Test("there is none among none, and a way without a hop is refused") func edges() throws {
        let none = try RouteChoice(among: [], by: try Self.rules())
        #expect(none.chosen == nil)
        let rules = try Self.rules()
        let bad = try [Self.candidate("a", []), Self.candidate(String(repeating: "x", count: 65)), Self.candidate("")]
        for candidate in bad { #expect(code { _ = try RouteChoice(among: [candidate], by: rules) } == .format) }
    }

    @Test(
        "is the best of all that keep to the rules, in whatever order they come",
        arguments: [31, 32, 33, 34] as [UInt64]
    )
    func property(_ seed: UInt64) throws {
        var random = SeededNumbers(seed)
        let values: [UInt32?] = [nil, 0, 1, 500_000, 810_000, 900_000, 1_000_000]
        var (chosen, refused) = (0, 0)
        for _ in 0..<400 {
            var candidates: [RouteCandidate] = []
            for name in ["a", "b", "c", "d"].prefix(Int.random(in: 0...4, using: &random)) {
                var hops: [UInt32?] = []
                for _ in 0..<Int.random(in: 1...5, using: &random) {
                    hops.append(values.randomElement(using: &random) ?? 1)
                }
                candidates.append(
                    try Self.candidate(
                        name,
                        hops,
                        silence: UInt64.random(in: 0...3, using: &random),
                        isTrusted: Bool.random(using: &random)
                    )
                )
            }
            let least = [0, 1, 810_000].randomElement(using: &random) ?? 0
            let silence: UInt64? = Bool.random(using: &random) ? nil : 1
            let hopsMax = Int.random(in: 1...4, using: &random)
            let rules = try Self.rules(hops: hopsMax, least: UInt32(least), silence: silence)
            let choice = try RouteChoice(among: candidates, by: rules)
            let again = try RouteChoice(among: candidates.shuffled(using: &random), by: rules)
            #expect(again == choice)
            #expect(Set(choice.routes.map(\.candidate)) == Set(candidates))
            #expect(choice.routes.count == candidates.count)
            let free = candidates.filter { Self.keeps($0, hopsMax, UInt32(least), silence) }
            guard let taken = choice.chosen else {
                #expect(free.isEmpty)
                refused += 1
                continue
            }
            chosen += 1
            #expect(free.contains(taken.candidate))
            // Trusted before others; among them no other is worth more, but for what rounding takes.
            if free.contains(where: \.isTrusted) { #expect(taken.candidate.isTrusted) }
            for other in free where other.isTrusted == taken.candidate.isTrusted {
                guard let product = Self.product(other), product > 4 else { continue }
                #expect(Int(taken.credibility?.value ?? 0) + 4 >= Int(product))
            }
        }
        #expect(chosen > 50 && refused > 50)
    }

    private static func keeps(_ candidate: RouteCandidate, _ hops: Int, _ least: UInt32, _ silence: UInt64?) -> Bool {
        guard candidate.hops.count <= hops, candidate.silenceSeconds <= silence ?? .max else { return false }
        return least == 0 || candidate.hops.allSatisfy { $0.map { $0.value >= least } ?? false }
    }

    private static func product(_ candidate: RouteCandidate) -> UInt32? {
        let known = candidate.hops.compactMap(\.self)
        guard known.count == candidate.hops.count else { return nil }
        return known.reduce(Credibility.full) { $0 * $1 }.value
    }

    @Test("losing credibility never makes a route better, and gaining it never worse", arguments: [41, 42] as [UInt64])
    func monotone(_ seed: UInt64) throws {
        var random = SeededNumbers(seed)
        for _ in 0..<300 {
            let values = (0..<3).map { _ in UInt32.random(in: 1...1_000_000, using: &random) }
            let lower = UInt32.random(in: 0..<values[0], using: &random)
            let others = try [Self.candidate("b", [values[1], 900_000]), Self.candidate("c", [values[2], 900_000])]
            let rules = try Self.rules(least: 1)
            let before = try RouteChoice(among: [Self.candidate("a", [values[0], 900_000])] + others, by: rules)
            let after = try RouteChoice(among: [Self.candidate("a", [lower, 900_000])] + others, by: rules)
            if before.chosen?.candidate.relay != "a" { #expect(after.chosen == before.chosen) }
            if after.chosen?.candidate.relay == "a" { #expect(before.chosen?.candidate.relay == "a") }
        }
    }
}

@Suite("What a list is worth") struct ListCredibilityTests {
    @Test("the mean of its least credible seats, jailed ones nothing, whoever has left not at all") func table() throws
    {
        let list = try SampleLists.list()
        let count = Int(list.policy.threshold)
        let seats = list.seats.flatMap(\.self)
        try #require(count < seats.count)
        let uniform = try #require(seats.first?.credibility)
        #expect(seats.allSatisfy { $0.credibility == uniform })
        #expect(list.credibility == uniform)
        let better = try list.replacing("node-2", by: SampleLists.node(2, credibility: 1_000_000))
        #expect(better.credibility == uniform)
        let worse = try list.replacing("node-2", by: SampleLists.node(2, credibility: 100_000))
        let least = UInt64(uniform.value) * UInt64(count - 1)
        #expect(UInt64(worse.credibility.value) == (least + 100_000) / UInt64(count))
        let jailed = try list.replacing("node-2", by: SampleLists.node(2, status: .jailed))
        #expect(UInt64(jailed.credibility.value) == least / UInt64(count))
    }

    @Test("no certificate of it is worth less", arguments: [51, 52] as [UInt64]) func bound(_ seed: UInt64) throws {
        var random = SeededNumbers(seed)
        for _ in 0..<20 {
            var list = try SampleLists.list()
            for place in [1, 2, 3] {
                let value = UInt32.random(in: 1...1_000_000, using: &random)
                list = try list.replacing("node-\(place)", by: SampleLists.node(place, credibility: value))
            }
            let seats = list.seats.flatMap(\.self)
            for _ in 0..<20 {
                let count = Int.random(in: Int(list.policy.threshold)...seats.count, using: &random)
                let signers = seats.shuffled(using: &random).prefix(count)
                let sum = signers.reduce(0) { $0 + UInt64($1.credibility.value) }
                #expect(sum / UInt64(count) >= UInt64(list.credibility.value))
            }
        }
    }
}
