import AccessPolicies
import ArgumentParser
import CanonicalBytes
import Credentials
import Foundation
import ProofFiles

struct ZKCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zk",
        abstract: "Prove that a credential satisfies a policy, without showing it.",
        discussion: """
            Proofs are Groth16 proofs of one of two circuits: the universal one, which takes any policy of up to sixteen \
            leaves, or one of a single policy. docs/zero-knowledge.md shows the whole way.
            """,
        subcommands: [
            ZKCircuitCommand.self, ZKPolicyCommand.self, ZKStatementCommand.self, ZKProveCommand.self,
            ZKVerifyCommand.self, ZKInspectCommand.self, ZKRequestCommand.self,
        ]
    )
}

/// `--policy` and `--policy-file`.
struct PolicyOptions: ParsableArguments {
    @Option(help: "The policy, as docs/policies.md describes it.")
    var policy: String?

    @Option(help: "A file that holds the policy.", completion: .file())
    var policyFile: String?

    func validate() throws {
        if self.policy != nil, self.policyFile != nil {
            throw ValidationError("name --policy or --policy-file, not both")
        }
    }

    /// The policy, nil if none was named.
    func read() throws -> WrittenPolicy? {
        let (text, name): (String, String)
        if let policy {
            (text, name) = (policy, "policy")
        } else if let file = self.policyFile {
            let bytes = try PrivateFile.read(file, upTo: 1 << 16, isSecret: false)
            (text, name) = (String(decoding: bytes, as: UTF8.self), file)
        } else {
            return nil
        }
        do { return try WrittenPolicy(text) } catch {
            StandardError.write(error.text(in: name, "error"))
            throw PolicyCommand.refused
        }
    }

    func required() throws -> WrittenPolicy {
        guard let policy = try self.read() else {
            throw ValidationError("name the policy with --policy TEXT or --policy-file FILE")
        }
        return policy
    }
}

/// Files of the commands around proofs, with their name in every complaint.
enum ProofInputs {
    static func read<Value>(_ path: String, upTo limit: Int = 1 << 16, _ decode: ([UInt8]) throws -> Value) throws
        -> Value
    {
        let bytes = try PrivateFile.read(path, upTo: limit, isSecret: false)
        return try FileFailure.naming(path) { try decode(bytes) }
    }

    /// Writes a file that must not exist yet.
    static func requireNew(_ path: String) throws {
        if PrivateFile.exists(path) { throw CommandFailure("\(path) exists already") }
    }

    /// 32 bytes of an option.
    static func digest(_ text: String, _ option: String) throws -> [UInt8] {
        guard let digest = [UInt8](hex: text), digest.count == 32 else {
            throw ValidationError("\(option) has 64 hexadecimal digits")
        }
        return digest
    }
}

/// What a command is doing, on a terminal, and how long all of it took.
final class StepProgress {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let start = ContinuousClock.now
    private var width = 0

    func step(_ text: String) {
        guard self.isTerminal else { return }
        let line = "\(text) …"
        StandardError.write("\r" + line.padding(toLength: max(self.width, line.count), withPad: " ", startingAt: 0))
        self.width = line.count
    }

    func finish() {
        guard self.isTerminal, self.width > 0 else { return }
        StandardError.write("\r" + String(repeating: " ", count: self.width) + "\r")
        self.width = 0
    }

    deinit { self.finish() }

    /// `0.42 s`.
    var elapsed: String { Self.text(ContinuousClock.now - self.start) }

    static func text(_ duration: Duration) -> String {
        String(format: "%.2f s", Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18)
    }
}
