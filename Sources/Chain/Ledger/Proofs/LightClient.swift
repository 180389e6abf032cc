package import CanonicalBytes
package import Consensus

/// The committees of one channel, as far as its changes of membership have been followed: enough to judge any
/// certificate of theirs without a single block body.
package struct CommitteeView: Sendable {
    package let chain: ChainContext
    package let chainBytes: [UInt8]
    package let channel: Channel
    package private(set) var committees: CommitteeHistory
    private let scheme: any SignatureScheme

    /// Starts with the genesis.
    package init(genesis: Genesis, channel: Channel, scheme: any SignatureScheme) {
        self.chain = genesis.context(of: channel)
        self.chainBytes = Array(genesis.chain.utf8)
        self.channel = channel
        self.committees = CommitteeHistory(genesis: genesis.committee)
        self.scheme = scheme
    }

    /// Starts with committees that somebody vouches for: a contract's state.
    package init(
        chain: [UInt8],
        channel: Channel,
        committees: CommitteeHistory,
        scheme: any SignatureScheme
    ) {
        self.chain = ChainContext(chain: chain, channel: channel.name)
        self.chainBytes = chain
        self.channel = channel
        self.committees = committees
        self.scheme = scheme
    }

    /// Requires that a quorum of the committee of the header's epoch certified exactly this header.
    ///
    /// - Throws: `CONTEXT` for another chain, channel, block or an unknown epoch; `THRESHOLD` or `SIGNATURE` for a
    ///   certificate that does not hold.
    package func check(_ header: BlockHeader, _ certificate: QuorumCertificate) throws(ProtocolFailure) {
        try require(
            header.chain == self.chainBytes && header.channel == self.channel,
            .context,
            "a block of another chain or channel"
        )
        try require(
            certificate.block == header.hash && certificate.height == header.height
                && certificate.epoch == header.epoch,
            .context,
            "the certificate is of another block"
        )
        guard let committee = self.committees.committee(deciding: header.height), committee.epoch == header.epoch else {
            throw ProtocolFailure(.context, "the committee of this height is not known: follow its changes first")
        }
        try require(
            certificate.isValid(chain: self.chain, committee: committee, scheme: self.scheme),
            .signature,
            "the certificate does not hold"
        )
    }

    /// Learns the next committee from the block that ends an epoch.
    ///
    /// - Throws: as ``check(_:_:)``; `CONTEXT` for a committee that the header does not name.
    package mutating func follow(
        _ header: BlockHeader,
        _ certificate: QuorumCertificate,
        next: Committee
    ) throws(ProtocolFailure) {
        try self.check(header, certificate)
        try require(
            CommitteeDigest.of(next) == header.validatorsRoot && next.isLawfulSuccessor(of: self.committees.current),
            .context,
            "not the committee that the header names"
        )
        self.committees.follow(next, after: header.height)
    }
}
