internal import ChainReading
internal import Ledger
internal import Relaying
internal import Uplink

/// What the loop needs of a gateway's two chains, whatever they are.
protocol GatewayWorking: Sendable {
    var board: GatewayBoard { get }

    /// Carries out one action.
    ///
    /// - Returns: what the plan is told; nothing for actions without an answer.
    func carryOut(_ action: PlanAction) async -> [PlanEvent]

    /// A chain's registered name; the relay chain's own.
    func name(of shore: Shore) -> String

    /// Before this block of a chain there is nothing to read.
    func start(of shore: Shore) -> UInt64

    /// The height of a chain's newest block that counts; 0 while there is none.
    ///
    /// - Throws: when the chain does not say.
    func tip(of shore: Shore) async throws -> UInt64

    /// The same, above a height; nil when the chain has not grown.
    ///
    /// - Throws: when the chain does not say.
    func newest(of shore: Shore, above height: UInt64) async throws -> UInt64?

    /// Waits for new blocks of a chain where it tells of them, and returns when it does not, or not any more.
    ///
    /// - Parameters:
    ///   - shore: the chain.
    ///   - height: up to which they are known.
    ///   - heard: there may be one of this height.
    /// - Throws: when the chain cannot be asked.
    func listen(to shore: Shore, after height: UInt64, _ heard: @escaping @Sendable (UInt64) async -> Void) async throws

    /// How much of a height up to which the plan has settled everything is settled for good.
    func settled(_ height: UInt64, of shore: Shore) -> UInt64
}

extension GatewayWorker: GatewayWorking {
    var board: GatewayBoard { self.tools.board }

    func name(of shore: Shore) -> String { self.tools.shore(shore).name }

    func start(of shore: Shore) -> UInt64 { 0 }

    func tip(of shore: Shore) async throws -> UInt64 { try await self.tools.shore(shore).tip()?.header.height ?? 0 }

    func newest(of shore: Shore, above height: UInt64) async throws -> UInt64? {
        try await self.tools.shore(shore).newest(above: height)?.header.height
    }

    func listen(to shore: Shore, after height: UInt64, _ heard: @escaping @Sendable (UInt64) async -> Void) async throws
    {
        try await self.tools.shore(shore).listen(after: height, heard)
    }

    func settled(_ height: UInt64, of shore: Shore) -> UInt64 { height }
}

extension ShoreClient {
    /// Hears of leaves as soon as a validator has them in a block; only a certified height counts.
    func listen(after height: UInt64, _ heard: @escaping @Sendable (UInt64) async -> Void) async throws {
        let follower = EventFollower(
            self.chain,
            on: .access,
            after: SubjectPlace(behind: height),
            topics: Set(OutboundTree.allCases.map(\.topic))
        )
        try await follower.run { hint in await heard(hint.place.height) }
    }
}
