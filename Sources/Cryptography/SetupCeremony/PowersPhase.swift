package import CanonicalBytes
internal import Transcripts

/// What a ceremony is for; all its contributions are bound to it.
package struct CeremonyStart: Hashable, Sendable {
    /// Says which ceremony it is, 1 to 255 bytes.
    package let label: String
    /// Logarithm of the largest domain of a circuit.
    package let logarithm: Int

    /// Contributions for 2^20 rows have 300 MB.
    package static let logarithmMax = 20

    /// - Throws: `FORMAT` for a label or a size out of range.
    package init(label: String, logarithm: Int) throws(ProtocolFailure) {
        try require((1...255).contains(label.utf8.count), .format, "a label of \(label.utf8.count) bytes")
        try require((1...Self.logarithmMax).contains(logarithm), .format, "powers for 2^\(logarithm) rows")
        self.label = label
        self.logarithm = logarithm
    }

    package var digest: [UInt8] { TaggedHash.digest("CEREMONY-START", Array(self.label.utf8), [UInt8(self.logarithm)]) }
}

/// The first phase of a ceremony: powers of τ, for all circuits up to a size.
///
/// If one member wipes its secrets and the others do what they like, nobody knows τ, α or β.
package struct PowersPhase: Sendable {
    package let start: CeremonyStart
    package private(set) var powers: PowersOfTau
    private var chain: CeremonyChain

    package init(_ start: CeremonyStart) {
        self.start = start
        self.powers = PowersOfTau(logarithm: start.logarithm)
        self.chain = CeremonyChain(.powers, start: start.digest)
    }

    /// Digest of everything so far.
    package var digest: [UInt8] { self.chain.head }
    /// Who has contributed.
    package var authors: [CeremonyAuthor] { self.chain.authors }
    /// Whether the beacon has ended the phase.
    package var isComplete: Bool { self.chain.isComplete }

    /// The next contribution: of a member with new secrets, which are wiped, or of the beacon.
    ///
    /// It is not accepted by this. In constant time in the secrets, on all cores.
    ///
    /// - Throws: `FORMAT`, `CONTEXT`, `THRESHOLD` or `DUPLICATE` for an author whose turn it is not.
    package func contribution(of author: CeremonyAuthor) throws(ProtocolFailure) -> [UInt8] {
        let header = try self.chain.next(author)
        var secrets = try PowersSecrets(header)
        defer { secrets.wipe() }
        return try PowersContribution(header, secrets, self.powers.multiplied(by: secrets)).encoded()
    }

    /// Verifies a contribution and makes it the last one.
    ///
    /// - Throws: the failure with the author's name; the phase is then as before.
    package mutating func accept(_ bytes: [UInt8]) throws(CeremonyFault) {
        let digest = PowersContribution.digest(bytes)
        let contribution = try self.chain.attributed(bytes, PowersContribution.magic) {
            (header, reader) throws(ProtocolFailure) in
            let contribution = try PowersContribution(header, &reader, logarithm: self.start.logarithm)
            try contribution.check(after: self.powers, digest: digest)
            return contribution
        }
        self.powers = contribution.powers
        self.chain.append(contribution.header, digest: digest)
    }

    /// The header of the next contribution, for tests that make wrong ones.
    func header(_ author: CeremonyAuthor) throws(ProtocolFailure) -> ContributionHeader { try self.chain.next(author) }
}
