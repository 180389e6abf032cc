/// Operations of the specification whose schemes are not in this program: proofs of policies.
enum NotBuiltOperations {
    static let names = [
        "poseidon.params", "poseidon.perm", "poseidon.hash", "zk.slots", "zk.leaf", "zk.nym", "zk.tree",
        "zk.request_scalars", "zk.circuit", "groth16.verify",
    ]
}
