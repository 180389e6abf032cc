/// Operations of the specification whose schemes are not in this program: pairings, and what builds on them.
enum NotBuiltOperations {
    static let names = [
        "ibe.setup_step", "ibe.setup_verify", "ibe.q_id", "ibe.data_identity",
        "ibe.request", "ibe.request_verify", "ibe.wrap", "ibe.wrap_verify", "ibe.issue_step", "ibe.finish",
        "ibe.encap", "ibe.decap", "ibe.decap_capsule", "abe.setup", "abe.hash_attr", "abe.keygen", "abe.sk_check",
        "abe.delegate", "abe.encap", "abe.decap", "abe.index_policy", "abe.seal", "abe.open", "xbls.sign",
        "xbls.verify", "xbls.pop_verify", "xbls.committee", "xbls.tx_message", "xbls.certificate",
        "xbls.certificate_verify", "xbls.commit_message", "xbls.commit_verify", "xbls.register",
        "xbls.register_verify", "xbls.dkg_pop", "xbls.dkg_pop_verify", "xbls.dkg_deal", "xbls.dkg_check",
        "xbls.dkg_finalize", "xbls.partial_verify", "xbls.combine", "xbls.tcommittee", "xbls.tcertificate",
        "xbls.tcertificate_verify", "poseidon.params", "poseidon.perm", "poseidon.hash", "zk.slots", "zk.leaf",
        "zk.nym", "zk.tree", "zk.request_scalars", "zk.circuit", "groth16.verify",
    ]
}
