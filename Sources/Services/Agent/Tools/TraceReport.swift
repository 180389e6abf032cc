/// A reading's way from the device to the chain, step by step.
package struct TraceReport: Sendable, Codable, Equatable {
    /// One step of the way.
    package struct Step: Sendable, Codable, Equatable {
        package enum State: String, Sendable, Codable {
            /// Checked, and right.
            case verified
            /// Known from what was checked elsewhere; there is nothing left here to check it against.
            case noted
            /// Not configured.
            case off
            /// Not there, or not yet.
            case missing
            /// There, and wrong.
            case failed
        }

        /// A word for machines.
        package let name: String
        package let state: State
        /// A sentence; no patient data.
        package let text: String
        /// Digests and numbers by name.
        package let facts: [String: String]

        init(_ name: String, _ state: State, _ text: String, _ facts: [String: String] = [:]) {
            self.name = name
            self.state = state
            self.text = text
            self.facts = facts
        }
    }

    /// As it was asked for.
    package let subject: String
    package internal(set) var steps: [Step] = []

    init(subject: String) { self.subject = subject }

    /// Whether no step is missing or wrong.
    package var isComplete: Bool { self.steps.allSatisfy { $0.state != .missing && $0.state != .failed } }

    mutating func add(_ step: Step) { self.steps.append(step) }

    enum CodingKeys: String, CodingKey { case subject, steps }
}
