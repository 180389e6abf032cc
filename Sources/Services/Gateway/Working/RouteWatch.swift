internal import ChainReading
internal import Ledger
internal import PathProofs
internal import Synchronization

/// The relay chains of the application chain, read while somebody looks at them; nobody waits for it.
final class RouteWatch: Sendable {
    /// What is younger is not read again, ms.
    private static let freshMilliseconds: UInt64 = 30_000

    private struct State {
        var routes: [GatewayStatus.RouteStatus] = []
        /// When the last reading began, ms since 1970; 0: never.
        var begun: UInt64 = 0
        var isReading = false
    }

    private let routes: RelayRoutes
    private let own: String
    private let board: GatewayBoard
    private let clock: @Sendable () -> UInt64
    private let state = Mutex(State())

    /// - Parameters:
    ///   - chain: the application chain.
    ///   - own: the relay chain that the gateway carries over.
    ///   - board: is told what goes wrong.
    ///   - clock: milliseconds since 1970.
    init(_ chain: any ChainFacts, own: String, board: GatewayBoard, clock: @escaping @Sendable () -> UInt64) {
        self.routes = RelayRoutes(reader: RelayReader { try await chain.fact(of: $0, on: .access).value })
        self.own = own
        self.board = board
        self.clock = clock
    }

    /// What is known; what is old, or was never read, is being read when this returns.
    func current() -> [GatewayStatus.RouteStatus] {
        let now = self.clock()
        let (known, isDue) = self.state.withLock { state in
            let isDue = !state.isReading && (state.begun == 0 || state.begun + Self.freshMilliseconds <= now)
            if isDue { (state.isReading, state.begun) = (true, now) }
            return (state.routes, isDue)
        }
        if isDue { Task { await self.read(at: now) } }
        return known
    }

    private func read(at now: UInt64) async {
        let found: RouteChoice?
        do { found = try await self.routes.choice(at: now) } catch {
            self.board.note(.follow, "routes: \(error)")
            found = nil
        }
        let rows = found?.routes.enumerated().map { place, route in
            GatewayStatus.RouteStatus(
                relay: route.candidate.relay,
                credibility: route.credibility?.value,
                silenceSeconds: route.candidate.silenceSeconds,
                isTrusted: route.candidate.isTrusted,
                isBest: place == 0,
                isOwn: route.candidate.relay.utf8.elementsEqual(self.own.utf8)
            )
        }
        self.state.withLock { state in
            state.isReading = false
            // What was read before is still the best there is.
            if let rows { state.routes = rows }
        }
    }
}
