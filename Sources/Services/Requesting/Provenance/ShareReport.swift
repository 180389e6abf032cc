/// What was found when a share was checked, step by step.
package struct ShareReport: Sendable, Codable {
    package struct Step: Sendable, Codable, Hashable {
        package enum State: String, Sendable, Codable {
            /// Checked, and right.
            case verified
            /// Not there, or not yet.
            case missing
            /// There, and wrong.
            case failed
        }

        /// A word for machines.
        package let name: String
        package let state: State
        /// A sentence.
        package let text: String
        /// Digests and numbers by name.
        package let facts: [String: String]
    }

    /// The scope that the steps are about, hexadecimal digits; nil for those about the whole share.
    package struct Part: Sendable, Codable {
        package let scope: String?
        package internal(set) var steps: [Step] = []
    }

    package internal(set) var parts: [Part] = []

    /// Whether nothing is missing or wrong.
    package var isComplete: Bool {
        !self.parts.isEmpty && self.parts.allSatisfy { $0.steps.allSatisfy { $0.state == .verified } }
    }
}
