internal import Logging
internal import MQTTIngest
internal import Records
internal import Spool
internal import Synchronization

/// Where the MQTT connections put their bursts: marks what is already stored, then makes it durable.
final class IngestStore: BurstStore {
    private struct Filters {
        var byBroker: [UInt8: RedeliveryFilter] = [:]
    }

    private let inbox: Inbox
    private let receiveMaximum: Int
    private let secret: (UInt64, UInt64)
    private let filters = Mutex(Filters())
    private let logger: Logger

    init(inbox: Inbox, receiveMaximum: Int, secret: (UInt64, UInt64), logger: Logger) {
        self.inbox = inbox
        self.receiveMaximum = receiveMaximum
        self.secret = secret
        self.logger = logger
    }

    func connected(broker: UInt8, sessionPresent: Bool) {
        let stored: [MessageBurst]
        do {
            stored =
                try sessionPresent
                ? self.inbox.recent(ofBroker: broker, messagesMax: self.receiveMaximum).map(\.burst) : []
        } catch {
            // Without the last bursts a repetition counts twice only where a device gives no time of its own.
            self.logger.warning("cannot read the last messages to recognise repetitions", metadata: ["why": "\(error)"])
            stored = []
        }
        self.filters.withLock { filters in
            filters.byBroker[broker, default: RedeliveryFilter(secret: self.secret)].arm(
                stored: stored,
                broker: broker,
                sessionPresent: sessionPresent,
                receiveMaximum: self.receiveMaximum
            )
        }
    }

    func store(_ burst: MessageBurst, oversized: [OversizedMessage]) throws {
        let repeated = self.repeated(in: burst)
        guard !repeated.isEmpty || !oversized.isEmpty else {
            _ = try self.inbox.append(burst)
            return
        }
        var marked = burst
        marked.mark(messagesAt: repeated, as: .redelivered)
        marked.mark(messagesAt: oversized.map(\.index), as: .truncated)
        _ = try self.inbox.append(marked)
    }

    func hasRoom() -> Bool { self.inbox.hasRoom() }

    private func repeated(in burst: MessageBurst) -> [Int] {
        guard let (first, _) = burst.message(at: 0) else { return [] }
        return self.filters.withLock { $0.byBroker[first.broker]?.redelivered(in: burst) ?? [] }
    }
}
