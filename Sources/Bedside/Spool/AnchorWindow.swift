/// A delivered envelope that is to be anchored.
package struct AnchorEntry: Sendable, Hashable {
    /// The index pointer, 32 bytes.
    package let h1: [UInt8]
    /// Digest of the scope, 32 bytes.
    package let scope: [UInt8]
    /// When the envelope was sealed, seconds since 1970.
    package let created: UInt64
    /// When its last receipt was stored, ms since 1970.
    package let delivered: Int64
    /// What an index page lists it under.
    package let tags: [[UInt8]]

    package init(h1: [UInt8], scope: [UInt8], created: UInt64, delivered: Int64, tags: [[UInt8]]) {
        self.h1 = h1
        self.scope = scope
        self.created = created
        self.delivered = delivered
        self.tags = tags
    }
}

/// Envelopes that are anchored together, before they are.
package struct CutWindow: Sendable, Hashable {
    /// Greater than that of every window before.
    package let number: UInt64
    /// RFC 9162 root over the index pointers.
    package let root: [UInt8]
    /// Of the oldest envelope, seconds since 1970.
    package let createdMin: UInt64
    /// Of the newest envelope, seconds since 1970.
    package let createdMax: UInt64
    /// The tree's leaves in order.
    package let h1s: [[UInt8]]

    package init(number: UInt64, root: [UInt8], createdMin: UInt64, createdMax: UInt64, h1s: [[UInt8]]) {
        self.number = number
        self.root = root
        self.createdMin = createdMin
        self.createdMax = createdMax
        self.h1s = h1s
    }
}

/// A window as the spool holds it.
package struct StoredWindow: Sendable, Hashable {
    package enum State: String, Sendable {
        /// Not in a block yet, as far as is known.
        case waiting
        /// In a block, with the proof.
        case anchored
        /// The chain does not take it.
        case refused
    }

    package let number: UInt64
    package let state: State
    package let root: [UInt8]
    package let envelopes: Int
    /// Seconds since 1970.
    package let createdMin: UInt64
    /// Seconds since 1970.
    package let createdMax: UInt64
    /// When it was cut, ms since 1970.
    package let cut: Int64
    /// Why it was refused.
    package let reason: String
    /// When its proof was stored, ms since 1970.
    package let anchored: Int64?
    /// Of its block.
    package let height: UInt64?
    /// The chain marked it as late.
    package let isLate: Bool
}

/// A signed transaction that was made for a window.
package struct AnchorAttempt: Sendable, Hashable {
    /// The transaction's id, 32 bytes.
    package let id: [UInt8]
    package let bytes: [UInt8]
    /// Why it can have no effect any more; nil while it may.
    package let outcome: String?

    package init(id: [UInt8], bytes: [UInt8], outcome: String? = nil) {
        self.id = id
        self.bytes = bytes
        self.outcome = outcome
    }
}

/// The key of one sender's index pages in one scope.
package struct StoredIndexKey: Sendable, Equatable {
    /// Digest of the scope, 32 bytes.
    package let scope: [UInt8]
    /// The sender's party name.
    package let sender: String
    /// 32 bytes.
    package let secret: [UInt8]
    /// Some sealed envelope carries it to the scope's owner.
    package let isHanded: Bool

    package init(scope: [UInt8], sender: String, secret: [UInt8], isHanded: Bool = false) {
        self.scope = scope
        self.sender = sender
        self.secret = secret
        self.isHanded = isHanded
    }
}

/// Windows at one moment.
package struct AnchorStatistics: Sendable, Equatable {
    /// Whether delivered envelopes are to be anchored.
    package var isOn = false
    package var anchoredWindows: Int64 = 0
    package var anchoredEnvelopes: Int64 = 0
    /// Windows that the chain marked as late.
    package var lateWindows: Int64 = 0
    package var waitingWindows: Int64 = 0
    /// Delivered envelopes without an anchor, those of waiting and refused windows included.
    package var waitingEnvelopes: Int64 = 0
    package var waitingBytes: Int64 = 0
    package var refusedWindows: Int64 = 0
    /// When the oldest of the waiting envelopes was delivered, ms since 1970.
    package var oldestWaiting: Int64?
    /// When the last proof was stored, ms since 1970.
    package var lastAnchored: Int64?
}
