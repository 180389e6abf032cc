internal import ChainReading
internal import Contracts
internal import Ledger
internal import Relaying

/// Takes the lane of an application chain on the relay chain, and keeps it: one gateway carries, the others stand by.
///
/// The chains take every index once, whoever brings it; the lease only saves double work.
struct LeaseKeeper: Sendable {
    let relay: ShoreClient
    /// The application chain's name.
    let lane: String
    /// Who this gateway is on the relay chain.
    let holder: String
    /// 0: no lease.
    let seconds: UInt32
    let board: GatewayBoard
    /// Milliseconds since 1970.
    let clock: @Sendable () -> UInt64

    /// Looks, and takes or keeps the lease when it is time.
    ///
    /// - Parameter hasWork: a lane that nobody has is taken only when there is something to carry.
    /// - Returns: whose it is; nil when the relay chain does not say.
    func look(hasWork: Bool) async -> Lease? {
        guard self.seconds > 0 else { return Lease.none }
        do {
            let lease = try await self.relay.record(RelayLease.self, at: RelayKey.lease(self.lane))
            let now = self.clock()
            let isOver = lease.map { $0.until <= now } ?? true
            let isMine = lease.map { $0.holder.utf8.elementsEqual(self.holder.utf8) } ?? false
            if !isOver, !isMine { return .another }
            let third = UInt64(self.seconds) * 1_000 / 3
            let isFresh = isMine && (lease.map { $0.until > now + third } ?? false)
            if isFresh { return .mine }
            guard hasWork else { return isMine && !isOver ? .mine : Lease.none }
            return try await self.take() ? .mine : .another
        } catch {
            self.board.note(.lease, "\(error)")
            return nil
        }
    }

    private func take() async throws -> Bool {
        do {
            _ = try await self.relay.writer.submit(TakeLease(lane: self.lane, seconds: self.seconds))
            return true
        } catch let failure as ChainSubmissionError where failure.code == RejectionCode.leased.number {
            return false
        }
    }

    /// Gives the lane back, so that another gateway need not wait.
    func release() async {
        guard self.seconds > 0 else { return }
        do { _ = try await self.relay.writer.submit(TakeLease(lane: self.lane, seconds: 0)) } catch {
            self.board.note(.lease, "\(error)")
        }
    }
}
