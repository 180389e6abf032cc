import AccessPolicies

/// What `wardline policy explain` tells.
struct Explanation {
    let written: WrittenPolicy
    let conditions: [WrittenPolicy.Condition]
    let cheapest: WrittenPolicy.CheapestAttributes?
    let satisfaction: WrittenPolicy.Satisfaction?
    private let dateNames: [String]

    init(_ written: WrittenPolicy, dateNames: [String], _ satisfaction: WrittenPolicy.Satisfaction?) {
        self.written = written
        self.dateNames = written.dateNames + dateNames
        self.conditions = written.conditions(dateNames: dateNames)
        self.cheapest = written.cheapestAttributes
        self.satisfaction = satisfaction
    }

    var text: String {
        var lines = ["\(self.written.policy.text)", ""]
        lines += self.written.words(dateNames: self.dateNames, marks: self.marks) + [""]
        lines.append(self.cheapestLine)
        if let satisfaction { lines += [""] + self.verdict(satisfaction) }
        return lines.map { "\($0)\n" }.joined()
    }

    /// How each condition fares.
    var states: [String] {
        guard let satisfaction else { return [] }
        return satisfaction.holds.indices.map { index in
            if satisfaction.used.contains(index) { return "used" }
            if satisfaction.missing.contains(index) { return "missing" }
            return satisfaction.holds[index] ? "held" : "absent"
        }
    }

    private var marks: [String] { self.states.map { $0 == "used" ? "+" : $0 == "held" ? "=" : "-" } }

    private var cheapestLine: String {
        guard let cheapest else { return "No attributes were found that satisfy it." }
        let texts = cheapest.used.filter { !self.isComparison($0) }.map { self.conditions[$0].text }
        let numbers = cheapest.numbers.map(self.text)
        return "Cheapest: " + (texts + numbers).joined(separator: ", ") + " (\(Self.leaves(cheapest.leaves)))"
    }

    private func isComparison(_ position: Int) -> Bool { self.conditions[position].text.contains(" ") }

    private func text(_ number: WrittenPolicy.CheapestAttributes.Number) -> String {
        func value(_ value: UInt16) -> String {
            self.dateNames.contains(number.name) ? PolicyDate.text(value) : "\(value)"
        }
        if number.lowest == number.highest { return "\(number.name)=\(value(number.lowest))" }
        let range = "from \(value(number.lowest)) to \(value(number.highest))"
        return "\(number.name) \(range) (fewest leaves: \(value(number.cheapest)))"
    }

    private func verdict(_ satisfaction: WrittenPolicy.Satisfaction) -> [String] {
        if satisfaction.isSatisfied {
            let used = satisfaction.used.map { self.name($0) }.joined(separator: ", ")
            return ["Satisfied by \(used): \(Self.leaves(satisfaction.leavesUsed))."]
        }
        let missing = satisfaction.missing.map { self.name($0) }.joined(separator: ", ")
        return ["Not satisfied. Missing at the least: \(missing)."]
    }

    private func name(_ position: Int) -> String {
        let condition = self.conditions[position]
        return condition.text + (condition.date.map { " (\($0))" } ?? "")
    }

    private static func leaves(_ count: Int) -> String { count == 1 ? "1 leaf" : "\(count) leaves" }
}

/// The same for programs.
struct ExplainDocument: Encodable {
    struct Condition: Encodable {
        let text: String
        let date: String?
        let leaves: Int
        /// `used`, `held`, `missing` or `absent`; only with attributes.
        let state: String?
    }

    struct Number: Encodable {
        let name: String
        let lowest: UInt16
        let highest: UInt16
        let cheapest: UInt16
    }

    struct Cheapest: Encodable {
        let conditions: [String]
        let numbers: [Number]
        let leaves: Int
    }

    let valid = true
    let canonical: String
    let conditions: [Condition]
    let cheapest: Cheapest?
    let satisfied: Bool?
    let leavesUsed: Int?

    init(_ explanation: Explanation) {
        let states = explanation.states
        self.canonical = explanation.written.policy.text
        self.conditions = explanation.conditions.enumerated().map { index, condition in
            Condition(
                text: condition.text,
                date: condition.date,
                leaves: condition.leaves,
                state: states.isEmpty ? nil : states[index]
            )
        }
        self.cheapest = explanation.cheapest.map { cheapest in
            Cheapest(
                conditions: cheapest.used.map { explanation.conditions[$0].text },
                numbers: cheapest.numbers.map {
                    Number(name: $0.name, lowest: $0.lowest, highest: $0.highest, cheapest: $0.cheapest)
                },
                leaves: cheapest.leaves
            )
        }
        self.satisfied = explanation.satisfaction?.isSatisfied
        self.leavesUsed = explanation.satisfaction.flatMap { $0.isSatisfied ? $0.leavesUsed : nil }
    }
}
