/// What a check of a gateway, or of a registration, came upon.
package struct Finding: Codable, Sendable, Hashable {
    package enum Grade: String, Codable, Sendable, Hashable {
        case fine
        /// It works, and will not for long, or less well than it could.
        case warning
        /// Messages do not get through, or the registration does not fit.
        case fault
    }

    package let grade: Grade
    /// What was looked at, a few words.
    package let about: String
    package let text: String
    /// What to do; empty when nothing is to be done.
    package let remedy: String

    package init(_ grade: Grade, _ about: String, _ text: String, remedy: String = "") {
        self.grade = grade
        self.about = about
        self.text = text
        self.remedy = remedy
    }
}
