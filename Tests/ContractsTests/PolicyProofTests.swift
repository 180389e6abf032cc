import AccessPolicies
import CanonicalBytes
import Certificates
import ConstraintSystems
import FiniteFields
import Groth16
import Ledger
import PolicyProofs
import SecretSharing
import Testing

@testable import Contracts

/// A holder of a credential, with what a proof needs.
private struct Holder {
    let credential: Credential
    /// The place of its leaf.
    let index: Int

    init(_ attributes: [String], index: Int) throws {
        self.credential = Credential(
            secret: .random(),
            salt: .random(),
            attributes: try CredentialAttributes(attributes)
        )
        self.index = index
    }

    var leaf: [UInt8] { self.credential.leaf.bytes }
}

/// The circuits of the specification, with keys that everybody could have made.
private enum PolicyCircuits {
    static let text = "(role:cardiologist and expires >= 20700)"

    static let one = Result { try TestCircuit(PolicyCircuit(AccessPolicy(text)).circuit, seed: 5) }
    static let universal = Result { try TestCircuit(UniversalPolicyCircuit.standard.circuit, seed: 6) }
}

@Suite("Policy proofs on the chain") struct PolicyProofTests {
    /// A consortium whose tree holds these holders' credentials, and its copy at the holders.
    private final class Ward {
        let scene: ProofScene
        let circuit: TestCircuit
        let isUniversal: Bool
        let ada = Result { try Holder(["expires=20800", "role:cardiologist"], index: 0) }
        let bob = Result { try Holder(["expires=20800", "role:nurse"], index: 1) }
        /// A day before the policy's.
        let late = Result { try Holder(["expires=20699", "role:cardiologist"], index: 2) }
        var tree = CredentialTree()

        init(isUniversal: Bool) throws {
            self.isUniversal = isUniversal
            self.circuit = try isUniversal ? PolicyCircuits.universal.get() : PolicyCircuits.one.get()
            self.scene = try ProofScene(circuit: self.circuit, text: PolicyCircuits.text, isUniversal: isUniversal)
            let leaves = try [self.ada, self.bob, self.late].map { try $0.get().leaf }
            try #require(try self.scene.add(leaves) == 0)
            for leaf in leaves { try self.tree.append(Fr(leaf)) }
            #expect(try self.scene.root == self.tree.root.bytes)
        }

        /// A request of a holder under the tree that the holder knows.
        func draft(_ byte: UInt8, _ holder: Holder, by signer: Signer, slot: UInt32 = 0) throws -> RequestDraft {
            let context = try ProofScene.context(self.scene.epoch, slot)
            let nym = holder.credential.nym(in: context)
            let draft = try self.scene.plainDraft(byte, by: signer, slot: slot, nym: nym)
                .with { $0.root = self.tree.root.bytes }
            let statement = PolicyStatement(
                root: self.tree.root,
                policy: try Fr(self.scene.binding().publicInput),
                nonce: try Fr(draft.nonce),
                context: context,
                nym: nym
            )
            let witness = try self.witness(statement, holder.credential, self.tree.path(of: holder.index))
            return try draft.with { $0.proof = try self.circuit.prover.prove(witness).bytes }
        }

        private func witness(
            _ statement: PolicyStatement,
            _ credential: Credential,
            _ path: CredentialPath
        ) throws -> [Fr] {
            guard self.isUniversal else {
                return try PolicyCircuit(self.scene.policy).witness(statement, credential, path)
            }
            let table = try PolicyTable(self.scene.policy)
            return try UniversalPolicyCircuit.standard.witness(statement, table, credential, path)
        }
    }

    @Test(
        "who satisfies the policy gets the permission; others have no proof, and another's does not help them",
        arguments: [false, true]
    )
    func attributes(_ isUniversal: Bool) throws {
        let ward = try Ward(isUniversal: isUniversal)
        let scene = ward.scene
        let pseudonyms = try (0..<3).map { try scene.consortium.pseudonym("p\($0)") }
        let (ada, bob, late) = try (ward.ada.get(), ward.bob.get(), ward.late.get())
        let good = try ward.draft(1, ada, by: pseudonyms[0])
        for (holder, pseudonym) in [(bob, pseudonyms[1]), (late, pseudonyms[2])] {
            let failure = #expect(throws: ProtocolFailure.self) { try ward.draft(2, holder, by: pseudonym) }
            #expect(failure?.code == .unsatisfied)
            let context = try ProofScene.context(scene.epoch, 0)
            let stolen = try scene.plainDraft(2, by: pseudonym, nym: holder.credential.nym(in: context))
                .with { $0.proof = good.proof }
            #expect(try scene.send(stolen, by: pseudonym) == number(.proofWrong))
        }
        // Her own proof for another of her requests, with all that the chain sees changed to fit.
        let moved = try scene.plainDraft(2, by: pseudonyms[0], nym: Fr(good.nym)).with { $0.proof = good.proof }
        #expect(try scene.send(moved, by: pseudonyms[0]) == number(.proofWrong))
        #expect(try scene.send(good, by: pseudonyms[0]) == 0)
        let request = try scene.access.record(AccessRequest.self, at: AccessKey.request(id(1)))
        #expect(request?.status == .permitted)
        // The slot's nym is used up, in whatever guise she comes; another slot's is not.
        let again = try ward.draft(3, ada, by: pseudonyms[1])
        #expect(again.nym == good.nym)
        #expect(try scene.send(again, by: pseudonyms[1]) == number(.nymUsed))
        #expect(try scene.send(ward.draft(3, ada, by: pseudonyms[1], slot: 1), by: pseudonyms[1]) == 0)
    }

    @Test("a revoked credential proves nothing, whichever root it is tried with")
    func revocation() throws {
        let ward = try Ward(isUniversal: false)
        let scene = ward.scene
        let pseudonym = try scene.consortium.pseudonym("ada")
        let ada = try ward.ada.get()
        let before = try ward.draft(1, ada, by: pseudonym)
        #expect(try scene.revoke([ada.leaf]) == 0)
        // With the root of before, and with the one that her own tree would have.
        #expect(try scene.send(before, by: pseudonym) == number(.rootRevoked))
        let claimed = try before.with { $0.root = try scene.root }
        #expect(try scene.send(claimed, by: pseudonym) == number(.proofWrong))
        try ward.tree.replace(at: ada.index, with: .zero)
        #expect(throws: ProtocolFailure.self) { try ward.draft(2, ada, by: pseudonym) }
        #expect(try scene.add([ada.leaf]) == number(.credentialKnown))
    }

    @Test("a tree of one's own has another root")
    func wrongRoot() throws {
        let ward = try Ward(isUniversal: false)
        let pseudonym = try ward.scene.consortium.pseudonym("bob")
        let forged = try Holder(["expires=60000", "role:cardiologist"], index: 3)
        try ward.tree.append(Fr(forged.leaf))
        let draft = try ward.draft(1, forged, by: pseudonym)
        #expect(try ward.scene.send(draft, by: pseudonym) == number(.rootUnknown))
        let claimed = try draft.with { $0.root = try ward.scene.root }
        #expect(try ward.scene.send(claimed, by: pseudonym) == number(.proofWrong))
    }
}
