import CanonicalBytes
import Testing

@testable import IBTP

/// A state in memory that counts how often it is asked.
final class MemoryState: InterchainStorage {
    struct Full: Error {}

    private(set) var values: [[UInt8]: [UInt8]] = [:]
    private(set) var accesses = 0
    /// Accesses after which the state refuses; nil: never.
    var accessesMax: Int?

    func value(of key: [UInt8]) throws(Full) -> [UInt8]? {
        try self.count()
        return self.values[key]
    }

    func set(_ key: [UInt8], to value: [UInt8]?) throws(Full) {
        try self.count()
        self.values[key] = value
    }

    func replace(_ values: [[UInt8]: [UInt8]]) { self.values = values }

    private func count() throws(Full) {
        self.accesses += 1
        if let accessesMax, self.accesses > accessesMax { throw Full() }
    }
}

/// A relay chain `h` with its book; what is refused leaves no trace, as in a contract.
struct BookScene {
    let state: MemoryState
    let book: InterchainBook<MemoryState>
    var height: UInt64 = 100

    init(hub: String = "h") {
        self.state = MemoryState()
        self.book = InterchainBook(hub: hub, storage: self.state, prefix: Array("relay\0".utf8))
    }

    /// Lets an event happen in this block.
    @discardableResult
    func step(_ event: BookEvent) throws(BookFailure<MemoryState.Full>) -> BookEffects {
        let before = self.state.values
        do throws(BookFailure<MemoryState.Full>) { return try self.book.step(event, at: self.height) } catch {
            self.state.replace(before)
            throw error
        }
    }

    /// Lets a request come.
    @discardableResult
    func request(
        _ id: String,
        timeout: Int64 = 0,
        group: [String] = [],
        isAvailable: Bool = true,
        isOrdered: Bool = true,
        payload: [UInt8] = []
    ) throws -> BookEffects {
        let id = try MessageID(id)
        var message = InterchainMessage(from: id.from.description, to: id.to.description, index: id.index)
        message.timeoutHeight = timeout
        message.payload = payload
        if !group.isEmpty {
            message.group = try ServiceIndices(
                try group.map {
                    let id = try MessageID($0)
                    return ServiceIndices.Entry(service: id.to.description, index: id.index)
                }
            )
        }
        return try self.step(.request(message, RequestContext(isAvailable: isAvailable, isOrdered: isOrdered)))
    }

    /// Lets an answer come.
    @discardableResult
    func receipt(_ id: String, _ type: MessageType) throws -> BookEffects {
        let id = try MessageID(id)
        let message = InterchainMessage(from: id.from.description, to: id.to.description, index: id.index, type: type)
        return try self.step(.receipt(message))
    }

    /// Ends blocks, up to one.
    @discardableResult
    mutating func end(upTo height: UInt64, expiriesMax: Int = 1_000) throws -> BookEffects {
        self.height = height
        return try self.step(.blockEnd(expiriesMax: expiriesMax))
    }

    func status(_ id: String) throws -> TransactionStatus? { try self.book.status(of: MessageID(id)) }

    func settled(_ id: String) throws -> UInt64? { try self.book.counters(of: MessageID(id).pair)?.settled }
}

/// Why a step was refused; nil when it was taken.
func bookRefusal<Value>(_ operation: () throws -> Value) throws -> InterchainRefusal? {
    do { _ = try operation() } catch BookFailure<MemoryState.Full>.refused(let refusal) { return refusal }
    return nil
}

/// Notices as `S`ource or `D`estination, identifier and status.
func shown(_ effects: BookEffects) -> [String] {
    effects.notices.map { "\($0.side == .source ? "S" : "D") \($0.message) \($0.status)" }
}
