/// A reading's way, as far as it could be found and checked.
package struct TraceView: Sendable, Equatable {
    package enum State: String, Sendable {
        case verified
        case noted
        case off
        case missing
        case failed
    }

    package struct Step: Sendable, Equatable {
        /// A word for machines, as `wardline trace` has it.
        package var name: String
        package var state: State
        package var text: String
        /// By name.
        package var facts: [(name: String, value: String)]

        package init(name: String, state: State, text: String, facts: [(name: String, value: String)]) {
            self.name = name
            self.state = state
            self.text = text
            self.facts = facts
        }

        package static func == (left: Self, right: Self) -> Bool {
            left.name == right.name && left.state == right.state && left.text == right.text
                && left.facts.map(\.name) == right.facts.map(\.name)
                && left.facts.map(\.value) == right.facts.map(\.value)
        }
    }

    /// What the reading says, while the spool has it.
    package struct Reading: Sendable, Equatable {
        package var name: String
        package var value: String
        /// When it was measured, as the Observation says.
        package var effective: String
        /// When the gateway had it.
        package var issued: String
        /// The device's own time where it was corrected, with the seconds added.
        package var correction: String?
        package var device: String
        package var flags: [String]

        package init(
            name: String,
            value: String,
            effective: String,
            issued: String,
            correction: String?,
            device: String,
            flags: [String]
        ) {
            self.name = name
            self.value = value
            self.effective = effective
            self.issued = issued
            self.correction = correction
            self.device = device
            self.flags = flags
        }
    }

    package var subject: String
    /// ms since 1970: when the checks were made.
    package var checkedAt: Int64
    package var agent: String
    package var reading: Reading?
    package var steps: [Step]

    package init(subject: String, checkedAt: Int64, agent: String, reading: Reading?, steps: [Step]) {
        self.subject = subject
        self.checkedAt = checkedAt
        self.agent = agent
        self.reading = reading
        self.steps = steps
    }
}
