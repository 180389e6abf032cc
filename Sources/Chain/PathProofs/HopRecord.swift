package import CanonicalBytes
internal import ThresholdSignatures
internal import Transcripts

/// What one chain says of a message that it passes on, and what its committee certifies.
package struct HopRecord: Sendable, Hashable {
    package enum Verdict: UInt8, Sendable {
        case forwarded = 1
        /// The chain has seen the message and will not pass it on; kept as evidence, no path leads through it.
        case refused = 2
    }

    /// Which chain forwards the message, to whom and by whom.
    package struct Link: Sendable {
        /// Place in the path, from 0.
        package let index: UInt8
        package let chain: String
        package let nextChain: String
        /// Name of the gateway that carried the message.
        package let gateway: String

        package init(index: UInt8, chain: String, nextChain: String, gateway: String) {
            self.index = index
            self.chain = chain
            self.nextChain = nextChain
            self.gateway = gateway
        }
    }

    /// Where on the chain the message stands.
    package struct Anchor: Sendable {
        package let height: UInt64
        /// 32 bytes.
        package let blockHash: [UInt8]
        /// 32 bytes: root of the tree that the message is a leaf of.
        package let inclusionRoot: [UInt8]

        package init(height: UInt64, blockHash: [UInt8], inclusionRoot: [UInt8]) {
            self.height = height
            self.blockHash = blockHash
            self.inclusionRoot = inclusionRoot
        }
    }

    /// Who certifies the record.
    package struct Certifier: Sendable {
        package let epoch: UInt64
        /// Root of the chain's list of verification nodes, 32 bytes.
        package let listRoot: [UInt8]
        /// Digest of the committee, "WLQC" or "WLQT", 32 bytes.
        package let committee: [UInt8]

        package init(epoch: UInt64, listRoot: [UInt8], committee: [UInt8]) {
            self.epoch = epoch
            self.listRoot = listRoot
            self.committee = committee
        }
    }

    /// `dᵢ₋₁`: the digest of the hop before, of the message for the first, 32 bytes.
    package let previous: [UInt8]
    package let link: Link
    package let anchor: Anchor
    package let certifier: Certifier
    package let verdict: Verdict
    /// Seconds since 1970; the record is good up to and with this second.
    package let expiry: UInt64
    /// `dᵢ = H("HOP", dᵢ₋₁, body)`.
    package let digest: [UInt8]
    /// `u8 index || LP(chain) || LP(next chain) || LP(gateway) || u64 height || block hash || inclusion root ||
    /// u64 epoch || list root || committee || u8 verdict || u64 expiry`.
    let body: [UInt8]

    /// - Throws: `FORMAT` for hashes of another length than 32 bytes, names out of bounds and a place that no hop has.
    package init(
        previous: [UInt8],
        link: Link,
        anchor: Anchor,
        certifier: Certifier,
        verdict: Verdict = .forwarded,
        expiry: UInt64
    ) throws(ProtocolFailure) {
        let hashes = [previous, anchor.blockHash, anchor.inclusionRoot, certifier.listRoot, certifier.committee]
        try require(hashes.allSatisfy { $0.count == 32 }, .format, "a hash has 32 bytes")
        for name in [link.chain, link.nextChain, link.gateway] { try NameBounds.check(name) }
        try require(Int(link.index) < PathProof.hopsMax, .format, "a path has at most \(PathProof.hopsMax) hops")
        self.previous = previous
        self.link = link
        self.anchor = anchor
        self.certifier = certifier
        self.verdict = verdict
        self.expiry = expiry
        self.body = Self.body(link, anchor, certifier, verdict, expiry)
        self.digest = TaggedHash.digest("HOP", previous, self.body)
    }

    /// What members of the committee sign: the message of the specification's section 9 with the record's digest as the
    /// transaction's, the services and number of the message, and the record's expiry.
    package func signedBytes(of message: PathMessage) -> [UInt8] {
        CrossChainMessage(
            source: message.identifier.source,
            destination: message.identifier.destination,
            sequence: message.identifier.sequence,
            expiry: self.expiry,
            transaction: self.digest
        ).signedBytes(committee: self.certifier.committee)
    }

    private static func body(
        _ link: Link,
        _ anchor: Anchor,
        _ certifier: Certifier,
        _ verdict: Verdict,
        _ expiry: UInt64
    ) -> [UInt8] {
        var writer = CanonicalWriter(capacity: 384)
        writer.u8(link.index)
        writer.lengthPrefixed(link.chain)
        writer.lengthPrefixed(link.nextChain)
        writer.lengthPrefixed(link.gateway)
        writer.u64(anchor.height)
        writer.raw(anchor.blockHash)
        writer.raw(anchor.inclusionRoot)
        writer.u64(certifier.epoch)
        writer.raw(certifier.listRoot)
        writer.raw(certifier.committee)
        writer.u8(verdict.rawValue)
        writer.u64(expiry)
        return writer.bytes
    }

    /// Reads `previous || body`.
    ///
    /// - Throws: `FORMAT`.
    init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        let previous = try reader.take(32)
        let link = try Link(
            index: reader.u8(),
            chain: reader.text(),
            nextChain: reader.text(),
            gateway: reader.text()
        )
        let anchor = try Anchor(height: reader.u64(), blockHash: reader.take(32), inclusionRoot: reader.take(32))
        let certifier = try Certifier(epoch: reader.u64(), listRoot: reader.take(32), committee: reader.take(32))
        guard let verdict = Verdict(rawValue: try reader.u8()) else {
            throw ProtocolFailure(.format, "a verdict that there is not")
        }
        try self.init(
            previous: previous,
            link: link,
            anchor: anchor,
            certifier: certifier,
            verdict: verdict,
            expiry: reader.u64()
        )
    }

    package static func == (a: HopRecord, b: HopRecord) -> Bool { a.digest == b.digest }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.digest) }
}
