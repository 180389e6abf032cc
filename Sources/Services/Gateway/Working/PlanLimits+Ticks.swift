internal import Relaying

extension PlanLimits {
    /// Bounds of a gateway whose tick takes so long.
    ///
    /// - Parameters:
    ///   - tickMilliseconds: of the loop.
    ///   - backlogMilliseconds: between two messages of a backlog while fresh requests come.
    ///   - headerSeconds: after which a header is to be shown; 0 when the trust period says it.
    init(tickMilliseconds: UInt64, backlogMilliseconds: UInt64, headerSeconds: UInt64 = 0) {
        self.init()
        let tick = max(10, tickMilliseconds)
        let perSecond = max(1, 1_000 / tick)
        self.backupWindow = 10 * perSecond
        self.expireEvery = 2 * perSecond
        self.backlogBesideFreshEvery = (backlogMilliseconds + tick - 1) / tick
        self.freshWindow = 10 * perSecond
        // Looked at twice in the time after which a header is to be shown.
        self.successionEvery = (headerSeconds == 0 ? 60 : min(60, max(1, headerSeconds / 2))) * perSecond
    }
}
