internal import CanonicalBytes
internal import Foundation

/// One case of a vector file: what an operation must give for its input.
package struct VectorCase: VectorFields, Sendable, CustomStringConvertible {
    /// Unique in its file.
    package let name: String
    /// What is done, for example `ecqv.issue`.
    package let operation: String
    /// What every implementation gives.
    package let expected: VectorOutcome
    /// What is given.
    package let input: VectorInput

    package var description: String { self.name }
    package var fields: [String: VectorValue] { self.input.fields }

    /// What the operation gives here, to compare with ``expected``.
    ///
    /// - Throws: what is no ``ProtocolFailure``.
    package func outcome(_ operation: () throws -> [String: VectorValue]) throws -> VectorOutcome {
        do { return .output(try operation()) } catch let failure as ProtocolFailure {
            return .failure(failure.code.rawValue)
        }
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
        self.input = VectorInput(try values.decode([String: VectorValue].self, forKey: .input))
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

    /// The cases of a set, for example `B_ecqv`.
    package static func cases(_ set: String) throws -> [VectorCase] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let file = folder.appending(path: "Fixtures/vectors/\(set).json")
        return try JSONDecoder().decode(Content.self, from: Data(contentsOf: file)).cases
    }

    /// The cases of one operation in a set; never none.
    package static func cases(_ set: String, _ operation: String) throws -> [VectorCase] {
        let cases = try self.cases(set).filter { $0.operation == operation }
        guard !cases.isEmpty else { throw VectorError(description: "no \(operation) in \(set)") }
        return cases
    }

    /// The cases of one operation in several sets.
    package static func cases(_ sets: [String], _ operation: String) throws -> [VectorCase] {
        try sets.flatMap { try self.cases($0, operation) }
    }
}
