internal import IBTP
internal import Ledger
internal import PathProofs
internal import Relaying
internal import Synchronization

/// What is kept of leaves while they are carried, and where those that were seen stand.
final class LeafBook: Sendable {
    /// All that was made for one leaf so far.
    struct Work: Sendable {
        var record: LeafRecord
        var proof: OutboundProof?
        /// nil: not made yet, or none is needed.
        var path: PathProof?
        /// Of the hop that is being signed: asked again, nodes are asked for the same.
        var hop: HopRecord?
        /// Of the source's hop, where what came with the message is too old: being signed anew.
        var firstRecord: HopRecord?
        /// The source's hop that was signed anew.
        var firstHop: PathProof.Hop?
    }

    private struct Key: Hashable {
        let stream: ParcelStream
        let index: UInt64
    }

    /// Leaves whose place is remembered.
    private static let seenMax = 100_000

    private struct State {
        var work: [LeafPlace: Work] = [:]
        var seen: [Key: [Parcel]] = [:]
    }

    private let state = Mutex(State())

    /// Notes leaves that the plan is told of.
    func note(_ records: [(LeafRecord, Parcel)]) {
        self.state.withLock { state in
            if state.seen.count + records.count > Self.seenMax { state.seen.removeAll() }
            for (record, parcel) in records {
                if state.work[record.place] == nil { state.work[record.place] = Work(record: record) }
                let key = Key(stream: parcel.stream, index: parcel.message.index)
                if state.seen[key]?.contains(where: { $0.place == parcel.place }) != true {
                    state.seen[key, default: []].append(parcel)
                }
            }
        }
    }

    func work(at place: LeafPlace) -> Work? { self.state.withLock { $0.work[place] } }

    func put(_ work: Work) { self.state.withLock { $0.work[work.record.place] = work } }

    func forget(_ place: LeafPlace) { self.state.withLock { $0.work[place] = nil } }

    /// Leaves of a stream that were seen.
    func seen(_ stream: ParcelStream, _ indices: ClosedRange<UInt64>) -> [Parcel] {
        self.state.withLock { state in
            indices.flatMap { state.seen[Key(stream: stream, index: $0)] ?? [] }
        }
    }

    /// How many leaves are kept.
    var count: Int { self.state.withLock { $0.work.count } }
}
