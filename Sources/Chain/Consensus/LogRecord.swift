package import CanonicalBytes

/// What must survive a crash, in the order in which it happened.
package enum LogRecord: Hashable, Sendable {
    /// Before a prepare (or the leader's pre-prepare) is sent: the proposal and the own vote.
    case prepared(PrePrepare, own: Prepare)
    /// Before a commit is sent: the certificate that allows it, the block, and the own vote.
    case committing(PreparedCertificate, Block, own: Commit)
    /// Before a view change is sent: from now on no vote of a lower view.
    case viewChange(ViewChange)
    /// Before the first message of a view.
    case newView(NewView)
    /// Before the block is shown to anybody.
    case committed(CertifiedBlock)
}

extension LogRecord {
    /// The canonical bytes: a kind, then the body.
    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 512)
        switch self {
        case .prepared(let proposal, let own):
            writer.u8(1)
            proposal.write(to: &writer)
            own.write(to: &writer)
        case .committing(let certificate, let block, let own):
            writer.u8(2)
            certificate.write(to: &writer)
            writer.lengthPrefixed(block.payload)
            own.write(to: &writer)
        case .viewChange(let viewChange):
            writer.u8(3)
            viewChange.write(to: &writer)
        case .newView(let newView):
            writer.u8(4)
            newView.write(to: &writer)
        case .committed(let block):
            writer.u8(5)
            block.write(to: &writer)
        }
        return writer.bytes
    }

    /// Reads a record strictly.
    ///
    /// - Throws: ``ProtocolFailure`` with code `FORMAT`, or what the block reader throws.
    package init(bytes: [UInt8], blocks reader: any BlockReader) throws(ProtocolFailure) {
        var input = CanonicalReader(bytes)
        switch try input.u8() {
        case 1:
            let proposal = try PrePrepare(from: &input, blocks: reader)
            self = .prepared(proposal, own: try Prepare(from: &input))
        case 2:
            let certificate = try PreparedCertificate(from: &input)
            let block = try reader.block(of: try input.lengthPrefixed())
            self = .committing(certificate, block, own: try Commit(from: &input))
        case 3: self = .viewChange(try ViewChange(from: &input))
        case 4: self = .newView(try NewView(from: &input))
        case 5: self = .committed(try CertifiedBlock(from: &input, blocks: reader))
        case let kind: throw ProtocolFailure(.format, "unknown record kind \(kind)")
        }
        try input.finish()
    }
}
