package import CanonicalBytes
package import Certificates
package import Consensus
package import Incentives
package import Ledger

/// What governors can decide; encoded as a kind, then its fields.
package enum ProposedChange: Hashable, Sendable {
    /// 1: `LP(name) || u64 value`.
    case parameter(name: String, value: UInt64)
    /// 2: `LP(committee) || u16 n × LP(party)`: the next epoch's committee, and the names of its members in its order.
    case committee(Committee, names: [PartyName])
    /// 3: `issuer`.
    case addIssuer(TrustedIssuer)
    /// 4: `u8 kind || LP(name)`.
    case removeIssuer(TrustedIssuer.Kind, name: String)
    /// 5: `LP(contract) || LP(method) || u64 height`: nothing of it can be called below the height; an empty method
    /// stands for the whole contract.
    case activation(contract: String, method: String, height: Height)
    /// 6: `u16 threshold || u16 n × LP(party)`.
    case governors(Governors)
    /// 7: ``CircuitRegistration``.
    case registerCircuit(CircuitRegistration)
    /// 8: `circuit(32)`: no proof of it is taken any more.
    case retireCircuit([UInt8])
    /// 9: ``ConnectRelay``.
    case connect(ConnectRelay)
    /// 10: ``RegisterChain``.
    case registerChain(RegisterChain)
    /// 11: ``ChangeStanding``.
    case standing(ChangeStanding)
    /// 12: ``ReanchorChain``.
    case reanchor(ReanchorChain)
    /// 13: ``IncentiveParameters``.
    case incentives(IncentiveParameters)
    /// 14: ``ChangeCredits``.
    case credits(ChangeCredits)
    /// 15: `LP(name)`: a contract's code ends, and what is held for it goes to the pool.
    case condemnCode(CodeName)

    package func write(to writer: inout CanonicalWriter) {
        switch self {
        case .parameter(let name, let value):
            writer.u8(1)
            writer.lengthPrefixed(name)
            writer.u64(value)
        case .committee(let committee, let names):
            writer.u8(2)
            writer.lengthPrefixed(committee.bytes)
            writer.parties(names)
        case .addIssuer(let issuer):
            writer.u8(3)
            issuer.write(to: &writer)
        case .removeIssuer(let kind, let name):
            writer.u8(4)
            writer.u8(kind.rawValue)
            writer.lengthPrefixed(name)
        case .activation(let contract, let method, let height):
            writer.u8(5)
            writer.lengthPrefixed(contract)
            writer.lengthPrefixed(method)
            writer.u64(height)
        case .governors(let governors):
            writer.u8(6)
            governors.write(to: &writer)
        case .registerCircuit(let registration):
            writer.u8(7)
            registration.write(to: &writer)
        case .retireCircuit(let circuit):
            writer.u8(8)
            writer.raw(circuit)
        case .connect(let connect): self.write(9, connect, to: &writer)
        case .registerChain(let register): self.write(10, register, to: &writer)
        case .standing(let standing): self.write(11, standing, to: &writer)
        case .reanchor(let reanchor): self.write(12, reanchor, to: &writer)
        case .incentives(let parameters):
            writer.u8(13)
            parameters.write(to: &writer)
        case .credits(let credits): self.write(14, credits, to: &writer)
        case .condemnCode(let name):
            writer.u8(15)
            writer.lengthPrefixed(name.bytes)
        }
    }

    private func write(_ kind: UInt8, _ record: some StateRecord, to writer: inout CanonicalWriter) {
        writer.u8(kind)
        record.write(to: &writer)
    }

    /// - Throws: `FORMAT`, or what a public key throws.
    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        switch try reader.u8() {
        case 1: self = .parameter(name: try reader.word(1...64), value: try reader.u64())
        case 2:
            let committee = try Committee(bytes: try reader.lengthPrefixed())
            self = .committee(committee, names: try reader.partyNames(0...256))
        case 3:
            let issuer = try TrustedIssuer(from: &reader)
            try require((1...255).contains(issuer.issuer.name.utf8.count), .format, "an issuer's name")
            self = .addIssuer(issuer)
        case 4:
            guard let kind = TrustedIssuer.Kind(rawValue: try reader.u8()) else {
                throw ProtocolFailure(.format, "no such kind of issuer")
            }
            self = .removeIssuer(kind, name: try reader.text())
        case 5:
            let contract = try reader.word(1...64)
            self = .activation(contract: contract, method: try reader.word(0...64), height: try reader.u64())
        case 6: self = .governors(try Governors(from: &reader))
        case 7: self = .registerCircuit(try CircuitRegistration(from: &reader))
        case 8: self = .retireCircuit(try reader.hash())
        case 9: self = .connect(try ConnectRelay(from: &reader))
        case 10: self = .registerChain(try RegisterChain(from: &reader))
        case 11: self = .standing(try ChangeStanding(from: &reader))
        case 12: self = .reanchor(try ReanchorChain(from: &reader))
        case 13: self = .incentives(try IncentiveParameters(from: &reader))
        case 14: self = .credits(try ChangeCredits(from: &reader))
        case 15: self = .condemnCode(try CodeName(reader.text()))
        case let kind: throw ProtocolFailure(.format, "unknown kind of change \(kind)")
        }
    }

    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 256)
        self.write(to: &writer)
        return writer.bytes
    }

    package static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }

    package func hash(into hasher: inout Hasher) { hasher.combine(self.bytes) }
}

/// The parties that decide: `u16 threshold || u16 n × LP(party)`, ascending.
package struct Governors: StateRecord {
    package static let countMax = 256

    /// Approvals that a proposal needs.
    package let threshold: Int
    package let parties: [PartyName]

    package init(threshold: Int, parties: [PartyName]) {
        self.threshold = threshold
        self.parties = parties
    }

    /// Whether the names ascend, and the threshold is more than half of them and at most all.
    var isLawful: Bool {
        let texts = self.parties.map { Array($0.description.utf8) }
        let isAscending = zip(texts, texts.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) }
        return isAscending && self.threshold * 2 > self.parties.count && self.threshold <= self.parties.count
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.u16(UInt16(truncatingIfNeeded: self.threshold))
        writer.parties(self.parties)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.threshold = Int(try reader.u16())
        self.parties = try reader.partyNames(0...Int(UInt16.max))
    }
}
