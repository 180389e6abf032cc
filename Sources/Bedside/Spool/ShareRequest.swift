/// A signed transaction that somebody gave the agent to hand in, as it arrives.
package struct ShareRequest: Sendable, Hashable {
    /// How it came.
    package enum Source: String, Sendable, Hashable {
        case http
        case mqtt
    }

    /// The transaction's identifier, 32 bytes.
    package let id: [UInt8]
    /// The chain's number of the channel.
    package let channel: UInt8
    /// `contract.method`.
    package let method: String
    /// The last moment at which it may take effect, ms since 1970.
    package let validUntil: Int64
    package let source: Source
    /// The signed transaction.
    package let bytes: [UInt8]

    package init(id: [UInt8], channel: UInt8, method: String, validUntil: Int64, source: Source, bytes: [UInt8]) {
        self.id = id
        self.channel = channel
        self.method = method
        self.validUntil = validUntil
        self.source = source
        self.bytes = bytes
    }
}

/// How a share request ended.
package enum ShareOutcome: Sendable, Hashable {
    /// It is in a block.
    ///
    /// - Parameters:
    ///   - height: of the block.
    ///   - code: 0 when it took effect, else the contract's refusal.
    ///   - name: of the code; empty for 0.
    ///   - proof: verified by the caller.
    case committed(height: UInt64, code: UInt16, name: String, proof: [UInt8])
    /// More than `f` validators refuse it for good; the text has their code.
    case rejected(String)
    /// Its time went by; the text says how that is known.
    case expired(String)
}

/// What is known of a share request.
package struct StoredShareRequest: Sendable, Hashable {
    package enum State: String, Sendable, Hashable, CaseIterable {
        /// Durable, and nobody has seen it yet.
        case queued
        /// Handed in; what becomes of it is open.
        case submitted
        case committed
        case rejected
        case expired

        /// Whether something may still become of it.
        package var isOpen: Bool { self == .queued || self == .submitted }
    }

    /// In the order of arrival.
    package let sequence: Int64
    package let id: [UInt8]
    package let channel: UInt8
    package let method: String
    package let source: ShareRequest.Source
    package let state: State
    /// ms since 1970.
    package let validUntil: Int64
    /// ms since 1970.
    package let accepted: Int64
    /// When it was first handed in, ms since 1970; nil before.
    package let handedIn: Int64?
    /// When its outcome was known, ms since 1970; nil before.
    package let settled: Int64?
    /// Of its block; nil unless committed.
    package let height: UInt64?
    /// What the contract said; nil unless committed.
    package let code: UInt16?
    /// The code's name, or why it was rejected or expired.
    package let reason: String
}

/// How many share requests are in which state.
package struct ShareStatistics: Sendable, Equatable {
    package var queued: Int64 = 0
    package var submitted: Int64 = 0
    /// Within the retention, as the ones below.
    package var committed: Int64 = 0
    package var rejected: Int64 = 0
    package var expired: Int64 = 0
    /// Bytes of the open ones.
    package var openBytes: Int64 = 0
    /// When the oldest open one was accepted, ms since 1970.
    package var oldestOpen: Int64?

    package init() {}

    package var open: Int64 { self.queued + self.submitted }

    package subscript(state: StoredShareRequest.State) -> Int64 {
        get {
            switch state {
            case .queued: self.queued
            case .submitted: self.submitted
            case .committed: self.committed
            case .rejected: self.rejected
            case .expired: self.expired
            }
        }
        set {
            switch state {
            case .queued: self.queued = newValue
            case .submitted: self.submitted = newValue
            case .committed: self.committed = newValue
            case .rejected: self.rejected = newValue
            case .expired: self.expired = newValue
            }
        }
    }
}
