/// Which patient a bed or a device belongs to, from one moment to another.
package struct Association: Sendable, Equatable {
    /// What is associated.
    package enum Subject: Sendable, Hashable, CustomStringConvertible {
        /// Ward and bed, joined by `/`.
        case bed(String)
        case device(String)

        package var description: String {
            switch self {
            case .bed(let name): "bed \(name)"
            case .device(let name): "device \(name)"
            }
        }

        var fields: FieldWriter {
            var fields = FieldWriter()
            switch self {
            case .bed(let name):
                fields.write("bed")
                fields.write(name)
            case .device(let name):
                fields.write("device")
                fields.write(name)
            }
            return fields
        }

        init?(_ fields: inout FieldReader) {
            switch (fields.text(), fields.text()) {
            case ("bed", let name?): self = .bed(name)
            case ("device", let name?): self = .device(name)
            default: return nil
            }
        }
    }

    package let id: Int64
    package let subject: Subject
    /// The patient's pseudonym: 32 lower-case hexadecimal digits.
    package let patient: String
    /// ms since 1970; included.
    package let from: Int64
    /// ms since 1970, not included; nil while it lasts.
    package let to: Int64?

    /// Whether it holds at a moment.
    package func holds(at time: Int64) -> Bool { self.from <= time && time < (self.to ?? .max) }

    /// Whether two associations of one subject share a moment.
    func overlaps(from: Int64, to: Int64?) -> Bool {
        max(self.from, from) < min(self.to ?? .max, to ?? .max)
    }
}
