/// Bounds of a ``Mempool``.
package struct PoolLimits: Hashable, Sendable {
    /// Transactions of all identities.
    package var count = 50_000
    /// Bytes of all identities' transactions.
    package var bytes = 128 << 20
    /// Transactions of one identity.
    package var countPerIdentity = 512
    /// Bytes of one identity's transactions.
    package var bytesPerIdentity = 8 << 20
    /// Milliseconds that a transaction may wait.
    package var lifetime: UInt64 = 900_000
    /// Ids of committed transactions that are remembered.
    package var remembered = 131_072
    /// Bytes that an identity's turn is worth.
    package var quantum = 4_096

    package init() {}
}

/// Why a pool does not take a transaction.
package enum PoolRefusal: Error, Hashable, Sendable {
    /// It waits here already.
    case waiting
    /// A block holds it already.
    case committed
    /// Its time is over.
    case expired
    /// The identity has as much waiting as one may have.
    case quota
    /// The pool is full, and nobody has more in it than this identity.
    case full

    /// A stable word for clients.
    package var code: String {
        switch self {
        case .waiting: "already-waiting"
        case .committed: "already-committed"
        case .expired: "expired"
        case .quota: "quota-exceeded"
        case .full: "pool-full"
        }
    }
}

/// A transaction as the pool sees it.
package struct PoolEntry<Content: Sendable>: Sendable {
    package let id: [UInt8]
    /// On whose account it waits.
    package let identity: [UInt8]
    /// Among one identity's transactions the lower ones go first: the nonce.
    package let rank: UInt64
    package let bytes: Int
    /// The last time, in milliseconds since 1970, at which it may take effect.
    package let validUntil: UInt64
    package let content: Content

    package init(
        id: [UInt8],
        identity: [UInt8],
        rank: UInt64,
        bytes: Int,
        validUntil: UInt64,
        content: Content
    ) {
        self.id = id
        self.identity = identity
        self.rank = rank
        self.bytes = bytes
        self.validUntil = validUntil
        self.content = content
    }
}
