internal import Consensus
internal import Ledger
internal import LedgerStore

/// Something that happened to a subject.
package struct FoundEvent: Hashable, Sendable {
    /// Where it stands among the channel's events.
    package let cursor: EventCursor
    /// Id of the transaction that caused it.
    package let transaction: [UInt8]
    package let topic: String
}

extension SubjectIndexer {
    /// How long a question waits for the blocks that are final already.
    private static let patience = Duration.seconds(2)

    /// What happened to a subject up to the last final block, in order.
    ///
    /// - Parameters:
    ///   - subject: 32 bytes.
    ///   - cursor: only what comes after it; nil for everything.
    ///   - limit: events at most.
    /// - Returns: ascending.
    /// - Throws: ``QueryFailure/pruned(earliest:)`` when blocks behind the cursor are gone here;
    ///   ``QueryFailure/notReady(_:)`` while the index is made.
    func events(
        of subject: [UInt8],
        after cursor: EventCursor?,
        limit: Int
    ) async throws(QueryFailure) -> [FoundEvent] {
        try self.requireBlocks(after: cursor)
        let tip = self.reader.tip.height
        guard await self.reaches(tip) else {
            throw .notReady(
                self.obstacle.map { "the index of subjects cannot go on: \($0)" }
                    ?? "the index of subjects is made: it has reached block \(self.progress.height) of \(tip)"
            )
        }
        let place = cursor.map { EventPlace(height: $0.height, index: $0.index) }
        let found: [SubjectEvent]
        do throws(LedgerStoreFailure) {
            found = try self.index.events(of: subject, after: place, limit: limit)
        } catch { throw .damaged("\(error)") }
        // They may have gone meanwhile.
        try self.requireBlocks(after: cursor)
        return found.map {
            FoundEvent(
                cursor: EventCursor(height: $0.place.height, index: $0.place.index),
                transaction: $0.transaction,
                topic: $0.topic
            )
        }
    }

    private func requireBlocks(after cursor: EventCursor?) throws(QueryFailure) {
        let earliest = self.reader.earliest
        guard let cursor else {
            guard earliest <= 1 else { throw .pruned(earliest: earliest) }
            return
        }
        // Nothing stands behind the last place of a block.
        let isPassed = cursor.index == .max || cursor.height == 0
        guard cursor.height >= (isPassed ? earliest - 1 : earliest) else { throw .pruned(earliest: earliest) }
    }

    private func reaches(_ height: Height) async -> Bool {
        if self.progress.height >= height { return true }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.progress.wait(for: height) }
            group.addTask { try? await Task.sleep(for: Self.patience) }
            await group.next()
            group.cancelAll()
        }
        return self.progress.height >= height
    }
}
