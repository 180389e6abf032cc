/// What is to be said of one place of somebody else's file: what is wrong there, and what was done instead.
package struct Finding: Error, Equatable, Sendable, CustomStringConvertible {
    /// How much it matters.
    package enum Weight: String, Sendable, CaseIterable, Comparable {
        /// Something was left out, or would mean something wrong downstream.
        case error
        /// Something was replaced or assumed.
        case warning
        /// Something is done differently here.
        case note

        package static func < (left: Weight, right: Weight) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .error: 0
            case .warning: 1
            case .note: 2
            }
        }
    }

    package let file: String
    /// 1-based; 0 when unknown.
    package let line: Int
    /// Dotted path such as `template[3].template.components[0].codes[0].code`.
    package let place: String
    package let weight: Weight
    /// What is there, in a sentence without a full stop.
    package let what: String
    /// What was written instead, or what to do.
    package let instead: String

    package init(file: String, line: Int, place: String, weight: Weight, what: String, instead: String) {
        self.file = file
        self.line = line
        self.place = place
        self.weight = weight
        self.what = what
        self.instead = instead
    }

    /// Whether something of the file was left out for it.
    package var leavesOut: Bool { self.weight == .error && self.instead.hasSuffix("left out") }

    package var description: String {
        let place = self.place.isEmpty ? "" : "\(self.place): "
        let instead = self.instead.isEmpty ? "" : "; \(self.instead)"
        return "\(self.file):\(self.line): \(self.weight.rawValue): \(place)\(self.what)\(instead)"
    }
}
