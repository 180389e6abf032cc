internal import CanonicalBytes

/// Proof that a quorum prepared one block at one slot: an element of the set P of a view change
/// (Castro and Liskov, OSDI 1999, section 4.4).
///
/// The signatures travel with it. A mere claim of having prepared, as some libraries send, needs further conditions
/// to be safe.
package struct PreparedCertificate: Hashable, Sendable {
    /// One prepare's signer and signature; the slot is common to all.
    package struct Vote: Hashable, Sendable {
        package let replica: ReplicaID
        package let signature: [UInt8]

        package init(replica: ReplicaID, signature: [UInt8]) {
            self.replica = replica
            self.signature = signature
        }
    }

    package let slot: Slot
    /// Ascending by replica.
    package let votes: [Vote]

    package init(slot: Slot, votes: [Vote]) {
        self.slot = slot
        self.votes = votes
    }

    /// Whether a quorum of distinct members of the slot's committee signed it.
    package func isSigned(chain: ChainContext, committees: CommitteeHistory, scheme: any SignatureScheme) -> Bool {
        guard let committee = committees.committee(of: self.slot.epoch), self.votes.count >= committee.quorum else {
            return false
        }
        let signers = self.votes.map(\.replica)
        guard zip(signers, signers.dropFirst()).allSatisfy({ $0 < $1 }) else { return false }
        let bytes = chain.signedBytes(.prepare, body: self.slot.bytes)
        return self.votes.allSatisfy { vote in
            committee.member(vote.replica).map { scheme.verify(vote.signature, of: bytes, by: $0) } ?? false
        }
    }

    func write(to writer: inout CanonicalWriter) {
        self.slot.write(to: &writer)
        writer.u16(UInt16(self.votes.count))
        for vote in self.votes {
            writer.u16(vote.replica.number)
            writer.lengthPrefixed(vote.signature)
        }
    }

    init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.slot = try Slot(from: &reader)
        let count = Int(try reader.u16())
        try require(count <= 256, .format, "\(count) prepares in a certificate")
        var votes: [Vote] = []
        for _ in 0..<count {
            votes.append(Vote(replica: try reader.replica(), signature: try reader.lengthPrefixed()))
        }
        self.votes = votes
    }
}
