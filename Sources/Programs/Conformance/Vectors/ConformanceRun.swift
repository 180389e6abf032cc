package import CanonicalBytes

/// What an operation made of one input.
package enum OperationOutcome: Sendable, Hashable, CustomStringConvertible {
    case output(JSONObject)
    case refused(ProtocolFailure)
    /// The input is none of this operation.
    case malformed(String)

    /// Runs the operation on an input.
    package init(_ operation: Operation, _ input: JSONObject) {
        do {
            self = .output(try operation.run(CaseInput(input)))
        } catch let failure as ProtocolFailure {
            self = .refused(failure)
        } catch {
            self = .malformed("\(error)")
        }
    }

    package var description: String {
        switch self {
        case .output(let object): object.json
        case .refused(let failure): "\(failure)"
        case .malformed(let reason): "a malformed case: \(reason)"
        }
    }
}

/// Whether a case of a vector file is reproduced.
package enum Verdict: Sendable, Hashable {
    case passed
    case failed(expected: String, got: String)

    init(_ vector: VectorCase, _ table: OperationTable) {
        guard let operation = table[vector.operation] else {
            self = .failed(expected: "an operation of a known scheme", got: "`\(vector.operation)`")
            return
        }
        self.init(vector.expectation, OperationOutcome(operation, vector.input))
    }

    private init(_ expectation: VectorCase.Expectation, _ outcome: OperationOutcome) {
        switch (expectation, outcome) {
        case (.output(let expected), .output(let got)) where expected == got: self = .passed
        case (.error(let code), .refused(let failure)) where JSONText(code) == JSONText(failure.code.rawValue):
            self = .passed
        case (.output(let expected), .output(let got)):
            let (wanted, found) = expected.differences(from: got)
            self = .failed(expected: wanted.json, got: found.json)
        case (.output(let expected), _): self = .failed(expected: expected.json, got: "\(outcome)")
        case (.error(let code), _): self = .failed(expected: code, got: "\(outcome)")
        }
    }
}

extension JSONObject {
    /// The members in which two objects differ, as each has them.
    fileprivate func differences(from other: JSONObject) -> (JSONObject, JSONObject) {
        var (mine, theirs) = (self, other)
        for name in self.names where self[name] == other[name] {
            mine[name] = nil
            theirs[name] = nil
        }
        return (mine, theirs)
    }
}

/// What became of the cases of some vector files.
package struct ConformanceRun: Sendable {
    package struct Failure: Sendable, Hashable {
        package let file: String
        package let name: String
        /// Empty when the case or file has none.
        package let operation: String
        package let expected: String
        package let got: String
    }

    package struct FileSummary: Sendable, Hashable {
        package let file: String
        package internal(set) var passed = 0
        package internal(set) var failed = 0
    }

    package private(set) var files: [FileSummary] = []
    package private(set) var failures: [Failure] = []

    private let table: OperationTable
    private let prefix: String

    /// - Parameters:
    ///   - table: the operations there are.
    ///   - prefix: only cases of operations whose names begin with this are run, and counted.
    package init(table: OperationTable = .standard, only prefix: String = "") {
        self.table = table
        self.prefix = prefix
    }

    package var passedCount: Int { self.files.reduce(0) { $0 + $1.passed } }
    package var failedCount: Int { self.files.reduce(0) { $0 + $1.failed } }

    /// Runs the cases of one file; a file that is malformed counts as one failure.
    ///
    /// - Parameters:
    ///   - file: how failures name it.
    ///   - content: its bytes.
    ///   - each: called with every case and its verdict.
    /// - Returns: false for JSON that does not claim to be a vector file, which counts as nothing.
    @discardableResult
    package mutating func add(
        file: String,
        content: [UInt8],
        each: (VectorCase, Verdict) -> Void = { _, _ in }
    ) -> Bool {
        var summary = FileSummary(file: file)
        do throws(MalformedInput) {
            guard let vectors = try VectorFile(content: content) else { return false }
            for entry in vectors.entries { self.run(entry, &summary, each) }
        } catch {
            self.fail(&summary, name: "", operation: "", expected: "a vector file", got: "\(error)")
        }
        self.files.append(summary)
        return true
    }

    private mutating func run(
        _ entry: VectorFile.Entry,
        _ summary: inout FileSummary,
        _ each: (VectorCase, Verdict) -> Void
    ) {
        switch entry {
        case .malformed(let name, let reason):
            self.fail(&summary, name: name, operation: "", expected: "a well-formed case", got: reason)
        case .vector(let vector):
            guard vector.operation.utf8.starts(with: self.prefix.utf8) else { return }
            let verdict = Verdict(vector, self.table)
            switch verdict {
            case .passed: summary.passed += 1
            case .failed(let expected, let got):
                self.fail(&summary, name: vector.name, operation: vector.operation, expected: expected, got: got)
            }
            each(vector, verdict)
        }
    }

    private mutating func fail(
        _ summary: inout FileSummary,
        name: String,
        operation: String,
        expected: String,
        got: String
    ) {
        summary.failed += 1
        self.failures.append(
            Failure(file: summary.file, name: name, operation: operation, expected: expected, got: got)
        )
    }
}
