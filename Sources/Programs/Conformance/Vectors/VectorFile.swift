/// One case of a vector file: an operation, its input, and what must come of it.
package struct VectorCase: Sendable, Hashable {
    package enum Expectation: Sendable, Hashable {
        case output(JSONObject)
        /// The code as written; comparing texts lets an unknown code fail the case and not the file.
        case error(String)
    }

    package let name: String
    package let operation: String
    package let input: JSONObject
    package let expectation: Expectation

    package init(name: String, operation: String, input: JSONObject, expectation: Expectation) {
        self.name = name
        self.operation = operation
        self.input = input
        self.expectation = expectation
    }

    /// The case as it stands in a file.
    package var json: JSONObject {
        var object: JSONObject = [
            "name": .string(self.name), "op": .string(self.operation), "in": .object(self.input),
        ]
        switch self.expectation {
        case .output(let output): object["out"] = .object(output)
        case .error(let code): object["error"] = .string(code)
        }
        return object
    }
}

/// The cases of one vector file (specification section 13), each of them well-formed or with the reason why not.
package struct VectorFile: Sendable {
    package enum Entry: Sendable {
        case vector(VectorCase)
        case malformed(name: String, reason: String)
    }

    package let entries: [Entry]

    /// Reads the content of a file.
    ///
    /// The result is nil for JSON that does not claim to be a vector file: an object with neither `suite` nor `cases`.
    ///
    /// - Throws: ``MalformedInput`` when it claims to be one and is not, or is no JSON.
    package init?(content: [UInt8]) throws(MalformedInput) {
        let value: JSONValue
        do throws(JSONProblem) { value = try JSONReader.value(of: content) } catch {
            throw MalformedInput("not JSON: \(error)")
        }
        guard case .object(let object) = value else { throw MalformedInput("the file is not a JSON object") }
        if object["suite"] == nil, object["cases"] == nil { return nil }
        guard case .array(let cases) = object["cases"] else { throw MalformedInput("`cases` is not an array") }
        guard !cases.isEmpty else { throw MalformedInput("`cases` is empty") }
        guard object["version"] == nil || object["version"] == .integer(1) else {
            throw MalformedInput("`version` is not 1")
        }
        self.entries = cases.enumerated().map { Self.entry($1, number: $0 + 1) }
    }

    private static func entry(_ value: JSONValue, number: Int) -> Entry {
        var name = "case \(number)"
        guard case .object(let object) = value else { return .malformed(name: name, reason: "not an object") }
        if case .text(let text) = object["name"] { name = text.string }
        guard case .text(let operation) = object["op"] else { return .malformed(name: name, reason: "no `op`") }
        guard case .object(let input) = object["in"] else { return .malformed(name: name, reason: "no `in`") }
        guard let expectation = self.expectation(object) else {
            return .malformed(name: name, reason: "neither one `out` nor one `error`")
        }
        return .vector(
            VectorCase(name: name, operation: operation.string, input: input, expectation: expectation)
        )
    }

    private static func expectation(_ object: JSONObject) -> VectorCase.Expectation? {
        switch (object["out"], object["error"]) {
        case (.object(let output), nil): .output(output)
        case (nil, .text(let code)): .error(code.string)
        default: nil
        }
    }
}

/// What is wrong with a vector file or with the input of a case, as opposed to a refusal by the operation.
package struct MalformedInput: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

extension VectorFile {
    /// The content of a file of these cases, a case a line.
    package static func content(suite: String, cases: [VectorCase]) -> [UInt8] {
        let lines = cases.map(\.json.json).joined(separator: ",\n")
        let suite = JSONValue.string(suite).json
        return Array("{\"suite\":\(suite),\"set\":\"random\",\"version\":1,\"cases\":[\n\(lines)\n]}\n".utf8)
    }
}
