package import CanonicalBytes
internal import ThresholdSignatures
internal import Transcripts

/// A list with the heights of its chain that it certifies.
package struct ListReign: Sendable, Hashable {
    package let list: VerificationNodeList
    package let firstHeight: UInt64
    /// Nil while no list has followed.
    package private(set) var lastHeight: UInt64?
    /// The jointly generated keys of the list's subgroups, where they have any.
    package private(set) var joint: JointCommittee?

    /// Starts with a list that is trusted for another reason than its predecessor's certificate.
    package init(list: VerificationNodeList, firstHeight: UInt64) {
        self.list = list
        self.firstHeight = firstHeight
    }

    /// A list that was followed by another one, as a chain's state keeps it.
    ///
    /// - Throws: `CONTEXT` for a list that certifies nothing.
    package init(list: VerificationNodeList, firstHeight: UInt64, lastHeight: UInt64?) throws(ProtocolFailure) {
        try require(firstHeight <= lastHeight ?? .max, .context, "a list that certifies nothing")
        self.init(list: list, firstHeight: firstHeight)
        self.lastHeight = lastHeight
    }

    package func covers(_ height: UInt64) -> Bool {
        self.firstHeight <= height && height <= self.lastHeight ?? .max
    }

    /// Adds the keys with which the subgroups make certificates of constant size.
    ///
    /// - Throws: `CONTEXT` for keys of a committee that does not fit the list.
    package mutating func setJoint(_ joint: JointCommittee) throws(ProtocolFailure) {
        try joint.requireFit(self.list)
        self.joint = joint
    }

    mutating func end(before height: UInt64) { self.lastHeight = height - 1 }
}

/// A list and the certificate with which the committee before it hands over.
package struct ListHandover: Sendable {
    package let list: VerificationNodeList
    /// The first height that the new list certifies.
    package let firstHeight: UInt64
    /// "WLQA" of the old committee over ``message(from:to:firstHeight:)``.
    package let certificate: [UInt8]

    package init(list: VerificationNodeList, firstHeight: UInt64, certificate: [UInt8]) {
        self.list = list
        self.firstHeight = firstHeight
        self.certificate = certificate
    }

    /// What the old committee signs: `T(DST("XCHAIN-LIST"), committee_digest, chain, u64 epoch, u64 first height,
    /// old root, new root)`.
    package static func message(
        from old: VerificationNodeList,
        to new: VerificationNodeList,
        firstHeight: UInt64
    ) -> [UInt8] {
        transcript(
            domainSeparationTag("XCHAIN-LIST"),
            old.committee.digest,
            Array(new.chain.utf8),
            new.epoch.bigEndianBytes,
            firstHeight.bigEndianBytes,
            old.root,
            new.root
        )
    }

    /// - Throws: as ``VerificationNodeList/requireLawful(after:)``, then as
    ///   ``BitmapCertificate/verify(_:of:by:)``.
    package func verify(after old: VerificationNodeList) throws(ProtocolFailure) {
        try self.list.requireLawful(after: old)
        let message = Self.message(from: old, to: self.list, firstHeight: self.firstHeight)
        try BitmapCertificate.verify(self.certificate, of: message, by: old.committee)
    }
}

/// The lists of one chain, each certified by the one before it.
package struct ListHistory: Sendable {
    /// The most lists that are kept; the oldest are forgotten, and with them paths of their epochs.
    package static let reignsMax = 64

    /// Ascending by epoch, without gaps; at least one.
    package private(set) var reigns: [ListReign]

    package init(first: ListReign) { self.reigns = [first] }

    package var current: ListReign { self.reigns[self.reigns.count - 1] }

    /// Takes up the next list.
    ///
    /// - Throws: `CONTEXT` for a height at which the list before it would have certified nothing; as
    ///   ``ListHandover/verify(after:)``.
    package mutating func follow(_ handover: ListHandover) throws(ProtocolFailure) {
        let isLater = handover.firstHeight > self.current.firstHeight
        try require(isLater, .context, "a list that begins before its predecessor")
        try handover.verify(after: self.current.list)
        self.reigns[self.reigns.count - 1].end(before: handover.firstHeight)
        self.reigns.append(ListReign(list: handover.list, firstHeight: handover.firstHeight))
        if self.reigns.count > Self.reignsMax { self.reigns.removeFirst() }
    }

    /// Adds jointly generated keys to the list of an epoch.
    ///
    /// - Throws: `CONTEXT` for an epoch that is not known, and as ``ListReign/setJoint(_:)``.
    package mutating func setJoint(_ joint: JointCommittee, epoch: UInt64) throws(ProtocolFailure) {
        guard let place = self.reigns.firstIndex(where: { $0.list.epoch == epoch }) else {
            throw ProtocolFailure(.context, "no list of this epoch")
        }
        try self.reigns[place].setJoint(joint)
    }

    package func reign(epoch: UInt64) -> ListReign? { self.reigns.first { $0.list.epoch == epoch } }
}
