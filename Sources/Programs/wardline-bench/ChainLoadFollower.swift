import BLSCertificates
import CanonicalBytes
import Consensus
import Ledger
import Synchronization

/// Watches a channel grow at whichever validator answers, and believes certificates only.
final class LoadFollower: Sendable {
    /// How long a validator may show nothing new until another one is asked, ns.
    private static let patience: UInt64 = 1_000_000_000

    private struct State: Sendable {
        var view: CommitteeView
        var height: Height = 0
        var blocks = 0
        var lastBlock: UInt64 = 0
        var longestGap: UInt64 = 0
    }

    private let channel: Channel
    private let targets: [LoadTarget]
    private let book: LoadBook
    private let pollMilliseconds: Int
    private let state: Mutex<State>

    init(
        genesis: Genesis,
        channel: Channel,
        targets: [LoadTarget],
        book: LoadBook,
        pollMilliseconds: Int
    ) throws {
        self.channel = channel
        self.targets = targets
        self.book = book
        self.pollMilliseconds = pollMilliseconds
        let scheme = try ChainSignatures.required(of: genesis.committee)
        let view = CommitteeView(genesis: genesis, channel: channel, scheme: scheme)
        self.state = Mutex(State(view: view))
    }

    /// Blocks seen.
    var blocks: Int { self.state.withLock { $0.blocks } }
    /// The longest time between two sights of new blocks, ms.
    var longestGapMilliseconds: Double { self.state.withLock { Double($0.longestGap) / 1e6 } }

    /// Finds the height to go on from: the largest that a validator tells now.
    func findStart() async {
        for attempt in 0..<50 {
            var best: Height?
            for target in self.targets {
                guard let height = try? await target.height(of: self.channel) else { continue }
                best = max(best ?? 0, height)
            }
            if let best {
                self.state.withLock { $0.height = best }
                return await self.findCommittees(upTo: best)
            }
            try? await Task.sleep(for: .milliseconds(100 * min(attempt + 1, 10)))
        }
    }

    /// Learns which committees followed the genesis' one, at the first validator whose list holds.
    private func findCommittees(upTo height: Height) async {
        for target in self.targets {
            guard let handovers = try? await target.handovers(on: self.channel) else { continue }
            var view = self.state.withLock { $0.view }
            do throws(ProtocolFailure) {
                for handover in handovers where handover.header.height <= height {
                    try view.follow(handover.header, handover.certificate, next: handover.next)
                }
            } catch { continue }
            self.state.withLock { $0.view = view }
            return
        }
    }

    /// Looks for blocks until it is cancelled.
    ///
    /// - Parameter landed: told of every transaction of this run that is final.
    func follow(landed: (LoadTransaction) -> Void) async {
        var turn = 0
        var heardAt = MonotonicTime.now
        while !Task.isCancelled {
            let height = self.state.withLock { $0.height }
            var isNew = false
            do throws(LoadTarget.Failure) {
                let target = self.targets[turn % self.targets.count]
                for (block, certificate) in try await target.blocks(from: height + 1, on: self.channel) {
                    guard self.take(block, certificate, landed) else {
                        turn += 1
                        break
                    }
                    isNew = true
                }
            } catch { turn += 1 }
            if isNew {
                heardAt = MonotonicTime.now
            } else if MonotonicTime.now - heardAt > Self.patience {
                heardAt = MonotonicTime.now
                turn += 1
            }
            try? await Task.sleep(for: .milliseconds(self.pollMilliseconds))
        }
    }

    /// - Returns: false for a block that is not the next one, or that nobody certified.
    private func take(
        _ block: LedgerBlock,
        _ certificate: QuorumCertificate,
        _ landed: (LoadTransaction) -> Void
    ) -> Bool {
        let isTaken = self.state.withLock { state in
            guard block.header.height == state.height + 1,
                BlockTrees.root(block.transactions.map(\.id)) == block.header.transactionRoot,
                (try? state.view.check(block.header, certificate)) != nil
            else { return false }
            if let next = block.nextCommittee {
                guard (try? state.view.follow(block.header, certificate, next: next)) != nil else { return false }
            }
            let now = MonotonicTime.now
            if state.blocks > 0 { state.longestGap = max(state.longestGap, now - state.lastBlock) }
            state.lastBlock = now
            state.height = block.header.height
            state.blocks += 1
            return true
        }
        guard isTaken else { return false }
        for transaction in block.transactions {
            guard let entry = self.book.committed(transaction.id, height: block.header.height) else { continue }
            landed(entry.transaction)
        }
        return true
    }
}
