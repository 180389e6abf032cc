import BLS12381
import CanonicalBytes
import ConstraintSystems
import FiniteFields
import Testing

@testable import SetupCeremony

/// Hospital B, second in turn, cheats in the phase of the circuit.
@Suite struct CheatingInCircuitTests {
    private static let cheater = SampleCeremony.members[1]
    private static let secret = Fr(4711)
    private static let badProof = "circuit 1 Hospital B PROOF"

    private let phase: CircuitPhase
    private let first: [UInt8]
    private let header: ContributionHeader
    private let honest: CircuitParameters

    init() throws {
        var phase = try CircuitPhase(SampleCeremony.complete.get().powers, SampleCeremony.circuit.system)
        self.first = try phase.contribution(of: SampleCeremony.members[0])
        try phase.accept(self.first)
        self.phase = phase
        self.header = try phase.header(Self.cheater)
        self.honest = phase.current.multiplied(by: Self.secret)
    }

    private func fault(_ bytes: [UInt8]) -> String? {
        var phase = self.phase
        return SetupCeremonyTests.fault { () throws(CeremonyFault) in try phase.accept(bytes) }
    }

    private func fault(
        delta: G1Point? = nil,
        deltaInG2: G2Point? = nil,
        l: G1Points? = nil,
        h: G1Points? = nil
    ) throws -> String? {
        let parameters = CircuitParameters(
            delta: delta ?? self.honest.delta,
            deltaInG2: deltaInG2 ?? self.honest.deltaInG2,
            l: l ?? self.honest.l,
            h: h ?? self.honest.h
        )
        return self.fault(try CircuitContribution(self.header, Self.secret, parameters).encoded())
    }

    @Test("An honest contribution is accepted")
    func honestOne() throws {
        #expect(try self.fault() == nil)
    }

    @Test("A δ that is not the one before times the secret is found, in either group")
    func wrongDelta() throws {
        let (first, second) = (G1Point.generator(times: Self.secret), G2Point.generator(times: Self.secret))
        #expect(try self.fault(delta: first) == Self.badProof)
        #expect(try self.fault(deltaInG2: second) == Self.badProof)
        #expect(try self.fault(delta: first, deltaInG2: second) == Self.badProof)
    }

    @Test("Points that were not divided by the secret are found")
    func notDivided() throws {
        #expect(try self.fault(l: self.phase.current.l) == Self.badProof)
        #expect(try self.fault(h: self.phase.current.h) == Self.badProof)
    }

    @Test("A wrong point of L or H is found, whichever it is", arguments: 0..<7)
    func wrongPoint(_ index: Int) throws {
        let h = self.honest.h.replacing(index, with: self.honest.h[index] + .generator)
        #expect(try self.fault(h: h) == Self.badProof)
        guard index < self.honest.l.count, !self.honest.l.isIdentity(at: index) else { return }
        let l = self.honest.l.replacing(index, with: self.honest.l[index] + .generator)
        #expect(try self.fault(l: l) == Self.badProof)
    }

    @Test("The point of a variable in no constraint stays the identity, and no other becomes it")
    func identities() throws {
        let places = (0..<self.honest.l.count).filter { self.honest.l.isIdentity(at: $0) }
        #expect(places.count == 1)
        let made = self.honest.l.replacing(places[0], with: .generator)
        #expect(try self.fault(l: made) == "circuit 1 Hospital B IDENTITY")
        let lost = self.honest.l.replacing(places[0] + 1, with: .identity)
        #expect(try self.fault(l: lost) == "circuit 1 Hospital B IDENTITY")
        let h = self.honest.h.replacing(0, with: .identity)
        #expect(try self.fault(h: h) == "circuit 1 Hospital B IDENTITY")
    }

    @Test("Missing knowledge, repetition and no change are refused")
    func knowledge() throws {
        var bytes = try CircuitContribution(self.header, Self.secret, self.honest).encoded()
        let position = 4 + self.header.bytes.count
        bytes.replaceSubrange(position + 96..<position + 144, with: try G1Point.generator.encoded())
        #expect(self.fault(bytes) == Self.badProof)
        #expect(self.fault(self.first) == "circuit 1 Hospital A DUPLICATE")
        let unchanged = try CircuitContribution(self.header, .one, self.phase.current).encoded()
        #expect(self.fault(unchanged) == "circuit 1 Hospital B DUPLICATE")
    }

    @Test("Points outside the subgroup, shortened and extended contributions are refused")
    func malformed() throws {
        let bytes = try CircuitContribution(self.header, Self.secret, self.honest).encoded()
        var wrong = bytes
        wrong.replaceSubrange(bytes.count - 48..<bytes.count, with: [0x80] + [UInt8](repeating: 0, count: 47))
        #expect(self.fault(wrong) == "circuit 1 Hospital B SUBGROUP")
        #expect(self.fault(Array(bytes.dropLast())) == "circuit 1 Hospital B FORMAT")
        #expect(self.fault(bytes + [0]) == "circuit 1 Hospital B FORMAT")
        #expect(self.fault([]) == "circuit 1 nobody FORMAT")
    }

    @Test("Contributions are bound to the circuit, the powers and their place")
    func otherPlace() throws {
        var other = try SampleCeremony()
        try other.contribute([SampleCeremony.members[0], SampleCeremony.beacon])
        let elsewhere = try CircuitPhase(other.powers, SampleCeremony.circuit.system)
        #expect(elsewhere.digest != self.phase.digest)
        var phase = elsewhere
        let first = self.first
        #expect(
            SetupCeremonyTests.fault { () throws(CeremonyFault) in try phase.accept(first) }
                == "circuit 0 Hospital A CONTEXT"
        )
    }

    @Test("Nothing is finished before the beacon, and no circuit begins before the powers are")
    func unfinished() throws {
        let failure = #expect(throws: ProtocolFailure.self) { try self.phase.finish() }
        #expect(failure?.code == .threshold)
        var ceremony = try SampleCeremony()
        try ceremony.contribute([SampleCeremony.members[0]])
        let early = #expect(throws: ProtocolFailure.self) {
            try CircuitPhase(ceremony.powers, SampleCeremony.circuit.system)
        }
        #expect(early?.code == .context)
    }
}

@Suite struct TranscriptFaultTests {
    private func transcript(_ change: (inout [[UInt8]], inout [[UInt8]]) -> Void) throws -> String? {
        let first = try SampleCeremony.complete.get()
        var phase = try CircuitPhase(first.powers, SampleCeremony.circuit.system)
        var circuit: [[UInt8]] = []
        for author in [SampleCeremony.members[2], SampleCeremony.members[0], SampleCeremony.beacon] {
            let contribution = try phase.contribution(of: author)
            try phase.accept(contribution)
            circuit.append(contribution)
        }
        var powers = first.contributions
        change(&powers, &circuit)
        let transcript = CeremonyTranscript(start: first.start, powers: powers, circuit: circuit)
        return fault { () throws(CeremonyFault) in _ = try transcript.verify(SampleCeremony.circuit.system) }
    }

    @Test("Whatever is taken out, exchanged or changed, the step is named")
    func faults() throws {
        #expect(try self.transcript { _, _ in } == nil)
        #expect(try self.transcript { powers, _ in powers.remove(at: 1) } == "powers 1 Hospital C CONTEXT")
        #expect(try self.transcript { powers, _ in powers.swapAt(0, 1) } == "powers 0 Hospital B CONTEXT")
        #expect(try self.transcript { powers, _ in powers.removeLast() } == "powers 3 nobody THRESHOLD")
        #expect(try self.transcript { powers, _ in powers = [] } == "powers 0 nobody THRESHOLD")
        #expect(try self.transcript { _, circuit in circuit.remove(at: 0) } == "circuit 0 Hospital A CONTEXT")
        #expect(try self.transcript { _, circuit in circuit.removeLast() } == "circuit 2 nobody THRESHOLD")
        #expect(try self.transcript { _, circuit in circuit[1][300] ^= 1 }?.hasPrefix("circuit 1 Hospital A") == true)
        #expect(try self.transcript { powers, _ in powers[2][2000] ^= 1 }?.hasPrefix("powers 2 Hospital C") == true)
    }

    @Test("A transcript of another circuit is refused")
    func otherCircuit() throws {
        let first = try SampleCeremony.complete.get()
        var phase = try CircuitPhase(first.powers, SampleCeremony.circuit.system)
        let contribution = try phase.contribution(of: SampleCeremony.members[0])
        try phase.accept(contribution)
        let transcript = CeremonyTranscript(start: first.start, powers: first.contributions, circuit: [contribution])
        var builder = CircuitBuilder()
        let y = builder.publicInput()
        builder.enforceEqual(builder.product(y, y), y)
        let other = builder.circuit().system
        #expect(
            fault { () throws(CeremonyFault) in _ = try transcript.verify(other) } == "circuit 0 Hospital A CONTEXT"
        )
    }

    @Test("No shortened or extended transcript is read")
    func length() throws {
        let first = try SampleCeremony.complete.get()
        let bytes = CeremonyTranscript(start: first.start, powers: first.contributions, circuit: []).bytes
        #expect(try CeremonyTranscript(bytes).bytes == bytes)
        for length in stride(from: 0, to: bytes.count, by: 331) {
            #expect(throws: ProtocolFailure.self) { try CeremonyTranscript(Array(bytes[..<length])) }
        }
        #expect(throws: ProtocolFailure.self) { try CeremonyTranscript(bytes + [0]) }
    }
}
