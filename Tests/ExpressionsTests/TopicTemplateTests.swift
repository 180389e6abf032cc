import Payloads
import Testing

@testable import Expressions

@Suite("Topic templates match as MQTT 5 §4.7 says")
struct TopicTemplateTests {
    @Test(
        "topics and captures",
        arguments: [
            ("ward/{ward}/bed/{bed}/monitor/{serial}", "ward/icu/bed/7/monitor/SN1", ["icu", "7", "SN1"]),
            ("ward/{ward}/bed/{bed}", "ward/icu/bed/7/x", nil), ("ward/{ward}/bed/{bed}", "ward/icu/bed", nil),
            ("ward/{ward}", "Ward/icu", nil), ("ward/{ward}", "ward/", [""]), ("ward/{ward}", "ward", nil),
            ("{a}/{b}", "/", ["", ""]), ("{a}", "ü", ["ü"]), ("{a}", "", nil), ("a/+/{b}", "a/x/y", ["y"]),
            ("a/#", "a/b/c", []), ("a/#", "a", []), ("a/#", "ab", nil), ("#", "a/b", []),
            ("a/{rest...}", "a/b/c", ["b/c"]), ("a/{rest...}", "a", [""]), ("a/{rest...}", "a/", [""]),
            ("{x}/{rest...}", "a/b", ["a", "b"]), ("{rest...}", "a/b", ["a/b"]),
            ("#", "$SYS/broker", nil), ("+/broker", "$SYS/broker", nil), ("{a}/broker", "$SYS/broker", nil),
            ("{rest...}", "$SYS/broker", nil), ("$SYS/#", "$SYS/broker", []), ("$SYS/{x}", "$SYS/broker", ["broker"]),
            ("a/{x}", "a/$b", ["$b"]), ("/finance", "/finance", []), ("+/+", "/finance", []), ("/+", "/finance", []),
            ("+", "/finance", nil), ("sport/tennis/+", "sport/tennis/player1/ranking", nil), ("sport/+", "sport/", []),
            ("a//b", "a//b", []), ("a/", "a", nil), ("a", "a/", nil),
        ] as [(String, String, [String]?)]
    )
    func matches(template: String, topic: String, captures: [String]?) throws {
        #expect(try TopicTemplate(template).match(topic) == captures)
    }

    @Test(
        "the filter to subscribe to",
        arguments: [
            ("ward/{ward}/bed/{bed}", "ward/+/bed/+"), ("a/{rest...}", "a/#"), ("+/a/#", "+/a/#"), ("/{x}/", "/+/"),
        ]
    )
    func filters(template: String, filter: String) throws {
        #expect(try TopicTemplate(template).subscriptionFilter == filter)
    }

    @Test(
        "malformed templates",
        arguments: [
            ("", 0), ("a/#/b", 3), ("{x...}/b", 6), ("a/b+", 3), ("a#", 1), ("a/{x", 4), ("a/x}", 3), ("{}", 1),
            ("{...}", 1), ("{1a}", 1), ("{a b}", 1), ("{a}/{a}", 5), ("{a}b", 4), ("a\u{0}", 1), ("{a/b}", 2),
        ]
    )
    func refused(template: String, position: Int) {
        let error = parsingError { () throws(ExpressionError) in try TopicTemplate(template) }
        #expect(error?.position == position, "\(String(describing: error))")
    }

    @Test("ranges count from the first byte of a slice and the capture names are in order") func ranges() throws {
        let template = try TopicTemplate("a/{x}/{y-1}")
        let bytes = Array("..a/bb/c".utf8)
        var captures = [0..<9]
        let isMatch = template.match(bytes[2...], into: &captures)
        #expect(isMatch)
        #expect(captures == [2..<4, 5..<6])
        #expect(template.captureNames == ["x", "y-1"])
        let scope = EvaluationScope(tree: PayloadTree(), topic: bytes[2...], captures: captures)
        #expect(try TextTemplate("{y-1}{x}", captures: template.captureNames).render(scope) == "cbb")
    }

    @Test(
        "overlap",
        arguments: [
            ("a/b", "a/b", true), ("a/b", "a/c", false), ("a/{x}", "a/c", true), ("a/{x}", "{y}/c", true),
            ("a/#", "a", true), ("a/#", "a/b/c", true), ("a/#", "b/#", false), ("a/+", "a/+/c", false),
            ("#", "$SYS/a", false), ("+/a", "$SYS/a", false), ("$SYS/#", "#", false), ("$SYS/#", "$SYS/+", true),
            ("#", "a/b", true), ("a/{x}/#", "a", false), ("a/{x}/#", "a/b", true), ("{r...}", "{x}", true),
        ]
    )
    func overlap(first: String, second: String, expected: Bool) throws {
        #expect(try TopicTemplate(first).overlaps(TopicTemplate(second)) == expected)
        #expect(try TopicTemplate(second).overlaps(TopicTemplate(first)) == expected)
    }

    @Test("more literal levels are more specific, then more single levels, then the earlier literal")
    func specificity() throws {
        let ordered = ["a/b/c", "a/b/+", "a/+/c", "+/b/c", "a/b/#", "a/+/+", "a/+/#", "a/#", "+/+/+", "+/#", "#"]
        let specificities = try ordered.map { try TopicTemplate($0).specificity }
        #expect(zip(specificities, specificities.dropFirst()).allSatisfy { $0 > $1 })
    }
}

@Suite("The router finds the most specific template")
struct TopicRouterTests {
    @Test("the most literal wins and of equals the earliest") func best() throws {
        let texts = ["#", "a/+", "a/{x}", "a/b", "+/b", "{x}/{y}/c", "a/{rest...}"]
        let router = TopicRouter(try texts.enumerated().map { (try TopicTemplate($0.element), $0.offset) })
        #expect(router.route("a/b")?.index == 3)
        #expect(router.route("a/z")?.index == 1)
        #expect(router.route("z/b")?.index == 4)
        #expect(router.route("q/r/c")?.index == 5)
        #expect(router.route("q/r/c")?.captures == ["q", "r"])
        #expect(router.route("a/r/d")?.captures == ["r/d"])
        #expect(router.route("a")?.index == 6)
        #expect(router.route("z")?.index == 0)
        #expect(router.route("$SYS/b") == nil)
        #expect(router.route("") == nil)
        #expect(TopicRouter([]).route("a") == nil)
    }

    @Test("it agrees with trying every template", arguments: 1...200 as ClosedRange<UInt64>)
    func model(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let levels = ["a", "b", "", "$c", "+", "{x}", "a"]
        var templates: [(TopicTemplate, Int)] = []
        for number in 0..<Int.random(in: 1...20, using: &generator) {
            var parts = (0..<Int.random(in: 1...4, using: &generator)).compactMap { _ in levels.pick(&generator) }
            if Bool.random(using: &generator) { parts.append(Bool.random(using: &generator) ? "#" : "{rest...}") }
            if let template = try? TopicTemplate(parts.joined(separator: "/")) { templates.append((template, number)) }
        }
        let router = TopicRouter(templates)
        for _ in 0..<50 {
            let parts = (0..<Int.random(in: 1...5, using: &generator)).compactMap { _ in
                ["a", "b", "", "$c", "z"].pick(&generator)
            }
            let topic = parts.joined(separator: "/")
            let matching = templates.filter { $0.0.match(topic) != nil }
            let best = matching.map(\.0.specificity).max()
            let expected = matching.first { $0.0.specificity == best }
            #expect(router.route(topic)?.index == expected?.1, "\(topic)")
            #expect(router.route(topic)?.captures == expected?.0.match(topic), "\(topic)")
            for (one, other) in zip(matching, matching.dropFirst()) { #expect(one.0.overlaps(other.0)) }
        }
    }
}
