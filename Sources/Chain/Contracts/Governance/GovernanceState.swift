package import CanonicalBytes
package import Certificates
package import Consensus
internal import Ledger

/// Keys of governance.
package enum GovernanceKey {
    /// ``Governors``.
    package static let governors = StateKey.make("governance", "governors")

    /// ``Proposal`` by the identifier of the transaction that proposed.
    package static func proposal(_ id: [UInt8]) -> [UInt8] {
        StateKey.make("governance", "proposal", id)
    }
}

/// A proposal with its votes: `u8 status || u64 closed || LP(proposer) || u16 n × LP(for) || u16 n × LP(against) ||
/// LP(arguments)`.
package struct Proposal: StateRecord {
    package enum Status: UInt8, Hashable, Sendable {
        case open = 0
        case enacted = 1
        case rejected = 2
        case withdrawn = 3
    }

    package var status: Status
    /// The block that closed it; 0 while it is open.
    package var closed: Height
    package let proposer: PartyName
    package var approvals: [PartyName]
    package var rejections: [PartyName]
    package let arguments: Propose

    init(_ arguments: Propose, by proposer: PartyName) {
        self.status = .open
        self.closed = 0
        self.proposer = proposer
        self.approvals = []
        self.rejections = []
        self.arguments = arguments
    }

    mutating func close(_ status: Status, at height: Height) {
        self.status = status
        self.closed = height
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.u8(self.status.rawValue)
        writer.u64(self.closed)
        writer.party(self.proposer)
        writer.parties(self.approvals)
        writer.parties(self.rejections)
        writer.lengthPrefixed(self.arguments.bytes)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        guard let status = Status(rawValue: try reader.u8()) else { throw ProtocolFailure(.format, "no such status") }
        self.status = status
        self.closed = try reader.u64()
        self.proposer = try reader.partyName()
        let counts = 0...Int(UInt16.max)
        self.approvals = try reader.partyNames(counts)
        self.rejections = try reader.partyNames(counts)
        self.arguments = try Propose(bytes: try reader.lengthPrefixed())
    }
}
