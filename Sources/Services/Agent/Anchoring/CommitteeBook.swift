internal import CanonicalBytes
internal import Consensus
internal import Ledger
internal import Spool
internal import Synchronization
internal import Uplink

/// The committees of the index channel, from the genesis to the newest one that was met; the spool keeps what it takes
/// to follow them again offline.
final class CommitteeBook: Sendable {
    private let spool: Spool
    private let known: Mutex<CommitteeView>

    /// Follows the changes that the spool keeps.
    ///
    /// - Throws: ``ProtocolFailure`` for changes that do not follow from the genesis: it is another chain's.
    init(genesis: Genesis, scheme: any SignatureScheme, spool: Spool) throws {
        self.spool = spool
        self.known = Mutex(try Self.view(genesis: genesis, scheme: scheme, handovers: spool.handovers()))
    }

    /// The committees that follow from a genesis and kept changes.
    static func view(
        genesis: Genesis,
        scheme: any SignatureScheme,
        handovers: [[UInt8]]
    ) throws(ProtocolFailure) -> CommitteeView {
        var view = CommitteeView(genesis: genesis, channel: .index, scheme: scheme)
        for bytes in handovers {
            var reader = CanonicalReader(bytes)
            let handover = try Handover(from: &reader)
            try reader.finish()
            try view.follow(handover.header, handover.certificate, next: handover.next)
        }
        return view
    }

    /// Judges a proof; changes of the committee up to its block are asked for and kept first.
    ///
    /// - Throws: ``UplinkFailure``: `malformed` for a proof that does not hold.
    func verify(_ proof: TransactionProof, from sink: any AnchorSink) async throws(UplinkFailure) {
        guard proof.header.channel == .index else { throw .malformed("a proof of another channel") }
        var view = self.known.withLock { $0 }
        if view.committees.current.epoch < proof.header.epoch {
            for handover in try await sink.handovers(after: view.committees.current.epoch) {
                try self.follow(handover, &view)
            }
        }
        do throws(ProtocolFailure) { try proof.verify(by: view) } catch {
            throw .malformed("the proof does not hold: \(error)")
        }
    }

    private func follow(_ handover: Handover, _ view: inout CommitteeView) throws(UplinkFailure) {
        do throws(ProtocolFailure) {
            try view.follow(handover.header, handover.certificate, next: handover.next)
        } catch { throw .malformed("a committee that its predecessor did not name: \(error)") }
        do throws(StoreRefusal) {
            try self.spool.storeHandover(handover.bytes, to: handover.next.epoch)
        } catch { throw .unreachable("the spool does not take a change of committee: \(error)") }
        let learnt = view
        self.known.withLock { known in
            if known.committees.current.epoch < learnt.committees.current.epoch { known = learnt }
        }
    }
}
