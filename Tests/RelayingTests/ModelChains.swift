import IBTP

/// The relay chain `h`, with its real book.
final class ModelRelay: ModelChain {
    let book: InterchainBook<ModelState>
    /// Pairs whose destination takes messages in any order.
    var unordered: Set<ServicePair> = []
    var ended: [MessageID] = []

    init() {
        let state = ModelState()
        self.book = InterchainBook(hub: "h", storage: state, prefix: Array("relay".utf8))
        self.bookState = state
        super.init(name: "h")
    }

    private let bookState: ModelState

    /// Takes a message of an application chain, after what is due.
    func deliver(_ message: InterchainMessage) -> InterchainRefusal? {
        self.expire()
        let id = try? message.id
        let isOrdered = id.map { !self.unordered.contains($0.pair) } ?? true
        let event: BookEvent =
            message.type == .interchain
            ? .request(message, RequestContext(isAvailable: true, isOrdered: isOrdered)) : .receipt(message)
        do throws(BookFailure<Never>) {
            let effects = try self.book.step(event, at: self.height)
            self.bookState.keep()
            self.tell(effects, message)
            return nil
        } catch {
            self.bookState.undo()
            return error.refusal
        }
    }

    func expire() {
        guard let effects = try? self.book.step(.blockEnd(expiriesMax: 64), at: self.height - 1) else { return }
        self.bookState.keep()
        self.tell(effects, nil)
    }

    private func tell(_ effects: BookEffects, _ message: InterchainMessage?) {
        for notice in effects.notices {
            let isCarried = notice.message == (try? message?.id) && notice.status != .beginRollback
            self.tell(.notice(notice, isCarried ? message : nil))
        }
        self.ended += effects.settled
    }
}

/// An application chain, with its real broker.
final class ModelApplication: ModelChain {
    let broker: ServiceBroker<ModelState>
    private let brokerState: ModelState
    /// How often a service was called, and told to undo.
    private(set) var calls: [MessageID: Int] = [:]
    private(set) var undoings: [MessageID: Int] = [:]
    /// How often an exchange was closed, and how.
    private(set) var closings: [MessageID: [TransactionStatus]] = [:]
    /// Called, and not finished.
    var waiting: [MessageID] = []
    private(set) var opened: [MessageID] = []
    var unordered: Set<ServicePair> = []

    init(_ name: String) {
        let state = ModelState()
        self.brokerState = state
        self.broker = ServiceBroker(chain: "h:\(name)", storage: state, prefix: Array("broker".utf8))
        super.init(name: name)
    }

    func call(_ pair: ServicePair, timeout: Int64) {
        guard let id = try? self.broker.open(pair) else { return }
        self.brokerState.keep()
        self.opened.append(id)
        self.tell(.message(Self.message(id, .interchain, timeout: timeout)))
    }

    func finish(_ id: MessageID, isSuccess: Bool) {
        guard let type = try? self.broker.finish(id, isSuccess: isSuccess) else { return self.brokerState.undo() }
        self.brokerState.keep()
        self.tell(.message(Self.message(id, type, timeout: 0)))
    }

    /// Takes a notice of the relay chain.
    func take(_ notice: StatusNotice) -> InterchainRefusal? {
        do throws(BookFailure<Never>) {
            if notice.side == .source {
                _ = try self.broker.close(notice.message, notice.status)
                self.closings[notice.message, default: []].append(notice.status)
            } else {
                try self.deliver(notice)
            }
            self.brokerState.keep()
            return nil
        } catch {
            self.brokerState.undo()
            return error.refusal
        }
    }

    private func deliver(_ notice: StatusNotice) throws(BookFailure<Never>) {
        let id = notice.message
        let isOrdered = !self.unordered.contains(id.pair)
        switch try self.broker.deliver(id, notice.status, isOrdered: isOrdered) {
        case .call:
            self.calls[id, default: 0] += 1
            self.waiting.append(id)
        case .undo(let type):
            self.undoings[id, default: 0] += 1
            self.waiting.removeAll { $0 == id }
            self.tell(.message(Self.message(id, type, timeout: 0)))
        case .answer(let type): self.tell(.message(Self.message(id, type, timeout: 0)))
        }
    }

    /// Whether nothing of a notice is left to do.
    func hasTaken(_ notice: StatusNotice) -> Bool {
        let again = self.take(notice, keeping: false)
        return again == .indexExists
    }

    private func take(_ notice: StatusNotice, keeping isKept: Bool) -> InterchainRefusal? {
        defer { self.brokerState.undo() }
        do throws(BookFailure<Never>) {
            if notice.side == .source {
                _ = try self.broker.close(notice.message, notice.status)
            } else {
                _ = try self.broker.deliver(notice.message, notice.status, isOrdered: false)
            }
            return nil
        } catch { return error.refusal }
    }

    private static func message(_ id: MessageID, _ type: MessageType, timeout: Int64) -> InterchainMessage {
        var message = InterchainMessage(from: id.from.description, to: id.to.description, index: id.index)
        message.type = type
        message.timeoutHeight = timeout
        return message
    }
}
