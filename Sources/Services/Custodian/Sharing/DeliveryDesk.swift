internal import CanonicalBytes
internal import ChainReading
internal import Contracts
internal import IBTP
internal import Logging

/// What the desk for news of deliveries needs of the chain.
protocol DeliveryChain: Sendable {
    /// A request as a quorum proves it now; nil when there is none.
    func request(_ id: [UInt8]) async throws -> AccessRequest?

    /// A permission as a quorum proves it now, whatever has become of it; nil when there is none.
    func permission(_ id: [UInt8]) async throws -> Permission?

    /// Transactions of the index channel with deliveries under a permission behind a place, ascending; some of them, as
    /// long as there are any.
    func deliveries(under permission: [UInt8], after place: ChainPlace?) async throws -> [ChainEntry]

    /// Has the contract tell the asking chain of the delivery that a transaction of the index channel recorded; one that
    /// was told already is no error.
    ///
    /// - Returns: false for a transaction that records no delivery.
    /// - Throws: `ChainSubmissionError`, or an error of reading.
    func tell(_ exchange: MessageID, of transaction: [UInt8]) async throws -> Bool
}

/// Tells other chains of the deliveries under the permissions that they asked for, so that the record of a delivery stands
/// on both chains.
///
/// The asking chain believes the relayed contract, which believes a proof of this chain's index channel: the desk only
/// brings it. Deliveries are told in their order, each once, and a desk that was killed goes on behind the last one.
struct DeliveryDesk: Sendable {
    private static let perRound = 32
    /// How long a permission is looked at often after the last delivery, and how often then and later; ms.
    private static let lively: UInt64 = 600_000
    private static let often: UInt64 = 3_000
    private static let seldom: UInt64 = 60_000
    /// A delivery in the permission's last moment is recorded a little later; ms.
    private static let grace: UInt64 = 86_400_000
    private static let backoffMax: UInt64 = 60_000
    /// The service by which chains of this software ask.
    private static let asking = "share"

    let store: DeliveryStore
    let chain: any DeliveryChain
    let logger: Logger
    /// Milliseconds since 1970.
    let clock: @Sendable () -> UInt64

    /// Looks at all that is due.
    ///
    /// - Throws: an error of the database, or when the chain does not say what became of an exchange.
    func work() async throws {
        try await self.begin()
        for news in try self.store.due(at: self.clock(), limit: Self.perRound) {
            try self.store.put(await self.look(at: news))
        }
    }

    /// Begins with exchanges that have ended with a permission since.
    private func begin() async throws {
        for ended in try self.store.fresh(limit: Self.perRound) {
            guard let request = try await self.chain.request(ended.request), request.status == .permitted,
                let permission = try await self.chain.permission(request.permission)
            else { throw ChainReadingError(.chainUnavailable, "the chain does not show the permission yet") }
            let now = self.clock()
            // A chain of another make has no service that news could go to.
            let isTold = try MessageID(ended.exchange).from.service.utf8.elementsEqual(Self.asking.utf8)
            try self.store.put(
                DeliveryNews(
                    exchange: ended.exchange,
                    permission: permission.id,
                    ends: permission.validUntil,
                    active: now,
                    nextTry: isTold ? now : DeliveryNews.never
                )
            )
        }
    }

    private func look(at news: DeliveryNews) async -> DeliveryNews {
        var news = news
        do {
            try await self.tell(&news)
            news.attempts = 0
            news.reason = ""
            news.nextTry = self.next(news)
        } catch {
            news.attempts += 1
            news.reason = String("\(error)".prefix(500))
            news.nextTry = self.clock() + min(Self.backoffMax, 500 << UInt64(min(news.attempts, 8)))
        }
        return news
    }

    /// Tells what is new; how far it came is in the news also when it ends early.
    private func tell(_ news: inout DeliveryNews) async throws {
        let exchange = try MessageID(news.exchange)
        while true {
            let entries = try await self.chain.deliveries(under: news.permission, after: news.place)
            guard !entries.isEmpty else { return }
            for entry in entries where news.place.map({ $0 < entry.place }) ?? true {
                if try await self.chain.tell(exchange, of: entry.transaction) {
                    news.told += 1
                    news.active = self.clock()
                    self.logger.info("told another chain of a delivery", metadata: ["exchange": "\(news.exchange)"])
                }
                news.place = entry.place
                try self.store.put(news)
            }
        }
    }

    private func next(_ news: DeliveryNews) -> UInt64 {
        let now = self.clock()
        guard now <= news.ends.addingReportingOverflow(Self.grace).partialValue || news.ends > .max - Self.grace else {
            return DeliveryNews.never
        }
        return now + (now < news.active + Self.lively ? Self.often : Self.seldom)
    }
}
