internal import Foundation

/// A value in a vector file; numbers are exact.
package enum VectorValue: Sendable, Equatable, Decodable {
    case null
    case truth(Bool)
    case number(UInt64)
    case text(String)
    case list([VectorValue])
    case object([String: VectorValue])

    package init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let truth = try? value.decode(Bool.self) {
            self = .truth(truth)
        } else if let number = try? value.decode(UInt64.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let list = try? value.decode([VectorValue].self) {
            self = .list(list)
        } else {
            self = .object(try value.decode([String: VectorValue].self))
        }
    }
}

/// A vector that is not of the form that its test expects.
package struct VectorError: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
}
