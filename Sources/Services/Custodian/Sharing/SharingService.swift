internal import ChainReading
internal import Contracts
internal import Foundation
internal import Ledger
internal import Logging
internal import ServiceLifecycle
internal import Synchronization
internal import Uplink

/// Runs the desks: follows the chain, takes steps, publishes data sets, seals index keys.
struct SharingService: Service {
    /// Without news the chain is asked this often; hints of the event stream come at once.
    private static let followEvery = Duration.seconds(5)
    /// What waits for a moment of its own is looked for this often.
    private static let workEvery = Duration.milliseconds(500)
    private static let lookAgainEvery = Duration.seconds(600)
    private static let datasetsEvery = Duration.seconds(2)
    private static let wrapsEvery = Duration.seconds(15)
    private static let exchangesEvery = Duration.seconds(1)
    private static let deliveriesEvery = Duration.seconds(1)
    private static let secondsBetweenWarnings = 300.0

    let desk: ShareDesk
    let datasets: DatasetDesk
    /// nil in tests without a consortium.
    let exchanges: ExchangeDesk?
    /// nil in tests without a consortium.
    let deliveries: DeliveryDesk?
    /// nil in tests without a consortium.
    let link: ConsortiumLink?
    let collection: IndexKeyCollection?
    let grants: GrantDesk?
    let logger: Logger

    private let following = Bell()
    private let underWay = UnderWay()
    private let warnings = Warnings()

    init(
        desk: ShareDesk,
        datasets: DatasetDesk,
        exchanges: ExchangeDesk? = nil,
        deliveries: DeliveryDesk? = nil,
        link: ConsortiumLink?,
        collection: IndexKeyCollection?,
        grants: GrantDesk?,
        logger: Logger
    ) {
        self.desk = desk
        self.datasets = datasets
        self.exchanges = exchanges
        self.deliveries = deliveries
        self.link = link
        self.collection = collection
        self.grants = grants
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.listen() }
                group.addTask { await self.follow() }
                group.addTask { await self.work() }
                group.addTask { await self.tick(Self.followEvery) { self.following.ring() } }
                group.addTask { await self.tick(Self.workEvery) { self.desk.waiters.wake() } }
                group.addTask { await self.every(Self.lookAgainEvery, "shares", self.desk.lookAgain) }
                group.addTask { await self.every(Self.datasetsEvery, "data sets", self.datasets.work) }
                group.addTask { await self.every(Self.wrapsEvery, "index keys", self.datasets.wrap) }
                group.addTask { await self.every(Self.wrapsEvery, "scope holders", self.datasets.tellHolders) }
                if let exchanges = self.exchanges {
                    group.addTask { await self.every(Self.exchangesEvery, "exchanges", exchanges.work) }
                    group.addTask { await self.every(Self.lookAgainEvery, "exchanges", exchanges.lookAgain) }
                }
                if let deliveries = self.deliveries {
                    group.addTask { await self.every(Self.deliveriesEvery, "news of deliveries", deliveries.work) }
                }
            }
        }
        await self.link?.close()
        await self.collection?.close()
        await self.grants?.close()
    }

    /// Takes hints of the event stream: only that there is something new.
    private func listen() async {
        guard let link = self.link else { return }
        let topics: Set<String> = [AccessRequested.topic, Permission.topic, ExchangeReceived.topic]
        while !Task.isCancelled {
            do {
                let place = try self.desk.store.place("followed").map {
                    SubjectPlace(height: $0.height, index: $0.place)
                }
                let follower = EventFollower(link.client, on: .access, after: place ?? .start, topics: topics)
                try await follower.run { _ in self.following.ring() }
            } catch { self.warn("events", error) }
            try? await Task.sleep(for: Self.followEvery)
        }
    }

    private func follow() async {
        for await _ in self.following.rings {
            do { if try await self.desk.follow() > 0 { self.desk.waiters.wake() } } catch { self.warn("shares", error) }
            do { _ = try await self.exchanges?.follow() } catch { self.warn("exchanges", error) }
        }
    }

    /// Takes the steps of what is due, each item by itself: one that hangs keeps no other waiting.
    private func work() async {
        await withDiscardingTaskGroup { group in
            for await _ in self.desk.waiters.work.rings {
                let due: [ShareItem]
                do { due = try self.desk.store.due(at: self.desk.clock(), limit: ShareDesk.itemsPerRound) } catch {
                    self.warn("shares", error)
                    continue
                }
                for item in due where self.underWay.begin(item.id) {
                    group.addTask {
                        let hasMoved = await self.desk.step(item)
                        self.underWay.end(item.id)
                        if hasMoved { self.desk.waiters.wake() }
                    }
                }
            }
        }
    }

    private func tick(_ pause: Duration, _ action: () -> Void) async {
        while !Task.isCancelled {
            action()
            try? await Task.sleep(for: pause)
        }
    }

    private func every(_ pause: Duration, _ what: String, _ action: () async throws -> Void) async {
        while !Task.isCancelled {
            do { try await action() } catch { self.warn(what, error) }
            try? await Task.sleep(for: pause)
        }
    }

    /// An outage is worth a line now and then, not one every round.
    private func warn(_ what: String, _ error: any Error) {
        guard !Task.isCancelled, self.warnings.isDue(what, Self.secondsBetweenWarnings) else { return }
        self.logger.warning("\(what) wait", metadata: ["why": "\(String("\(error)".prefix(500)))"])
    }
}

/// Items whose step is being taken, so that none is taken twice at once.
final class UnderWay: Sendable {
    private let items = Mutex<Set<[UInt8]>>([])

    func begin(_ id: [UInt8]) -> Bool {
        self.items.withLock { items in
            guard items.count < ShareDesk.stepsAtOnce else { return false }
            return items.insert(id).inserted
        }
    }

    func end(_ id: [UInt8]) { self.items.withLock { _ = $0.remove(id) } }
}

/// When what was last warned of.
private final class Warnings: Sendable {
    private let last = Mutex<[String: Date]>([:])

    func isDue(_ what: String, _ seconds: Double) -> Bool {
        let now = Date()
        return self.last.withLock { last in
            if let time = last[what], now.timeIntervalSince(time) < seconds { return false }
            last[what] = now
            return true
        }
    }
}
