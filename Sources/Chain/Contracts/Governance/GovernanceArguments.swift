package import CanonicalBytes
package import Ledger

/// Proposes a change: `u64 expires || change`; the proposal's identifier is that of the transaction.
package struct Propose: MethodArguments {
    package static let contract = "governance"
    package static let method = "propose"
    package static let channels: [Channel] = [.access]

    /// The last moment for votes, milliseconds since 1970.
    package let expires: UInt64
    package let change: ProposedChange

    package init(expires: UInt64, change: ProposedChange) {
        self.expires = expires
        self.change = change
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.u64(self.expires)
        self.change.write(to: &writer)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.expires = try reader.u64()
        self.change = try ProposedChange(from: &reader)
    }
}

/// Speaks of one proposal: `proposal(32)`.
package protocol ProposalArguments: MethodArguments {
    /// The identifier of the transaction that proposed.
    var proposal: [UInt8] { get }

    init(proposal: [UInt8])
}

extension ProposalArguments {
    package static var contract: String { "governance" }
    package static var channels: [Channel] { [.access] }

    package func write(to writer: inout CanonicalWriter) { writer.raw(self.proposal) }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.init(proposal: try reader.hash())
    }
}

/// Votes for a proposal; the last vote that it needs carries it out.
package struct Approve: ProposalArguments {
    package static let method = "approve"
    package let proposal: [UInt8]

    package init(proposal: [UInt8]) { self.proposal = proposal }
}

/// Votes against a proposal.
package struct Reject: ProposalArguments {
    package static let method = "reject"
    package let proposal: [UInt8]

    package init(proposal: [UInt8]) { self.proposal = proposal }
}

/// Takes back one's own proposal.
package struct Withdraw: ProposalArguments {
    package static let method = "withdraw"
    package let proposal: [UInt8]

    package init(proposal: [UInt8]) { self.proposal = proposal }
}
