import AccessPolicies
import ArgumentParser
import CanonicalBytes
import Contracts
import Credentials
import Groth16
import ProofFiles

extension ChainProposeCommand {
    struct RegisterCircuit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "register-circuit",
            abstract: "Take proofs of a circuit, with the keys of a ceremony.",
            discussion: """
                Verify the ceremony first, all governors: `wardline ceremony verify`. The circuit is made anew here, and its \
                digest must be the keys' one.
                """
        )
        @OptionGroup var common: Common
        @Argument(help: "The directory that `wardline ceremony finish` wrote.", completion: .directory)
        var keys: String

        func run() async throws {
            try await self.common.propose { _ in
                let registration = try CircuitKeys(self.keys).registration()
                StandardError.write("circuit \(registration.id.hex)\n")
                return .registerCircuit(registration)
            }
        }
    }

    struct RetireCircuit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "retire-circuit",
            abstract: "Take no proofs of a circuit any more; it never comes back."
        )
        @OptionGroup var common: Common
        @Argument(help: "The circuit's identifier, 64 hexadecimal digits.") var circuit: String

        func run() async throws {
            try await self.common.propose { _ in
                .retireCircuit(try ProofInputs.digest(self.circuit, "the circuit"))
            }
        }
    }
}

/// What a ceremony ended with, as far as the chain needs it.
struct CircuitKeys {
    private struct Summary: Decodable {
        let circuit: String
        let policy: String?
        let system: String
        let transcript: String
        let verificationKey: String

        enum CodingKeys: String, CodingKey {
            case circuit, policy, system, transcript
            case verificationKey = "verification_key"
        }
    }

    private let directory: String
    private let summary: Summary

    init(_ directory: String) throws {
        self.directory = directory
        let path = "\(directory)/\(CeremonyKeys.summaryFile)"
        let bytes = try PrivateFile.read(path, upTo: 1 << 16, isSecret: false)
        self.summary = try PlainJSON.decode(Summary.self, bytes, path)
    }

    /// The circuit with its verification key.
    ///
    /// - Throws: when the files do not belong together, or to the circuit that they name.
    func registration() throws -> CircuitRegistration {
        let path = "\(self.directory)/\(CeremonyKeys.verificationKeyFile)"
        let key = try ProofInputs.read(path) { try VerificationKey($0) }
        guard key.digest.hex == self.summary.verificationKey else {
            throw CommandFailure("\(path) is not the key that \(CeremonyKeys.summaryFile) names")
        }
        let (kind, circuit) = try self.circuit()
        guard circuit.digest.hex == self.summary.system else {
            throw CommandFailure("the keys are of another circuit than this program's: \(self.summary.system)")
        }
        return CircuitRegistration(
            kind: kind,
            system: circuit.digest,
            ceremony: try ProofInputs.digest(self.summary.transcript, "the transcript's digest"),
            key: key.bytes
        )
    }

    private func circuit() throws -> (CircuitKind, ProofCircuit) {
        switch (self.summary.circuit, self.summary.policy) {
        case ("universal", nil): return (.universal, try ProofCircuit(.universal))
        case ("policy", let text?):
            let policy = try AccessPolicy(text)
            return (.policy(policy.digest), try ProofCircuit(.policy(policy)))
        default: throw CommandFailure("\(self.directory)/\(CeremonyKeys.summaryFile) names no circuit")
        }
    }
}
