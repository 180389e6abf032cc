internal import CanonicalBytes
internal import Foundation

/// One case of a vector file: what an operation must give for its input.
package struct VectorCase: Sendable, CustomStringConvertible {
    /// Unique in its file.
    package let name: String
    /// What is done, for example `ecqv.issue`.
    package let operation: String
    /// What every implementation gives.
    package let expected: VectorOutcome
    private let input: [String: VectorValue]

    package var description: String { self.name }

    /// What the operation gives here, to compare with ``expected``.
    ///
    /// - Throws: what is no ``ProtocolFailure``.
    package func outcome(_ operation: () throws -> [String: VectorValue]) throws -> VectorOutcome {
        do { return .output(try operation()) } catch let failure as ProtocolFailure {
            return .failure(failure.code.rawValue)
        }
    }

    /// An input of hexadecimal digits.
    package func bytes(_ key: String) throws -> [UInt8] { try Self.bytes(self.text(key), key) }

    /// An input that is a list of hexadecimal digits.
    package func bytesList(_ key: String) throws -> [[UInt8]] {
        try self.texts(key).map { try Self.bytes($0, key) }
    }

    /// An input that is text.
    package func text(_ key: String) throws -> String {
        guard case .text(let text)? = self.input[key] else { throw VectorError(description: "no text \(key)") }
        return text
    }

    /// An input that is a list of texts.
    package func texts(_ key: String) throws -> [String] {
        guard case .list(let values)? = self.input[key] else { throw VectorError(description: "no list \(key)") }
        return try values.map {
            guard case .text(let text) = $0 else { throw VectorError(description: "no list of texts \(key)") }
            return text
        }
    }

    /// An input that is a number, nil for `null`.
    package func optionalNumber(_ key: String) throws -> UInt64? {
        if self.input[key] == .null { return nil }
        guard case .number(let number)? = self.input[key] else { throw VectorError(description: "no number \(key)") }
        return number
    }

    /// An input that is a number of this type.
    package func number<Integer: FixedWidthInteger>(_ key: String) throws -> Integer {
        guard let number = try self.optionalNumber(key), let exact = Integer(exactly: number) else {
            throw VectorError(description: "\(key) is out of range")
        }
        return exact
    }

    private static func bytes(_ hex: String, _ key: String) throws -> [UInt8] {
        guard let bytes = [UInt8](hex: hex) else { throw VectorError(description: "\(key) is not hexadecimal") }
        return bytes
    }
}

/// What an operation gives: values, or the code of its failure.
package enum VectorOutcome: Sendable, Equatable {
    case output([String: VectorValue])
    case failure(String)
}

extension VectorCase: Decodable {
    private enum Key: String, CodingKey {
        case name
        case operation = "op"
        case input = "in"
        case output = "out"
        case failure = "error"
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        self.name = try values.decode(String.self, forKey: .name)
        self.operation = try values.decode(String.self, forKey: .operation)
        self.input = try values.decode([String: VectorValue].self, forKey: .input)
        if let code = try values.decodeIfPresent(String.self, forKey: .failure) {
            self.expected = .failure(code)
        } else {
            self.expected = .output(try values.decode([String: VectorValue].self, forKey: .output))
        }
    }
}

/// The files of `Tests/Fixtures/vectors`.
package enum VectorFile {
    private struct Content: Decodable { let cases: [VectorCase] }

    /// The cases of one operation in a set, for example `B_ecqv`; never none.
    package static func cases(_ set: String, _ operation: String) throws -> [VectorCase] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let file = folder.appending(path: "Fixtures/vectors/\(set).json")
        let cases = try JSONDecoder().decode(Content.self, from: Data(contentsOf: file)).cases
            .filter { $0.operation == operation }
        guard !cases.isEmpty else { throw VectorError(description: "no \(operation) in \(set)") }
        return cases
    }

    /// The cases of one operation in several sets.
    package static func cases(_ sets: [String], _ operation: String) throws -> [VectorCase] {
        try sets.flatMap { try self.cases($0, operation) }
    }
}
