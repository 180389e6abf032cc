internal import Relaying

/// Tells a plan how far one chain has come: by looks now and then, and as soon as validators tell of new leaves.
struct HeightWatch: Sendable {
    let worker: any GatewayWorking
    let shore: Shore
    /// Where the plan begins; what is above has to be looked at.
    let cursor: UInt64
    let tickMilliseconds: UInt64
    let pollMilliseconds: UInt64
    let tell: @Sendable (PlanEvent) -> Void

    /// Looks at the height now and then; the first look begins the work with the chain.
    func look() async {
        let cursor = max(self.cursor, self.worker.start(of: self.shore))
        var height: UInt64?
        while !Task.isCancelled {
            do {
                if let known = height {
                    let newest = try await self.worker.newest(of: self.shore, above: known)
                    self.worker.board.reach(self.shore, newest ?? known)
                    if let newest {
                        self.tell(.height(self.shore, newest))
                        height = newest
                    }
                } else {
                    let tip = try await self.worker.tip(of: self.shore)
                    // Before anybody listens: what grows a chain that has not begun would take all of it for new.
                    self.tell(.started(self.shore, cursor: min(cursor, tip), height: tip))
                    self.worker.board.reach(self.shore, tip)
                    height = tip
                }
            } catch { self.note(error) }
            await Self.pause(self.pollMilliseconds)
        }
    }

    /// Hears of new leaves at once, where validators tell; otherwise the next look at the height shows them.
    func listen() async {
        while !Task.isCancelled {
            // All that a chain ever said would come again, as long as its height is not known.
            guard let height = self.known else {
                await Self.pause(self.tickMilliseconds)
                continue
            }
            do {
                try await self.worker.listen(to: self.shore, after: height) { await self.look(for: $0) }
            } catch { self.note(error) }
            await Self.pause(1_000)
        }
    }

    /// nil before the first look at the chain, and while it has no block.
    private var known: UInt64? {
        let height = self.worker.board.current.heights[self.shore == .application ? 0 : 1]
        return height > 0 ? height : nil
    }

    /// Only a certified height counts; one look serves all that a block says.
    private func look(for height: UInt64) async {
        guard let known = self.known, height > known,
            let newest = try? await self.worker.newest(of: self.shore, above: known)
        else { return }
        self.worker.board.reach(self.shore, newest)
        self.tell(.height(self.shore, newest))
    }

    private func note(_ error: any Error) {
        self.worker.board.note(.height, "\(self.worker.name(of: self.shore)): \(error)")
    }

    private static func pause(_ milliseconds: UInt64) async {
        try? await Task.sleep(for: .milliseconds(Int64(milliseconds)))
    }
}
