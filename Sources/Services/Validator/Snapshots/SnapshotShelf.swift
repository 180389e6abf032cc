internal import Consensus
internal import Ledger
internal import LedgerStore
internal import Synchronization

/// A channel's snapshots on the disk: one is written at a time, and any thread answers questions about them.
final class SnapshotShelf: Sendable {
    private let snapshots: Snapshots
    private let directory: String
    private let isWriting = Atomic<Bool>(false)

    init(_ folder: StoreDirectory.Channel) throws(LedgerStoreFailure) {
        self.directory = folder.snapshots
        self.snapshots = try Snapshots(directory: folder.snapshots)
    }

    /// The heights of which there are snapshots, ascending.
    var heights: [Height] { (try? self.snapshots.list()) ?? [] }

    /// What is answered to a question.
    func answer(to message: SnapshotMessage) -> SnapshotMessage? {
        do throws(LedgerStoreFailure) {
            switch message {
            case .wanted(let channel):
                guard let height = try self.snapshots.list().last, let summary = try self.snapshots.summary(height)
                else {
                    return .gone(channel, height: 0)
                }
                return .manifest(channel, summary.manifest)
            case .chunkWanted(let channel, let height, let index):
                guard let bytes = try self.snapshots.readChunk(height, index: Int(index)) else {
                    return .gone(channel, height: height)
                }
                return .chunk(channel, height: height, index: index, bytes)
            case .manifest, .chunk, .gone: return nil
            }
        } catch {
            // It is damaged, or was deleted while it was read.
            guard case .chunkWanted(let channel, let height, _) = message else {
                return .gone(message.channel, height: 0)
            }
            return .gone(channel, height: height)
        }
    }

    /// Writes a snapshot on a thread of its own, and deletes those before it that are not kept.
    ///
    /// - Parameters:
    ///   - export: of the state.
    ///   - block: the block that the state belongs to, with the changes of the committee up to it.
    ///   - limits: how large and how many.
    ///   - done: is told on that thread why there is no snapshot, or nil.
    func write(
        _ export: sending StateExport,
        of block: SnapshotBase,
        limits: ValidatorLimits,
        done: @escaping @Sendable (LedgerStoreFailure?) -> Void
    ) {
        let writer = SnapshotWriter(
            snapshots: self.snapshots,
            scratch: "\(self.directory)/sorting.partial",
            chunkBytes: limits.snapshotChunkBytes,
            header: block.header,
            certificate: block.certificate,
            handovers: block.handovers
        )
        let handedOver = HandedOver(export)
        let isStarted = WorkerThread.start {
            do throws(LedgerStoreFailure) {
                try writer.write(handedOver.export)
                for height in try self.snapshots.list().dropLast(limits.snapshotsKept) {
                    try self.snapshots.delete(height)
                }
                done(nil)
            } catch { done(error) }
        }
        if !isStarted { done(.ioError("the system gives no thread")) }
    }

    /// Whether a snapshot may be begun now; then ``end()`` follows.
    func begin() -> Bool { !self.isWriting.exchange(true, ordering: .acquiringAndReleasing) }

    func end() { self.isWriting.store(false, ordering: .releasing) }

    /// The export belongs to the thread that it is handed to.
    private struct HandedOver: @unchecked Sendable {
        let export: StateExport

        init(_ export: sending StateExport) { self.export = export }
    }
}
