package import CanonicalBytes
package import ConstraintSystems
package import SetupCeremony

/// A ceremony as it stands after the contributions that were accepted so far, each of them verified.
package struct CeremonyReplay: Sendable {
    /// An accepted contribution.
    package struct Entry: Sendable, Hashable {
        package let phase: CeremonyFault.Phase
        /// From 0 in each phase.
        package let index: Int
        package let author: CeremonyAuthor
        /// Of this contribution, and through it of all before.
        package let digest: [UInt8]
    }

    /// In their order.
    package private(set) var entries: [Entry] = []
    private let system: ConstraintSystem
    private var powers: PowersPhase
    private var circuit: CircuitPhase?

    package init(_ start: CeremonyStart, _ system: ConstraintSystem) {
        self.system = system
        self.powers = PowersPhase(start)
    }

    /// The phase that takes contributions; nil after both.
    package var phase: CeremonyFault.Phase? {
        guard self.powers.isComplete else { return .powers }
        return self.circuit?.isComplete == true ? nil : .circuit
    }

    /// Digest of everything so far.
    package var digest: [UInt8] { self.circuit?.digest ?? self.powers.digest }

    /// The author of a phase's beacon, nil before.
    package func beacon(of phase: CeremonyFault.Phase) -> CeremonyAuthor? {
        self.entries.last { $0.phase == phase }.flatMap { entry in
            if case .beacon = entry.author { entry.author } else { nil }
        }
    }

    /// The next contribution of a phase, not accepted yet.
    ///
    /// - Throws: `CONTEXT` for a phase whose time has not come or is over; as `PowersPhase` and `CircuitPhase`.
    package mutating func contribution(
        of author: CeremonyAuthor,
        to phase: CeremonyFault.Phase
    ) throws(ProtocolFailure) -> [UInt8] {
        switch phase {
        case .powers: return try self.powers.contribution(of: author)
        case .circuit: return try self.openedCircuit().contribution(of: author)
        }
    }

    /// Verifies a contribution to a phase and makes it the last one.
    ///
    /// - Throws: `CeremonyFault` with the author's name where it can be read, or `CONTEXT` for a contribution to the
    ///   second phase before the first one's beacon.
    package mutating func accept(_ bytes: [UInt8], to phase: CeremonyFault.Phase) throws {
        switch phase {
        case .powers:
            try self.powers.accept(bytes)
            self.append(phase, self.powers.authors, self.powers.digest)
        case .circuit:
            var circuit = try self.openedCircuit()
            self.circuit = nil
            defer { self.circuit = circuit }
            try circuit.accept(bytes)
            self.append(phase, circuit.authors, circuit.digest)
        }
    }

    /// The keys.
    ///
    /// - Throws: `THRESHOLD` before both beacons.
    package func finish() throws(ProtocolFailure) -> CeremonyOutcome {
        guard let circuit = self.circuit else {
            throw ProtocolFailure(.threshold, "the second phase has not begun")
        }
        return try circuit.finish()
    }

    /// The second phase, which takes some seconds to begin.
    private mutating func openedCircuit() throws(ProtocolFailure) -> CircuitPhase {
        if let circuit { return circuit }
        let circuit = try CircuitPhase(self.powers, self.system)
        self.circuit = circuit
        return circuit
    }

    private mutating func append(_ phase: CeremonyFault.Phase, _ authors: [CeremonyAuthor], _ digest: [UInt8]) {
        guard let author = authors.last else { return }
        self.entries.append(Entry(phase: phase, index: authors.count - 1, author: author, digest: digest))
    }
}
