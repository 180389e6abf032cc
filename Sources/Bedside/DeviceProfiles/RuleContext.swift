internal import Expressions
internal import Records
internal import StrictYAML
internal import Units

/// What every rule of one profile is compiled with.
struct RuleContext {
    /// The names of the topic's captures, in order.
    let captures: [String]
    /// The profile's own unit names, to UCUM.
    let units: [String: String]

    func expression(_ field: YAMLField) throws(YAMLProblem) -> Expression {
        let text = try field.word()
        do throws(ExpressionError) {
            return try Expression(text, captures: self.captures)
        } catch {
            throw field.problem(error.description)
        }
    }

    func optional(_ field: YAMLField?) throws(YAMLProblem) -> Expression? {
        guard let field else { return nil }
        return try self.expression(field)
    }

    func path(_ field: YAMLField) throws(YAMLProblem) -> JSONPath {
        let text = try field.word()
        do throws(ExpressionError) {
            return try JSONPath(text)
        } catch {
            throw field.problem(error.description)
        }
    }

    func template(_ field: YAMLField) throws(YAMLProblem) -> TextTemplate {
        let text = try field.word()
        do throws(ExpressionError) {
            return try TextTemplate(text, captures: self.captures)
        } catch {
            throw field.problem(error.description)
        }
    }

    func decimal(_ field: YAMLField) throws(YAMLProblem) -> ExactDecimal {
        guard let value = ExactDecimal(try field.text()) else { throw field.problem("must be a number") }
        return value
    }

    /// A list of `{flag, when}`.
    func flags(_ field: YAMLField?) throws(YAMLProblem) -> [FlagRule] {
        var rules: [FlagRule] = []
        for element in try field?.elements() ?? [] {
            let map = try element.mapping(["flag", "when"])
            let when = try self.expression(map.required("when"))
            rules.append(FlagRule(flag: try self.flag(map.required("flag")), when: when))
        }
        return rules
    }

    func flag(_ field: YAMLField) throws(YAMLProblem) -> QualityFlag {
        let text = try field.word()
        let allowed = text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
        guard allowed, text.utf8.count <= 48 else { throw field.problem("must be lower-case words joined by hyphens") }
        return QualityFlag(text)
    }

    /// A time: an expression alone, or a mapping; what it leaves out it takes from the profile's own time rule.
    func time(_ field: YAMLField, inherited: TimeRule?) throws(YAMLProblem) -> TimeRule {
        guard field.isMapping else {
            return TimeRule(
                value: try self.expression(field),
                format: inherited?.format ?? .rfc3339,
                zone: inherited?.zone,
                unusable: inherited?.unusable ?? .receiveTime
            )
        }
        let map = try field.mapping(["value", "format", "zone", "unusable"])
        return TimeRule(
            value: try self.expression(map.required("value")),
            format: try map["format"].map { field throws(YAMLProblem) in try self.timeFormat(field) }
                ?? inherited?.format ?? .rfc3339,
            zone: try map["zone"].map { field throws(YAMLProblem) in try self.zone(field) } ?? inherited?.zone,
            unusable: try map["unusable"].map { field throws(YAMLProblem) in
                try field.choice(TimeRule.Unusable.self)
            } ?? inherited?.unusable ?? .receiveTime
        )
    }

    private func timeFormat(_ field: YAMLField) throws(YAMLProblem) -> TimeRule.Format {
        switch try field.word() {
        case "rfc3339": return .rfc3339
        case "hl7": return .hl7
        case "unix-s": return .unix(.seconds)
        case "unix-ms": return .unix(.milliseconds)
        case "unix-us": return .unix(.microseconds)
        case "unix-ns": return .unix(.nanoseconds)
        case let text where text.hasPrefix("pattern:"):
            do throws(DateTimePatternError) {
                return .pattern(try DateTimePattern(String(text.dropFirst("pattern:".count))))
            } catch {
                throw field.problem("\(error)")
            }
        default:
            throw field.problem(
                "must be rfc3339, hl7, unix-s, unix-ms, unix-us, unix-ns or pattern:… such as "
                    + "pattern:dd.MM.yyyy HH:mm:ss"
            )
        }
    }

    private func zone(_ field: YAMLField) throws(YAMLProblem) -> TimeZoneRules {
        let name = try field.word()
        do throws(TimeZoneError) {
            return name == "gateway" ? try .gateway() : try TimeZoneRules(name)
        } catch {
            throw field.problem("\(error)")
        }
    }

    /// The unit of a value: a UCUM code, one of the profile's names, or `{expression}` when the message states it.
    func unit(_ field: YAMLField, to target: MeasuredUnit?, molarMass: ExactDecimal?) throws(YAMLProblem) -> UnitRule {
        let text = try field.word()
        if Self.isStated(text) {
            do throws(ExpressionError) {
                let expression = try Expression(String(text.dropFirst().dropLast()), captures: self.captures)
                return UnitRule(source: .stated(expression, aliases: self.units), target: target?.code)
            } catch {
                throw field.problem(error.description)
            }
        }
        do throws(UnitError) {
            let from = try UnitCatalogue.measuredUnit(self.ucumCode(text))
            let to = target ?? from
            let conversion = try UnitConversion(
                from: UCUMUnit(from.code),
                to: UCUMUnit(to.code),
                molarMass: molarMass
            )
            return UnitRule(source: .fixed(conversion, to), target: to.code)
        } catch {
            throw field.problem(error.description)
        }
    }

    /// Tells `{@.unit}` and `{coalesce($.unit, "%")}` from UCUM annotations such as `{steps}`.
    private static func isStated(_ text: String) -> Bool {
        text.hasPrefix("{") && text.hasSuffix("}") && text.contains { $0 == "$" || $0 == "@" || $0 == "(" }
    }

    /// UCUM for what a device or profile calls a unit.
    func ucumCode(_ text: String) -> String { self.units[text] ?? UnitCatalogue.ucumCode(text) }
}
