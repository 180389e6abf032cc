import AccessPolicies
import CanonicalBytes
import ConstraintSystems
import FiniteFields
import Foundation
import Groth16
import PolicyProofs
import ProofFiles
import SecretSharing
import Testing

@Suite("Proofs in files")
struct ProofFileTests {
    private static let policy = "role:doctor and age >= 18"

    /// A circuit with keys of a published trapdoor, a credential and a proof: made once.
    private struct Scene: Sendable {
        let prover: PolicyProver
        let provingKey: ProvingKey
        let key: VerificationKey
        let sample: CredentialFile.Issue
        let path: CredentialPathFile
        let statement: StatementFile
        let proof: ProofFile

        init() throws {
            let written = try WrittenPolicy(ProofFileTests.policy)
            let circuit = try ProofCircuit(.policy(written.policy))
            let trapdoor = try Trapdoor(tau: Fr(12), alpha: Fr(13), beta: Fr(14), gamma: Fr(15), delta: Fr(16))
            let key = try ProvingKey(circuit.circuit.system, trapdoor)
            let issued = try Samples.issued()
            self.prover = try PolicyProver(key, circuit)
            self.provingKey = key
            self.key = key.verificationKey
            self.sample = try #require(issued.file.issue)
            self.path = try CredentialPathFile(issued.tree, index: 1)
            self.statement = try StatementFile(Samples.json(Samples.statement(root: issued.tree.root)))
            self.proof = try self.prover.prove(
                PolicyProver.Claim(statement: self.statement, policy: written, issue: self.sample, path: self.path)
            )
        }

        func prove(
            _ policy: String = ProofFileTests.policy,
            _ statement: StatementFile? = nil,
            _ path: CredentialPathFile? = nil
        ) throws -> ProofFile {
            try self.prover.prove(
                PolicyProver.Claim(
                    statement: statement ?? self.statement,
                    policy: WrittenPolicy(policy),
                    issue: self.sample,
                    path: path ?? self.path
                )
            )
        }
    }

    private static let scene = Result { try Scene() }

    @Test("A proof comes back from its file, verifies, and is for its statement")
    func roundTrip() throws {
        let scene = try Self.scene.get()
        let read = try ProofFile(scene.proof.bytes)
        #expect(read == scene.proof)
        try read.verify(scene.key)
        try read.check(scene.statement, AccessPolicy(Self.policy))
        #expect(read.statement.nym == scene.sample.credential.nym(in: try scene.statement.context()))
    }

    @Test("Nothing secret is in the file")
    func noSecrets() throws {
        let scene = try Self.scene.get()
        let text = String(decoding: scene.proof.bytes, as: UTF8.self)
        for secret in [scene.sample.credential.secret, scene.sample.credential.salt] {
            #expect(!text.contains(secret.withValue { $0.bytes.hex }))
        }
        #expect(!text.contains(scene.sample.credential.leaf.bytes.hex))
        #expect(!text.contains(scene.sample.credential.holder.bytes.hex))
    }

    @Test(
        "Another request, scope, certificate, chain, slot, epoch or root is refused by name",
        arguments: [
            ("request", "\"\(String(repeating: "09", count: 32))\"", "request"),
            ("certificate", "\"\(String(repeating: "09", count: 32))\"", "request"),
            ("scope", "\"\(String(repeating: "09", count: 32))\"", "request"),
            ("chain", "\"00\"", "request"),
            ("slot", "1", "slot or epoch"), ("epoch", "4", "slot or epoch"),
            ("root", "\"\(String(repeating: "00", count: 31))05\"", "root of the credential tree"),
        ]
    )
    func otherStatement(name: String, value: String, reason: String) throws {
        let scene = try Self.scene.get()
        var members = Samples.statement(root: try Fr(scene.statement.root))
        members[name] = value
        let other = try StatementFile(Samples.json(members))
        #expect { try scene.proof.check(other, AccessPolicy(Self.policy)) } throws: { error in
            let failure = error as? ProtocolFailure
            return failure?.code == .context && failure?.detail == "the proof is for another \(reason)"
        }
    }

    @Test("Another policy is refused by name")
    func otherPolicy() throws {
        let scene = try Self.scene.get()
        #expect { try scene.proof.check(scene.statement, AccessPolicy("role:doctor")) } throws: {
            ($0 as? ProtocolFailure)?.detail == "the proof is for another policy"
        }
    }

    @Test("Each public input that is changed, and a changed proof, are refused")
    func tampered() throws {
        let scene = try Self.scene.get()
        let text = String(decoding: scene.proof.bytes, as: UTF8.self)
        for input in scene.proof.statement.publicInputs {
            let changed = text.replacingOccurrences(of: input.bytes.hex, with: (input + .one).bytes.hex)
            let file = try ProofFile(Array(changed.utf8))
            #expect { try file.verify(scene.key) } throws: { ($0 as? ProtocolFailure)?.code == .proof }
        }
        var proof = scene.proof.proof
        proof[0] ^= 0x20
        let changed = text.replacingOccurrences(of: scene.proof.proof.hex, with: proof.hex)
        let file = try ProofFile(Array(changed.utf8))
        #expect { try file.verify(scene.key) } throws: { ($0 as? ProtocolFailure)?.code == .proof }
    }

    @Test("A key of another circuit is refused before the pairing")
    func otherKey() throws {
        let scene = try Self.scene.get()
        let key = scene.key
        let other = try VerificationKey(
            alpha: key.alpha,
            beta: key.beta,
            gamma: key.delta,
            delta: key.delta,
            inputs: key.inputs
        )
        #expect { try scene.proof.verify(other) } throws: { ($0 as? ProtocolFailure)?.code == .context }
    }

    @Test("A key's copy with both coordinates is the key; that of another key or circuit, and a damaged one, are none")
    func expanded() throws {
        let scene = try Self.scene.get()
        let digest = ProvingKey.digest(try scene.provingKey.encoded())
        let circuit = scene.key.digest
        let bytes = try ExpandedProvingKey.bytes(scene.provingKey, of: digest)
        let read = try ExpandedProvingKey.key(bytes, of: digest, verificationKey: circuit)
        let again = try read.encoded()
        #expect(ProvingKey.digest(again) == digest)
        let other = [UInt8](repeating: 1, count: 32)
        #expect(Self.code(bytes, digest: other, circuit) == .context)
        #expect(Self.code(bytes, digest: digest, other) == .context)
        #expect(Self.code(Array(bytes.dropLast()), digest: digest, circuit) == .format)
        for place in [5, 40, 80, bytes.count / 2, bytes.count - 1] {
            var damaged = bytes
            damaged[place] ^= 1
            #expect(Self.code(damaged, digest: digest, circuit) != nil)
        }
    }

    private static func code(_ bytes: [UInt8], digest: [UInt8], _ circuit: [UInt8]) -> ProtocolFailure.Code? {
        do {
            _ = try ExpandedProvingKey.key(bytes, of: digest, verificationKey: circuit)
            return nil
        } catch { return error.code }
    }

    @Test("A copy in the folder is read, and one that is not there is none")
    func expandedFile() throws {
        let scene = try Self.scene.get()
        let digest = ProvingKey.digest(try scene.provingKey.encoded())
        try Samples.withDirectory { folder in
            #expect(
                ExpandedProvingKey.read(in: folder, of: digest, verificationKey: scene.key.digest)?.variables == nil
            )
            ExpandedProvingKey.write(scene.provingKey, of: digest, to: folder)
            let read = ExpandedProvingKey.read(in: folder, of: digest, verificationKey: scene.key.digest)
            #expect(read?.systemDigest == scene.provingKey.systemDigest)
            let other = [UInt8](repeating: 1, count: 32)
            #expect(ExpandedProvingKey.read(in: folder, of: other, verificationKey: scene.key.digest)?.variables == nil)
        }
    }

    @Test("What the credential lacks is said, and what it has is not")
    func unsatisfied() throws {
        let scene = try Self.scene.get()
        #expect { try scene.prove("role:nurse and age >= 65 and ward:icu") } throws: { error in
            let failure = error as? ProtocolFailure
            return failure?.code == .unsatisfied
                && failure?.detail == "the credential lacks `role:nurse`, `age >= 65`"
        }
    }

    @Test("Another root, and the path of another credential, are refused")
    func otherPath() throws {
        let scene = try Self.scene.get()
        let other = try StatementFile(Samples.json(Samples.statement(root: Fr(5))))
        #expect { try scene.prove(Self.policy, other) } throws: { ($0 as? ProtocolFailure)?.code == .context }
        let samples = try Samples.issued()
        let path = try CredentialPathFile(samples.tree, index: 1)
        #expect { try scene.prove(Self.policy, nil, path) } throws: { ($0 as? ProtocolFailure)?.code == .context }
    }

    @Test("The circuit of a key is found by its digest")
    func circuitOfKey() throws {
        let policy = try AccessPolicy(Self.policy)
        let universal = try ProofCircuit(.universal)
        #expect(try ProofCircuit(ofKey: universal.digest, policy: policy).kind == .universal)
        let own = try ProofCircuit(.policy(policy))
        #expect(try ProofCircuit(ofKey: own.digest, policy: policy).kind == .policy(policy))
        #expect { try ProofCircuit(ofKey: own.digest, policy: AccessPolicy("role:nurse")) } throws: {
            ($0 as? ProtocolFailure)?.code == .context
        }
    }

    @Test("Files of another form are refused", arguments: ["proof", "inputs", "system", "circuit", "version"])
    func malformed(name: String) throws {
        let scene = try Self.scene.get()
        let text = String(decoding: scene.proof.bytes, as: UTF8.self)
        let changed = text.replacingOccurrences(of: "\"\(name)\"", with: "\"other\"")
        #expect { try ProofFile(Array(changed.utf8)) } throws: { ($0 as? ProtocolFailure)?.code == .format }
    }
}
