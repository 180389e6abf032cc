internal import BLSCertificates
internal import CanonicalBytes
internal import Consensus
internal import Ledger

/// What files alone show of a chain: the genesis, and the committees that follow from it.
struct ChainView: Sendable {
    private let views: [Channel: CommitteeView]

    /// - Parameters:
    ///   - genesis: trusted.
    ///   - folder: keeps the changes of committees.
    /// - Throws: `ProtocolFailure` for a change that does not follow.
    init(_ genesis: Genesis, _ folder: ShareFolder) throws {
        let scheme = try ChainSignatures.required(of: genesis.committee)
        var views: [Channel: CommitteeView] = [:]
        for channel in Channel.allCases {
            var view = CommitteeView(genesis: genesis, channel: channel, scheme: scheme)
            for handover in try folder.handovers(channel) {
                try view.follow(handover.header, handover.certificate, next: handover.next)
            }
            views[channel] = view
        }
        self.views = views
    }

    func verify(_ proof: TransactionProof) throws(ProtocolFailure) {
        try proof.verify(by: self.view(of: proof.header.channel))
    }

    func verify(_ proof: ValueProof) throws(ProtocolFailure) {
        try proof.verify(by: self.view(of: proof.header.channel))
    }

    private func view(of channel: Channel) throws(ProtocolFailure) -> CommitteeView {
        guard let view = self.views[channel] else { throw ProtocolFailure(.context, "an unknown channel") }
        return view
    }
}

extension ShareFolder {
    /// The changes of a channel's committee that are kept: `u32 n || n × handover`.
    func handovers(_ channel: Channel) throws -> [Handover] {
        let name = Self.handoversName(channel.name)
        guard let bytes = try self.read(name) else { return [] }
        do throws(ProtocolFailure) {
            var reader = CanonicalReader(bytes)
            let count = Int(try reader.u32())
            try require(count <= reader.remaining, .format, "more handovers than bytes")
            var handovers: [Handover] = []
            for _ in 0..<count { handovers.append(try Handover(from: &reader)) }
            try reader.finish()
            return handovers
        } catch { throw ShareFolderError.damaged("\(self.path)/\(name)") }
    }

    func write(_ handovers: [Handover], of channel: Channel) throws {
        var writer = CanonicalWriter(capacity: 1_024)
        writer.u32(UInt32(handovers.count))
        for handover in handovers { writer.raw(handover.bytes) }
        try self.write(writer.bytes, to: Self.handoversName(channel.name))
    }
}
