internal import CanonicalBytes

/// Where a request stands that came from another chain.
enum ExchangeState: String, Sendable, CaseIterable {
    /// It is opened, and is to be handed to this chain.
    case filing
    /// This chain has the request; it is decided like any other.
    case filed
    /// It cannot be filed; when its time is over the exchange is ended as failed.
    case refused
    /// The contract has answered the other chain.
    case ended
    /// The relay chain has undone it, and nothing is left of it here.
    case undone

    /// Whether there is something to do, now or later.
    var isActive: Bool { Self.active.contains(self) }

    static let active: [ExchangeState] = [.filing, .filed, .refused]
}

/// A share request of another chain that is sealed to this custodian.
struct ExchangeItem: Sendable, Equatable {
    /// `from-to-index`.
    let id: String
    /// The transaction of this chain that delivered it.
    let transaction: [UInt8]
    /// Digest of the share request, which the exchange is bound to.
    let share: [UInt8]
    /// SHA-256 of the certificate under which the other chain asks.
    let asker: [UInt8]
    /// Seconds since 1970: from then on the contract lets an exchange fail whose request nobody filed.
    let expiry: UInt64
    /// The request's identifier in contract `access`; ``share``, which names none, where it could not be read.
    let request: [UInt8]
    /// The requester's signed transaction; empty where it could not be read.
    let inner: [UInt8]
    /// Milliseconds since 1970: of the block that delivered it.
    let time: UInt64

    var state: ExchangeState
    /// A word: why it was refused, or how it ended.
    var code = ""
    /// Why it was refused, or why the last attempt failed, for people.
    var reason = ""
    var attempts = 0
    /// Milliseconds since 1970.
    var nextTry: UInt64 = 0

    /// The item in a later state, with nothing left of earlier attempts.
    func moved(to state: ExchangeState, code: String = "", reason: String = "") -> ExchangeItem {
        var item = self
        item.state = state
        item.code = String(code.prefix(64))
        item.reason = String(reason.prefix(500))
        item.attempts = 0
        item.nextTry = 0
        return item
    }

    /// The item, to be looked at again.
    func resting(until time: UInt64) -> ExchangeItem {
        var item = self
        item.nextTry = time
        item.attempts = 0
        return item
    }
}
