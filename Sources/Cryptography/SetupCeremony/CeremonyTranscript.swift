package import CanonicalBytes
package import ConstraintSystems

/// How far a ceremony is.
package enum CeremonyProgress: Sendable {
    case powers(PowersPhase)
    /// The first phase has ended.
    case circuit(CircuitPhase)
}

/// All contributions of a ceremony for one circuit, from which anyone computes its keys.
package struct CeremonyTranscript: Sendable {
    package let start: CeremonyStart
    /// Contributions of the first phase, the beacon's last.
    package private(set) var powers: [[UInt8]]
    /// Contributions of the second phase, the beacon's last.
    package private(set) var circuit: [[UInt8]]

    package init(start: CeremonyStart, powers: [[UInt8]] = [], circuit: [[UInt8]] = []) {
        self.start = start
        self.powers = powers
        self.circuit = circuit
    }

    /// Adds a contribution that was accepted.
    package mutating func append(_ contribution: [UInt8], to phase: CeremonyFault.Phase) {
        switch phase {
        case .powers: self.powers.append(contribution)
        case .circuit: self.circuit.append(contribution)
        }
    }

    /// Verifies everything that there is, for who contributes next.
    ///
    /// - Parameters:
    ///   - system: the circuit.
    ///   - progress: of what the second phase begins with, as in ``CircuitPhase/init(_:_:progress:)``.
    /// - Returns: the phase that the ceremony is in.
    /// - Throws: the first contribution that is wrong, with its author's name; `THRESHOLD` without a name for a second
    ///   phase before the first has ended.
    package func replayed(
        _ system: ConstraintSystem,
        progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(CeremonyFault) -> CeremonyProgress {
        var powers = PowersPhase(self.start)
        for contribution in self.powers { try powers.accept(contribution) }
        if !powers.isComplete {
            if !self.circuit.isEmpty { throw self.unfinished(.powers) }
            return .powers(powers)
        }
        var circuit = try self.attributed(.circuit, 0) { () throws(ProtocolFailure) in
            try CircuitPhase(powers, system, progress: progress)
        }
        for contribution in self.circuit { try circuit.accept(contribution) }
        return .circuit(circuit)
    }

    /// Verifies everything from the start and computes the keys.
    ///
    /// - Throws: as ``replayed(_:progress:)``, and `THRESHOLD` for a phase that has not ended.
    package func verify(
        _ system: ConstraintSystem,
        progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(CeremonyFault) -> CeremonyOutcome {
        guard case .circuit(let circuit) = try self.replayed(system, progress: progress) else {
            throw self.unfinished(.powers)
        }
        return try self.attributed(.circuit, self.circuit.count) { () throws(ProtocolFailure) in
            try circuit.finish()
        }
    }

    private func unfinished(_ phase: CeremonyFault.Phase) -> CeremonyFault {
        let failure = ProtocolFailure(.threshold, "the phase has not ended")
        return CeremonyFault(phase: phase, index: self.powers.count, author: nil, failure: failure)
    }

    private func attributed<Result>(
        _ phase: CeremonyFault.Phase,
        _ index: Int,
        _ body: () throws(ProtocolFailure) -> Result
    ) throws(CeremonyFault) -> Result {
        do throws(ProtocolFailure) { return try body() } catch {
            throw CeremonyFault(phase: phase, index: index, author: nil, failure: error)
        }
    }
}

/// `"WLCT" || LP(label) || u8 k || u32 n || n × LP(contribution) || u32 m || m × LP(contribution)`.
extension CeremonyTranscript {
    package var bytes: [UInt8] {
        var writer = CanonicalWriter()
        writer.magic("WLCT")
        writer.lengthPrefixed(self.start.label)
        writer.u8(UInt8(self.start.logarithm))
        for phase in [self.powers, self.circuit] {
            writer.u32(UInt32(phase.count))
            for contribution in phase { writer.lengthPrefixed(contribution) }
        }
        return writer.bytes
    }

    /// Decodes a transcript without verifying it.
    ///
    /// - Throws: `FORMAT`.
    package init(_ bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLCT")
        let label = try reader.text()
        self.start = try CeremonyStart(label: label, logarithm: Int(try reader.u8()))
        self.powers = try Self.contributions(&reader)
        self.circuit = try Self.contributions(&reader)
        try reader.finish()
    }

    /// Most contributions of a phase.
    private static let contributionsMax = 1024

    private static func contributions(_ reader: inout CanonicalReader) throws(ProtocolFailure) -> [[UInt8]] {
        let count = try reader.u32()
        try require(count <= Self.contributionsMax, .format, "\(count) contributions")
        var contributions: [[UInt8]] = []
        for _ in 0..<count { contributions.append(try reader.lengthPrefixed()) }
        return contributions
    }
}
