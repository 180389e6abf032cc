import CanonicalBytes
import ChainReading
import Contracts
import IBTP
import Logging
import Synchronization
import Testing

@testable import Custodian

/// The index channel as it lists deliveries, beside an access channel with the real contracts.
private final class NewsChain: DeliveryChain {
    struct State {
        var entries: [ChainEntry] = []
        /// Transactions that record something else.
        var others: Set<[UInt8]> = []
        var told: [[UInt8]] = []
        /// How many more calls succeed; nil: all.
        var left: Int?
        /// Takes effect although its answer is lost.
        var isLost = false
    }

    let access: ContractChain
    private let state = Mutex(State())

    init(_ access: ContractChain) { self.access = access }

    var told: [[UInt8]] { self.state.withLock { $0.told } }

    func change(_ body: (inout State) -> Void) { self.state.withLock { body(&$0) } }

    /// Records a delivery.
    func deliver(_ byte: UInt8, isOther: Bool = false) {
        let id = [UInt8](repeating: byte, count: 32)
        self.state.withLock { state in
            let place = ChainPlace(height: UInt64(state.entries.count + 1), place: 0)
            state.entries.append(ChainEntry(place: place, transaction: id))
            if isOther { state.others.insert(id) }
        }
    }

    func request(_ id: [UInt8]) async throws -> AccessRequest? { try await self.access.request(id) }
    func permission(_ id: [UInt8]) async throws -> Permission? { try await self.access.permission(id) }

    func deliveries(under permission: [UInt8], after place: ChainPlace?) async throws -> [ChainEntry] {
        self.state.withLock { state in
            Array(state.entries.filter { entry in place.map { entry.place > $0 } ?? true }.prefix(2))
        }
    }

    func tell(_ exchange: MessageID, of transaction: [UInt8]) async throws -> Bool {
        try self.state.withLock { state in
            if let left = state.left {
                guard left > 0 else { throw ChainReadingError(.chainUnavailable, "away") }
                state.left = left - 1
            }
            guard !state.others.contains(transaction) else { return false }
            if !state.told.contains(transaction) { state.told.append(transaction) }
            if state.isLost { throw ChainReadingError(.chainUnavailable, "no answer") }
            return true
        }
    }
}

@Suite("News of deliveries for other chains") struct DeliveryDeskTests {
    let scene: ExchangeScene
    private let chain: NewsChain
    let id: MessageID

    init() async throws {
        self.scene = try ExchangeScene()
        self.chain = NewsChain(self.scene.chain)
        let access = self.scene.request()
        self.id = try self.scene.bring(access)
        try await self.scene.settle()
        try await self.scene.chain.permit(access.request, until: self.scene.chain.now + 10_000_000)
        self.scene.wait(seconds: 60)
        try await self.scene.settle()
    }

    /// A desk of its own every time, as after a kill.
    private func work(after seconds: UInt64 = 3) async throws {
        self.scene.wait(seconds: seconds)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let clock = self.scene.clock
        let store = DeliveryStore(queue: self.scene.shares.store.queue)
        let desk = DeliveryDesk(store: store, chain: self.chain, logger: logger, clock: { clock.now })
        try await desk.work()
    }

    private func news() throws -> DeliveryNews {
        let store = DeliveryStore(queue: self.scene.shares.store.queue)
        return try #require(try store.news(of: self.id.description))
    }

    private func ids(_ bytes: [UInt8]) -> [[UInt8]] { bytes.map { [UInt8](repeating: $0, count: 32) } }

    @Test("deliveries are told in order, each once; what records none is passed over")
    func order() async throws {
        for byte in UInt8(1)...5 { self.chain.deliver(byte, isOther: byte == 3) }
        try await self.work()
        #expect(self.chain.told == self.ids([1, 2, 4, 5]))
        self.chain.deliver(6)
        try await self.work()
        try await self.work()
        #expect(self.chain.told == self.ids([1, 2, 4, 5, 6]))
        #expect(try self.news().told == 5)
    }

    @Test("one that is not taken now is tried again, with those behind it waiting", arguments: 0...3)
    func later(successes: Int) async throws {
        for byte in UInt8(1)...4 { self.chain.deliver(byte) }
        self.chain.change { $0.left = successes }
        try await self.work()
        #expect(self.chain.told == self.ids(Array((UInt8(1)...4).prefix(successes))))
        #expect(try self.news().attempts == 1 && !self.news().reason.isEmpty)
        self.chain.change { $0.left = nil }
        try await self.work(after: 2)
        #expect(self.chain.told == self.ids([1, 2, 3, 4]))
        #expect(try self.news().attempts == 0 && self.news().reason.isEmpty)
    }

    @Test("an account of a chain of another make is told of nothing: its chain has no service for that")
    func accounts() async throws {
        let access = self.scene.request()
        var fault = ExchangeScene.Fault()
        fault.from = "hub:evm:0x" + String(repeating: "0a", count: 20)
        let id = try self.scene.bring(access, fault)
        try await self.scene.settle()
        try await self.scene.chain.permit(access.request, until: self.scene.chain.now + 10_000_000)
        self.scene.wait(seconds: 60)
        try await self.scene.settle()
        self.chain.deliver(1)
        try await self.work()
        try await self.work()
        let store = DeliveryStore(queue: self.scene.shares.store.queue)
        let news = try #require(try store.news(of: id.description))
        #expect(news.told == 0 && news.nextTry == DeliveryNews.never)
        #expect(try self.news().told == 1)
    }

    @Test("one whose answer is lost is told again, which changes nothing")
    func lostAnswer() async throws {
        self.chain.deliver(1)
        self.chain.deliver(2)
        self.chain.change { $0.isLost = true }
        try await self.work()
        self.chain.change { $0.isLost = false }
        try await self.work()
        #expect(self.chain.told == self.ids([1, 2]))
    }

    @Test("a permission without news is asked about seldom, and not at all a day after its end")
    func pauses() async throws {
        try await self.work()
        #expect(try self.news().nextTry == self.scene.clock.now + 3_000)
        try await self.work(after: 700)
        #expect(try self.news().nextTry == self.scene.clock.now + 60_000)
        try await self.work(after: 200_000)
        #expect(try self.news().nextTry == DeliveryNews.never)
        self.chain.deliver(1)
        try await self.work(after: 100)
        #expect(self.chain.told.isEmpty)
    }

    @Test("exchanges that ended without a permission have no news")
    func denied() async throws {
        let access = self.scene.request()
        let denied = try self.scene.bring(access)
        try await self.scene.settle()
        try await self.scene.chain.deny(access.request)
        self.scene.wait(seconds: 60)
        try await self.scene.settle()
        try await self.work()
        let store = DeliveryStore(queue: self.scene.shares.store.queue)
        #expect(try store.news(of: denied.description) == nil)
    }
}
