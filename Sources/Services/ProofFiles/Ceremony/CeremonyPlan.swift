internal import AccessPolicies
package import CanonicalBytes
package import SetupCeremony

/// What a ceremony is held for, as its directory says: `ceremony.json` with `version`, `label`, `circuit`, `policy` (of
/// the circuit of one policy), `logarithm` and `system`.
package struct CeremonyPlan: Sendable, Hashable {
    package let start: CeremonyStart
    package let kind: ProofCircuit.Kind
    /// The digest of the circuit's constraint system.
    package let system: [UInt8]

    /// The plan for a circuit, with powers for just its domain.
    ///
    /// - Throws: `FORMAT` for a label out of range or a circuit that is too large.
    package init(label: String, _ circuit: ProofCircuit) throws(ProtocolFailure) {
        self.start = try CeremonyStart(label: label, logarithm: circuit.logarithm)
        self.kind = circuit.kind
        self.system = circuit.digest
    }

    /// - Throws: `FORMAT`, `POLICY`.
    package init(_ bytes: [UInt8]) throws(ProtocolFailure) {
        let fields = try JSONFields(
            bytes,
            required: ["version", "label", "circuit", "logarithm", "system"],
            optional: ["policy"]
        )
        try fields.requireVersion()
        self.start = try CeremonyStart(
            label: fields.text("label", 1...255),
            logarithm: Int(fields.integer("logarithm", upTo: UInt64(CeremonyStart.logarithmMax)))
        )
        self.system = try fields.bytes("system", 32...32)
        switch (try fields.text("circuit", 1...16), fields.has("policy")) {
        case ("universal", false): self.kind = .universal
        case ("policy", true):
            self.kind = .policy(
                try AccessPolicy(canonical: fields.text("policy", 1...AccessPolicy.textBytesMax))
            )
        default: throw ProtocolFailure(.format, "the circuit is neither universal nor that of a policy")
        }
    }

    package var bytes: [UInt8] {
        var members: [(String, JSONValue)] = [
            ("version", .integer(1)),
            ("label", .text(self.start.label)),
            ("circuit", .text(self.kind.name)),
        ]
        if case .policy(let policy) = self.kind { members.append(("policy", .text(policy.text))) }
        members.append(("logarithm", .integer(UInt64(self.start.logarithm))))
        members.append(("system", .text(self.system.hex)))
        return JSONValue.object(members).bytes
    }

    /// The circuit, synthesized here and compared with the digest.
    ///
    /// - Throws: `CONTEXT` for another circuit than the plan was made for.
    package func circuit() throws(ProtocolFailure) -> ProofCircuit {
        let circuit = try ProofCircuit(self.kind)
        try require(
            circuit.digest == self.system && circuit.logarithm <= self.start.logarithm,
            .context,
            "the ceremony is for another \(self.kind.name) circuit than this version of wardline has"
        )
        return circuit
    }
}
