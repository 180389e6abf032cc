internal import CanonicalBytes

/// The contributions of a phase that were accepted, as a chain of digests that ends with a beacon.
struct CeremonyChain: Sendable {
    let phase: CeremonyFault.Phase
    /// Digest of the last contribution, or of what the phase starts from.
    private(set) var head: [UInt8]
    private(set) var authors: [CeremonyAuthor] = []

    init(_ phase: CeremonyFault.Phase, start: [UInt8]) {
        self.phase = phase
        self.head = start
    }

    /// Whether the beacon has ended the phase.
    var isComplete: Bool { self.authors.last?.isBeacon ?? false }

    /// The header of the next contribution.
    ///
    /// - Throws: `FORMAT` for an author out of range, `CONTEXT` after the beacon, `THRESHOLD` for a beacon before any
    ///   member, `DUPLICATE` for a member who has contributed.
    func next(_ author: CeremonyAuthor) throws(ProtocolFailure) -> ContributionHeader {
        try author.check()
        try require(!self.isComplete, .context, "the beacon has ended the phase")
        try require(!author.isBeacon || !self.authors.isEmpty, .threshold, "a beacon before any contribution")
        try require(!self.authors.contains(author), .duplicate, "a second contribution of one member")
        return ContributionHeader(previous: self.head, index: self.authors.count, author: author)
    }

    /// Checks that a header is that of the next contribution.
    ///
    /// - Throws: `CONTEXT` for another place in the chain, else as ``next(_:)``.
    func check(_ header: ContributionHeader) throws(ProtocolFailure) {
        let expected = try self.next(header.author)
        try require(header.index == expected.index, .context, "contribution \(header.index) is out of turn")
        try require(
            header.previous == expected.previous,
            .context,
            "it does not follow the contribution before: one was dropped, replaced or repeated"
        )
    }

    mutating func append(_ header: ContributionHeader, digest: [UInt8]) {
        self.authors.append(header.author)
        self.head = digest
    }

    /// Reads and checks a contribution, and names its author when that fails.
    func attributed<Result>(
        _ bytes: [UInt8],
        _ magic: StaticString,
        _ body: (ContributionHeader, inout CanonicalReader) throws(ProtocolFailure) -> Result
    ) throws(CeremonyFault) -> Result {
        var author: CeremonyAuthor?
        do throws(ProtocolFailure) {
            var reader = CanonicalReader(bytes)
            try reader.magic(magic)
            let header = try ContributionHeader(&reader)
            author = header.author
            try self.check(header)
            return try body(header, &reader)
        } catch {
            throw CeremonyFault(phase: self.phase, index: self.authors.count, author: author, failure: error)
        }
    }
}
