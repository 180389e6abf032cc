internal import AuditTrail
internal import ChainInterface
internal import Dashboard
internal import Ledger

/// What a reader of blocks needs of whoever has verified them.
protocol BlockShelf: Sendable {
    var chainName: String { get }
    func height(of channel: Channel) -> UInt64
    /// A final block; nil above the tip.
    func block(at height: UInt64, on channel: Channel) async throws(ChainRefusal) -> ServedBlock?
}

extension ValidatorBackend: BlockShelf {
    var chainName: String { self.genesis.chain }
}

/// Reads a validator's own blocks for the pages about sharing: only while somebody looks, and each block once.
///
/// The blocks are verified and executed by this validator itself, so that nothing else needs to be asked or believed. What
/// is gathered is bounded; it is forgotten with the process.
actor SharingRecord {
    /// Entries of the audit that are kept, and how many stay when there are more.
    private static let entriesMax = 50_000
    private static let entriesKept = 40_000

    let shelf: any BlockShelf
    private let lookMilliseconds: Int64
    private(set) var history = SharingHistory(namesPatients: false)
    private(set) var consents = ConsentHistory()
    /// The last block of each channel that was read, and the first one that there was.
    private var places: [Channel: Place] = [:]
    private var reading: Task<Void, any Error>?
    /// The entries in the order of time, and the revision that they are of.
    private var sorted: (revision: UInt64, entries: [AuditEntry]) = (0, [])

    private struct Place {
        var last: UInt64 = 0
        var earliest: UInt64 = 1
        /// Of the last block, milliseconds since 1970.
        var time: UInt64 = 0
    }

    /// - Parameters:
    ///   - shelf: has the blocks.
    ///   - lookMilliseconds: how long one look reads at most; a page that stays open comes back for the rest.
    init(_ shelf: any BlockShelf, lookMilliseconds: Int64 = 1_000) {
        self.shelf = shelf
        self.lookMilliseconds = lookMilliseconds
    }

    /// The entries as far as the chain is read, oldest first.
    var entries: [AuditEntry] {
        if self.sorted.revision != self.history.revision {
            self.sorted = (self.history.revision, self.history.entries)
        }
        return self.sorted.entries
    }

    /// How far that is.
    func view() -> ChainReadingView {
        ChainReadingView(
            channels: Channel.allCases.map { channel in
                let place = self.place(of: channel)
                return ChainReadingView.Channel(
                    name: channel.name,
                    read: place.last,
                    height: max(place.last, self.shelf.height(of: channel)),
                    earliest: place.earliest
                )
            },
            hasForgotten: self.history.hasForgotten || self.consents.hasForgotten
        )
    }

    /// Reads on, up to the last block or for as long as one look may take.
    ///
    /// Whoever comes while somebody reads waits for the same.
    ///
    /// - Throws: `ChainRefusal` when the store cannot be read.
    func advance() async throws {
        if let reading { return try await reading.value }
        let task = Task { try await self.readOn() }
        self.reading = task
        defer { self.reading = nil }
        try await task.value
    }

    private func readOn() async throws {
        let end = ContinuousClock.now + .milliseconds(self.lookMilliseconds)
        // In the order of time across channels, so that the oldest entries are those that are forgotten.
        while ContinuousClock.now < end {
            let behind = Channel.allCases.filter { self.place(of: $0).last < self.shelf.height(of: $0) }
            guard let channel = behind.min(by: { self.place(of: $0).time < self.place(of: $1).time }),
                try await self.readNext(of: channel)
            else { return }
        }
    }

    private func place(of channel: Channel) -> Place { self.places[channel] ?? Place() }

    /// - Returns: whether there was a block to read.
    private func readNext(of channel: Channel) async throws -> Bool {
        var place = self.place(of: channel)
        let served: ServedBlock?
        do throws(ChainRefusal) {
            served = try await self.shelf.block(at: place.last + 1, on: channel)
        } catch {
            // What is gone here was gone before anybody looked, or a reader that was away too long misses it.
            guard case .pruned(let earliest) = error, earliest > place.last + 1 else { throw error }
            (place.last, place.earliest) = (earliest - 1, earliest)
            self.places[channel] = place
            return true
        }
        guard let served else { return false }
        self.history.append(served.block, served.receipts)
        self.consents.append(served.block, served.receipts)
        if self.history.count > Self.entriesMax { self.history.forget(keeping: Self.entriesKept) }
        place.last += 1
        place.time = served.block.header.time
        self.places[channel] = place
        return true
    }
}
