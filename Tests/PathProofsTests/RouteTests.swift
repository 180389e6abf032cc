import CanonicalBytes
import Testing

@testable import PathProofs

@Suite struct RouteTests {
    private static func link(_ from: String, _ to: String, _ value: UInt32, _ gateway: String = "g") throws -> RouteLink
    {
        try RouteLink(from: from, to: to, gateway: gateway, credibility: Credibility(value))
    }

    private static func best(
        _ links: [RouteLink],
        hopsMax: Int = 4,
        credibilityMin: UInt32 = 0,
        from source: String = "a",
        to destination: String = "z"
    ) throws -> Route? {
        try RouteGraph(links).bestRoute(
            from: source,
            to: destination,
            within: RouteBounds(hopsMax: hopsMax, credibilityMin: Credibility(credibilityMin))
        )
    }

    private static func chains(_ route: Route?) -> [String]? {
        route.map { $0.links.prefix(1).map(\.from) + $0.links.map(\.to) }
    }

    @Test func aDetourOverCredibleChainsIsBetterThanADoubtfulWay() throws {
        let links = try [
            Self.link("a", "z", 800_000), Self.link("a", "m", 950_000), Self.link("m", "z", 950_000),
        ]
        let route = try Self.best(links)
        #expect(Self.chains(route) == ["a", "m", "z"])
        #expect(route?.credibility.value == 902_500)
        #expect(Self.chains(try Self.best(links, hopsMax: 1)) == ["a", "z"])
        #expect(try Self.best(links, hopsMax: 1, credibilityMin: 800_001) == nil)
        #expect(Self.chains(try Self.best(links, credibilityMin: 800_000)) == ["a", "m", "z"])
    }

    @Test func noRouteHasMoreHopsThanAPath() throws {
        let names = ["a", "b", "c", "d", "e", "z"]
        let links = try zip(names, names.dropFirst()).map { try Self.link($0, $1, 1_000_000) }
        #expect(try Self.best(links) == nil)
        #expect(Self.chains(try Self.best(links, to: "e")) == ["a", "b", "c", "d", "e"])
        #expect(code { _ = try RouteBounds(hopsMax: 5, credibilityMin: .full) } == .format)
        #expect(code { _ = try RouteBounds(hopsMax: 0, credibilityMin: .full) } == .format)
    }

    @Test func equalRoutesAreDecidedByLengthThenByNames() throws {
        let full = try ["b", "c"].flatMap { try [Self.link("a", $0, 900_000), Self.link($0, "z", 900_000)] }
        #expect(Self.chains(try Self.best(full.reversed())) == ["a", "b", "z"])
        let certain = try [
            Self.link("a", "b", 1_000_000), Self.link("b", "z", 1_000_000), Self.link("a", "c", 1_000_000),
            Self.link("c", "z", 1_000_000), Self.link("a", "z", 1_000_000), Self.link("b", "a", 1_000_000),
        ]
        #expect(Self.chains(try Self.best(certain)) == ["a", "z"])
    }

    @Test func ofSeveralGatewaysTheMostCredibleThenTheFirstByNameIsTaken() throws {
        let links = try [
            Self.link("a", "z", 500_000, "g1"), Self.link("a", "z", 700_000, "g3"), Self.link("a", "z", 700_000, "g2"),
        ]
        #expect(try Self.best(links)?.links.map(\.gateway) == ["g2"])
    }

    @Test func whereThereIsNoWayThereIsNoRoute() throws {
        let links = try [Self.link("a", "b", 900_000), Self.link("z", "b", 900_000), Self.link("b", "c", 0)]
        #expect(try Self.best(links) == nil)
        #expect(try Self.best(links, to: "c") == nil)
        #expect(try Self.best(links, to: "a") == nil)
        #expect(try Self.best(links, to: "nowhere") == nil)
        #expect(try Self.best([]) == nil)
    }

    @Test func graphsOutOfBoundsAreRefused() throws {
        let link = try Self.link("a", "b", 1)
        #expect(code { _ = try RouteGraph([RouteLink](repeating: link, count: 4_096)) } == nil)
        #expect(code { _ = try RouteGraph([RouteLink](repeating: link, count: 4_097)) } == .format)
        #expect(code { _ = try RouteGraph([Self.link("a", "a", 1)]) } == .format)
        #expect(code { _ = try RouteGraph([Self.link("a", "", 1)]) } == .format)
        let star = try (0..<256).map { try Self.link("hub", "c\($0)", 1) }
        #expect(code { _ = try RouteGraph(star) } == .format)
        #expect(code { _ = try RouteGraph(Array(star.dropLast())) } == nil)
    }

    /// Every way without a chain twice, by brute force.
    private struct Exhaustive {
        let links: [RouteLink]
        let bounds: RouteBounds

        func ways(from source: String, to destination: String, _ done: [RouteLink] = []) -> [[RouteLink]] {
            let here = done.last?.to ?? source
            if here == destination { return [done] }
            guard done.count < self.bounds.hopsMax else { return [] }
            return self.links.flatMap { link -> [[RouteLink]] in
                let isNew = link.to != source && !done.contains { $0.to == link.to }
                let isGood = link.credibility >= self.bounds.credibilityMin && link.credibility.value > 0
                guard link.from == here, isNew, isGood else { return [] }
                return self.ways(from: source, to: destination, done + [link])
            }
        }

        static func cost(_ way: [RouteLink]) -> UInt64 { way.compactMap(\.credibility.routeCost).reduce(0, +) }

        static func isBetter(_ a: [RouteLink], _ b: [RouteLink]) -> Bool {
            if self.cost(a) != self.cost(b) { return self.cost(a) < self.cost(b) }
            if a.count != b.count { return a.count < b.count }
            let (first, second) = (a.map(\.to), b.map(\.to))
            if first != second { return first.lexicographicallyPrecedes(second) }
            return a.map(\.gateway).lexicographicallyPrecedes(b.map(\.gateway))
        }
    }

    @Test(arguments: [21, 22, 23, 24] as [UInt64])
    func theRouteIsTheBestOfAllWays(_ seed: UInt64) throws {
        var random = SeededNumbers(seed)
        var found = 0
        for _ in 0..<500 {
            let chains = ["a", "b", "c", "d", "e", "z"].prefix(Int.random(in: 3...6, using: &random))
            // Few values, so that many ways are equal.
            let values: [UInt32] = [0, 500_000, 810_000, 900_000, 1_000_000]
            let links = try (0..<Int.random(in: 0...16, using: &random)).compactMap { _ -> RouteLink? in
                guard let from = chains.randomElement(using: &random), let to = chains.randomElement(using: &random),
                    let value = values.randomElement(using: &random), from != to
                else { return nil }
                return try Self.link(from, to, value, Bool.random(using: &random) ? "g" : "h")
            }
            let bounds = try RouteBounds(
                hopsMax: Int.random(in: 1...4, using: &random),
                credibilityMin: Credibility(Bool.random(using: &random) ? 0 : 800_000)
            )
            let destination = try #require(chains.last)
            let ways = Exhaustive(links: links, bounds: bounds).ways(from: "a", to: destination)
            let best = ways.min(by: Exhaustive.isBetter)
            let route = try RouteGraph(links).bestRoute(from: "a", to: destination, within: bounds)
            #expect(route?.links == best)
            if route != nil { found += 1 }
            // As good as the best product, but for what rounding takes.
            let products = ways.map { $0.reduce(Credibility.full) { $0 * $1.credibility } }
            let highest = products.max().map { Int($0.value) }
            #expect(route.map { Int($0.credibility.value) + 4 >= highest ?? 0 } ?? (highest == nil))
        }
        #expect(found > 100)
    }
}

@Suite struct BinaryLogarithmTests {
    @Test func powersOfTwoAreExact() {
        for exponent in 0..<32 as Range<UInt64> {
            #expect(BinaryLogarithm.log2(1 << UInt32(exponent)) == exponent << 32)
        }
    }

    /// log2 of 3, 10 and 1,000,000, rounded down behind 32 bits.
    @Test(arguments: [(3, 6_807_362_105), (10, 14_267_572_527), (1_000_000, 85_605_435_163)] as [(UInt32, UInt64)])
    func knownValuesAreMet(_ value: UInt32, _ expected: UInt64) {
        let logarithm = BinaryLogarithm.log2(value)
        #expect(logarithm.magnitudeOfDifference(from: expected) <= 16)
    }

    @Test func aHigherCredibilityCostsLess() throws {
        var last = UInt64.max
        for value in stride(from: 1, through: 1_000_000, by: 1) as StrideThrough<UInt32> {
            let cost = try #require(Credibility(value).routeCost)
            guard cost < last else {
                Issue.record("\(value) costs \(cost), not less than \(last)")
                return
            }
            last = cost
        }
        #expect(last == 0)
        #expect(try Credibility(0).routeCost == nil)
    }

    @Test func aProductIsRoundedDown() throws {
        #expect(try (Credibility(999_999) * Credibility(999_999)).value == 999_998)
        #expect((Credibility.full * .full) == .full)
        #expect(try (Credibility(0) * .full).value == 0)
    }
}

extension UInt64 {
    fileprivate func magnitudeOfDifference(from other: UInt64) -> UInt64 { self > other ? self - other : other - self }
}
