import AccessPolicies
import ArgumentParser
import Foundation

struct PolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Check and explain access policies.",
        discussion: """
            A policy says who may read, for example: role:doctor and age >= 18 and 2 of (ward:icu, ward:er, \
            trained-until >= 2027-01-01). docs/policies.md describes the language.
            """,
        subcommands: [Lint.self, Explain.self]
    )

    /// Exit code for a text that is no policy, or that cannot be read.
    static let refused = ExitCode(2)
}

/// A policy as an argument, in a file or on standard input.
struct PolicyInput: ParsableArguments {
    /// Bytes that are read at most; longer texts are no policies by far.
    private static let bytesMax = 1 << 16

    @Argument(help: "The policy; without it and without --file it is read from standard input.")
    var policy: String?

    @Option(help: "A file that holds the policy, - for standard input.", completion: .file())
    var file: String?

    func validate() throws {
        if self.policy != nil, self.file != nil { throw ValidationError("name a policy or a file, not both") }
    }

    /// What remarks call the text.
    var name: String { self.policy != nil ? "policy" : (self.file.map { $0 == "-" ? "stdin" : $0 } ?? "stdin") }

    func text() throws -> String {
        if let policy { return policy }
        let file = self.file ?? "-"
        let handle = file == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: file)
        guard let data = try handle?.read(upToCount: Self.bytesMax) else {
            if handle != nil { return "" }
            StandardError.write("wardline: cannot read \(file)\n")
            throw PolicyCommand.refused
        }
        // Bytes that are no UTF-8 become characters that no policy has.
        return String(decoding: data, as: UTF8.self)
    }
}

extension PolicyRemark {
    /// As compilers tell it.
    func text(in file: String, _ severity: String) -> String {
        let excerpt = self.excerpt.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)\n" }
            .joined()
        return "\(file):\(self.line):\(self.column): \(severity): \(self.message)\n\(excerpt)"
            + (self.hint.map { "    hint: \($0)\n" } ?? "")
    }
}

/// A remark as one JSON object.
struct RemarkDocument: Encodable {
    let line: Int
    let column: Int
    let message: String
    let hint: String?

    init(_ remark: PolicyRemark) {
        self.line = remark.line
        self.column = remark.column
        self.message = remark.message
        self.hint = remark.hint
    }
}

/// What both commands print for a text that is no policy.
struct RefusedPolicyDocument: Encodable {
    let valid = false
    let error: RemarkDocument
}

func writeJSON(_ document: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try StandardOutput.write(Array(encoder.encode(document)) + [UInt8(ascii: "\n")])
}
