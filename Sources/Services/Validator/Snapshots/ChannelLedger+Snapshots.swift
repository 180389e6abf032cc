internal import CanonicalBytes
internal import Consensus
internal import Credentials
internal import Ledger
internal import LedgerStore

extension ChannelLedger {
    /// The lowest height of which the block is here, or will be.
    var earliestBlock: Height { self.blocks.earliest ?? self.height + 1 }

    /// Puts a proven state into the place of the own one; the blocks before it are forgotten.
    ///
    /// A crash at any point leaves either the old state with its blocks or the new one: ``ChannelOpening`` finishes what
    /// was begun.
    ///
    /// - Throws: ``LedgerFailure/store(_:)``; with ``LedgerStoreFailure/diskFull(_:)`` nothing has changed.
    func install(_ assembly: StateAssembly) throws(LedgerFailure) {
        do throws(LedgerStoreFailure) {
            try assembly.complete()
            try SnapshotBase(assembly.manifest).write(in: self.folder)
            self.state.store.close()
            try assembly.builder.replace()
            self.state = CommittedState(try self.caches.stateStore(path: self.folder.state))
            try self.beginBehind(SnapshotBase(assembly.manifest))
        } catch { throw .store(error) }
        self.restart(at: assembly.manifest.header, assembly.manifest.certificate, assembly.view)
    }

    /// Brings the files around the state to a snapshot's block; repeated after a crash.
    func beginBehind(_ base: SnapshotBase) throws(LedgerStoreFailure) {
        do throws(CredentialsError) { try self.handovers.replace(by: base.handovers) } catch {
            throw .ioError("\(error)")
        }
        if self.blocks.last.map({ $0 < base.header.height }) ?? false { try self.blocks.removeAll() }
        if self.transactions.height.map({ $0 < base.header.height }) ?? false { try self.transactions.removeAll() }
    }
}
