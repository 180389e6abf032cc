import AccessPolicies
import CanonicalBytes
import ConstraintSystems
import FiniteFields
import PolicyProofs
import SecretSharing
import Testing
import VectorFiles

/// The cases of vector set G about credentials, their tree and requests.
@Suite struct CredentialVectorTests {
    @Test(arguments: try VectorFile.cases("G_zk", "zk.slots"))
    func slots(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            let slots = try CredentialAttributes(vector.texts("attrs")).slots
            return ["slots": .list(slots.map { .list([.text($0.id.bytes.hex), .text($0.value.bytes.hex)]) })]
        }
        #expect(outcome == vector.expected)
    }

    @Test(arguments: try VectorFile.cases("G_zk", "zk.leaf"))
    func leaf(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            let credential = Credential(
                secret: try SecretFr(bytes: vector.bytes("secret")),
                salt: try SecretFr(bytes: vector.bytes("salt")),
                attributes: try CredentialAttributes(vector.texts("attrs"))
            )
            return ["holder": .text(credential.holder.bytes.hex), "leaf": .text(credential.leaf.bytes.hex)]
        }
        #expect(outcome == vector.expected)
    }

    @Test(arguments: try VectorFile.cases("G_zk", "zk.nym"))
    func nym(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            let credential = Credential(
                secret: try SecretFr(bytes: vector.bytes("secret")),
                salt: try SecretFr(Fr.one),
                attributes: try CredentialAttributes([])
            )
            return ["nym": .text(credential.nym(in: try Fr(vector.bytes("ctx"))).bytes.hex)]
        }
        #expect(outcome == vector.expected)
    }

    @Test(arguments: try VectorFile.cases("G_zk", "zk.tree"))
    func tree(_ vector: VectorCase) throws {
        let leaves = try vector.bytesList("leaves").map { try Fr($0) }
        let depth: Int = try vector.number("depth")
        let outcome = try vector.outcome {
            let tree = try CredentialTree(leaves: leaves, depth: depth)
            let path = try tree.path(of: vector.number("index"))
            return [
                "root": .text(tree.root.bytes.hex), "path": .list(path.siblings.map { .text($0.bytes.hex) }),
                "bits": .list(path.isRight.map { .number($0 ? 1 : 0) }),
            ]
        }
        #expect(outcome == vector.expected)
        var grown = CredentialTree(depth: depth)
        for leaf in leaves { try grown.append(leaf) }
        #expect(try grown == CredentialTree(leaves: leaves, depth: depth))
    }

    @Test(arguments: try VectorFile.cases("G_zk", "zk.request_scalars"))
    func requestScalars(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            let nonce = try RequestScalars.nonce(
                chain: vector.bytes("chain"),
                requestID: vector.bytes("request_id"),
                certificateDigest: vector.bytes("pseudonym_cert_digest"),
                target: vector.bytes("target")
            )
            let context = try RequestScalars.context(
                chain: vector.bytes("chain"),
                epoch: vector.number("epoch"),
                slot: vector.number("slot"),
                limit: vector.number("limit")
            )
            return ["nonce": .text(nonce.bytes.hex), "ctx": .text(context.bytes.hex)]
        }
        #expect(outcome == vector.expected)
    }
}
