package import CanonicalBytes

/// Proof that a quorum of one committee voted to commit one block in one view.
///
/// The view is part of what is signed: shares of different views never add up. A certificate without it is unsafe:
/// with four validators, shares for one block from views 0 and 2 can reach a quorum after view 3 has committed
/// another.
package struct QuorumCertificate: Hashable, Sendable {
    package let version: CertificateVersion
    package let epoch: CommitteeEpoch
    package let view: View
    package let height: Height
    package let block: BlockHash
    /// Bit `i` (least significant first in each byte) stands for the committee's member at place `i`.
    package let signers: [UInt8]
    package let proof: [UInt8]

    package init(
        version: CertificateVersion,
        epoch: CommitteeEpoch,
        view: View,
        height: Height,
        block: BlockHash,
        signers: [UInt8],
        proof: [UInt8]
    ) {
        self.version = version
        self.epoch = epoch
        self.view = view
        self.height = height
        self.block = block
        self.signers = signers
        self.proof = proof
    }

    /// Joins the shares of a quorum's commits, which must be ascending by signer and of one slot.
    init(joining commits: [Commit], committee: Committee, scheme: any SignatureScheme) {
        var signers = [UInt8](repeating: 0, count: (committee.size + 7) / 8)
        for commit in commits {
            guard let position = committee.position(of: commit.replica) else { continue }
            signers[position / 8] |= 1 << UInt8(position % 8)
        }
        let slot = commits[0].slot
        self.init(
            version: scheme.certificateVersion,
            epoch: slot.epoch,
            view: slot.view,
            height: slot.height,
            block: slot.block,
            signers: signers,
            proof: scheme.combine(commits.map(\.share))
        )
    }

    /// The members whose bits are set, or nil for a bitmap of a wrong length or with bits outside the committee.
    package func signers(in committee: Committee) -> [Member]? {
        guard self.signers.count == (committee.size + 7) / 8 else { return nil }
        var found: [Member] = []
        for position in 0..<self.signers.count * 8
        where self.signers[position / 8] & 1 << UInt8(position % 8) != 0 {
            guard position < committee.size else { return nil }
            found.append(committee.members[position])
        }
        return found
    }

    /// Checks everything: version, epoch, quorum and signatures.
    package func isValid(chain: ChainContext, committee: Committee, scheme: any SignatureScheme) -> Bool {
        guard self.version == scheme.certificateVersion, self.epoch == committee.epoch,
            let members = self.signers(in: committee), members.count >= committee.quorum
        else { return false }
        let message = chain.commitMessage(
            epoch: self.epoch,
            view: self.view,
            height: self.height,
            block: self.block
        )
        return scheme.verifyCertificate(self.proof, of: message, by: members)
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.u8(self.version.rawValue)
        writer.u64(self.epoch)
        writer.u64(self.view)
        writer.u64(self.height)
        self.block.write(to: &writer)
        writer.lengthPrefixed(self.signers)
        writer.lengthPrefixed(self.proof)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        guard let version = CertificateVersion(rawValue: try reader.u8()) else {
            throw ProtocolFailure(.format, "unknown certificate version")
        }
        self.version = version
        self.epoch = try reader.u64()
        self.view = try reader.u64()
        self.height = try reader.u64()
        self.block = try reader.blockHash()
        self.signers = try reader.lengthPrefixed()
        self.proof = try reader.lengthPrefixed()
    }
}
