import Expressions
import Payloads
import Records
import Units

/// The parsers of what profiles are written in, and the evaluation of what they accept.
enum GrammarTargets {
    static let all: [Target] =
        [
            Target(name: "json-path", weight: 30, family: .path) { bench, payload, random in
                Self.parsing { () throws(ExpressionError) in
                    Self.path(try JSONPath(Self.text(payload)), random.pick(bench.samples))
                }
            },
            Target(name: "expression", weight: 40, family: .expression) { bench, payload, random in
                Self.parsing { () throws(ExpressionError) in
                    let expression = try Expression(Self.text(payload), captures: ["ward", "bed", "serial"])
                    return Self.value(expression, Self.scope(bench, &random))
                }
            },
            Target(name: "text-template", weight: 10, family: .textTemplate) { bench, payload, random in
                Self.parsing { () throws(ExpressionError) in
                    let template = try TextTemplate(Self.text(payload), captures: ["ward", "bed", "serial"])
                    _ = template.render(Self.scope(bench, &random))
                    return .accepted
                }
            },
            Target(name: "topic-template", weight: 20, family: .topicTemplate) { bench, payload, random in
                Self.parsing { () throws(ExpressionError) in
                    var topic = bench.corpus.pick(.topic, &random)
                    Mutator.mutate(&topic, with: payload, &random)
                    return Self.topic(try TopicTemplate(Self.text(payload)), topic)
                }
            },
            Target(name: "ucum", weight: 30, family: .unit) { bench, payload, random in
                do throws(UnitError) {
                    let unit = try UCUMUnit(Self.text(payload))
                    let other = try UCUMUnit(Self.text(random.pick(bench.corpus.seeds(.unit))))
                    return try Self.conversion(
                        unit,
                        other,
                        ExactDecimal(significand: Int128(random.below(100_000)), exponent: -2)
                    )
                } catch { return error.description.isEmpty ? .broken("no words") : .refused("unit") }
            },
            Target(name: "gatt-name", weight: 5, family: .gattName) { _, payload, _ in
                GATTCharacteristic(Self.text(payload)) == nil ? .refused("unknown") : .accepted
            },
        ] + TimeTargets.all

    static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func parsing(_ body: () throws(ExpressionError) -> Verdict) -> Verdict {
        do throws(ExpressionError) { return try body() } catch {
            return error.reason.isEmpty || error.position < 0
                ? .broken("a refusal without words or place") : .refused("syntax")
        }
    }

    private static func scope(_ bench: Workbench, _ random: inout Randomness) -> EvaluationScope {
        EvaluationScope(
            tree: random.pick(bench.samples),
            topic: Array("icu/7/m1".utf8)[...],
            captures: random.once(in: 8) ? [0..<3] : [0..<3, 4..<5, 6..<8]
        )
    }

    private static func path(_ path: JSONPath, _ tree: PayloadTree) -> Verdict {
        let first = path.first(in: tree)
        do throws(JSONPath.Limit) {
            let nodes = try path.select(in: tree)
            return nodes.first == first ? .accepted : .broken("the first node is not the first of all nodes")
        } catch { return .refused("work-limit") }
    }

    private static func value(_ expression: Expression, _ scope: EvaluationScope) -> Verdict {
        let value = expression.evaluate(scope)
        _ = expression.evaluateCondition(scope)
        _ = expression.evaluateText(scope)
        if case .number(let number) = value, let fault = TreeAudit.fault(of: number) { return .broken(fault) }
        if case .node(let node) = value { _ = scope.tree.kind(node) }
        guard let number = expression.evaluateNumber(scope) else { return .accepted }
        return TreeAudit.fault(of: number).map(Verdict.broken) ?? .accepted
    }

    private static func topic(_ template: TopicTemplate, _ topic: [UInt8]) -> Verdict {
        var captures: [Range<Int>] = []
        var routed: [Range<Int>] = []
        let matches = template.match(topic[...], into: &captures)
        let route = TopicRouter([(template, 7)]).route(topic[...], into: &routed)
        guard matches == (route == 7) else { return .broken("template and router do not agree") }
        guard template.overlaps(template) else { return .broken("a template does not overlap itself") }
        guard matches else { return .accepted }
        let sound = captures == routed && captures.count == template.captureNames.count
        return sound && captures.allSatisfy { $0.upperBound <= topic.count } ? .accepted : .broken("captures")
    }

    private static func conversion(_ unit: UCUMUnit, _ other: UCUMUnit, _ value: ExactDecimal) throws(UnitError)
        -> Verdict
    {
        guard try UnitConversion(from: unit, to: unit)(value) == value else { return .broken("a unit is not itself") }
        let molarMass = ExactDecimal(significand: 180_156, exponent: -3)
        // The unit was read; that it measures something else than the other one is no refusal of it.
        guard let conversion = try? UnitConversion(from: unit, to: other, molarMass: molarMass) else {
            return .accepted
        }
        return TreeAudit.fault(of: conversion(value)).map(Verdict.broken) ?? .accepted
    }
}
