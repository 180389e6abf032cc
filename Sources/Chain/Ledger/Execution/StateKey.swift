package import CanonicalBytes
package import Consensus

/// Keys of a channel's state: a contract's name, a zero byte, and the contract's own key.
package enum StateKey {
    package static func make(_ contract: StaticString, _ kind: StaticString) -> [UInt8] {
        self.beginning(contract, kind, room: 0)
    }

    package static func make(
        _ contract: StaticString,
        _ kind: StaticString,
        _ part: some Collection<UInt8>
    ) -> [UInt8] {
        var key = self.beginning(contract, kind, room: part.count + 1)
        key.append(0)
        key.append(contentsOf: part)
        return key
    }

    package static func make(
        _ contract: StaticString,
        _ kind: StaticString,
        _ first: some Collection<UInt8>,
        _ second: some Collection<UInt8>
    ) -> [UInt8] {
        var key = self.beginning(contract, kind, room: first.count + second.count + 2)
        key.append(0)
        key.append(contentsOf: first)
        key.append(0)
        key.append(contentsOf: second)
        return key
    }

    /// A key of a contract that has one kind of them.
    package static func make(_ contract: StaticString, bytes: [UInt8]) -> [UInt8] {
        contract.withUTF8Buffer { Array($0) } + [0] + bytes
    }

    // One allocation a key: a transaction asks for a dozen.
    private static func beginning(_ contract: StaticString, _ kind: StaticString, room: Int) -> [UInt8] {
        var key: [UInt8] = []
        key.reserveCapacity(contract.utf8CodeUnitCount + 1 + kind.utf8CodeUnitCount + room)
        contract.withUTF8Buffer { key.append(contentsOf: $0) }
        key.append(0)
        kind.withUTF8Buffer { key.append(contentsOf: $0) }
        return key
    }

    /// What the ledger itself reads, on both channels; written by system contracts only.
    ///
    /// The nonces that a signer used last: ascending `u64`, at most ``NonceWindow/size``.
    package static func nonces(of signer: [UInt8]) -> [UInt8] { self.make("chain", "nonce", signer) }

    /// Present when the issuer of this name revoked the certificate with this digest; `u64` milliseconds since when.
    ///
    /// The issuer stands in the key, so that none of several can revoke another's certificates.
    package static func revocation(of digest: [UInt8], by issuer: String) -> [UInt8] {
        self.make("chain", "revoked", digest, issuer.utf8)
    }

    /// The trusted issuer of a kind and name, ``TrustedIssuer/write(to:)``.
    package static func issuer(_ kind: TrustedIssuer.Kind, _ name: String) -> [UInt8] {
        self.make("chain", "issuer", [kind.rawValue] + Array(name.utf8))
    }

    /// All issuers, `u16 n × issuer`, for verifiers.
    package static let issuers = make("chain", "issuers")

    /// A parameter's `u64`.
    package static func parameter(_ name: String) -> [UInt8] {
        self.make("chain", "parameter", name.utf8)
    }

    /// A committee's canonical bytes by `u64` epoch.
    package static func committee(_ epoch: CommitteeEpoch) -> [UInt8] {
        self.make("chain", "committee", epoch.bigEndianBytes)
    }

    /// A validator's party name by `u16` number.
    package static func validator(_ id: ReplicaID) -> [UInt8] {
        self.make("chain", "validator", id.number.bigEndianBytes)
    }
}

/// Numbers that the chain's governors may change, with their defaults.
package enum ChainParameter: String, CaseIterable, Sendable {
    case blockBytesMax = "block.bytes_max"
    case blockCostMax = "block.cost_max"
    case blockTransactionsMax = "block.transactions_max"
    case epochSeconds = "epoch.seconds"
    case transactionBytesMax = "transaction.bytes_max"
    case transactionCostMax = "transaction.cost_max"
    /// Milliseconds that a transaction's `valid_until` may lie ahead of the block's time.
    case transactionLifetime = "transaction.lifetime_ms"

    package var defaultValue: UInt64 {
        switch self {
        case .blockBytesMax: 4 << 20
        case .blockCostMax: 50_000_000
        case .blockTransactionsMax: 2_000
        case .epochSeconds: 604_800
        case .transactionBytesMax: 262_144
        case .transactionCostMax: 1_000_000
        case .transactionLifetime: 3_600_000
        }
    }

    /// Values that governors may choose.
    package var range: ClosedRange<UInt64> {
        switch self {
        case .blockBytesMax: 65_536...(8 << 20)
        case .blockCostMax: 100_000...10_000_000_000
        case .blockTransactionsMax: 1...20_000
        case .epochSeconds: 86_400...2_592_000
        case .transactionBytesMax: 4_096...(1 << 20)
        case .transactionCostMax: 10_000...1_000_000_000
        case .transactionLifetime: 1_000...604_800_000
        }
    }
}

/// The nonces that a signer used last: newer ones may come out of order, older and repeated ones are refused.
package struct NonceWindow: Sendable {
    /// Transactions of one signer that may be on their way at once.
    package static let size = 32

    private static let width = 8
    // Decoding all of them takes longer than what a transaction does here.
    /// As the state keeps them, ascending `u64`.
    package private(set) var bytes: [UInt8]

    /// - Throws: `FORMAT` for a damaged record.
    package init(bytes: [UInt8]?) throws(ProtocolFailure) {
        self.bytes = bytes ?? []
        try require(self.bytes.count % Self.width == 0, .format, "nonces of \(self.bytes.count) bytes")
    }

    private var count: Int { self.bytes.count / Self.width }

    /// Ascending.
    package var recent: [UInt64] { (0..<self.count).map { self.nonce(at: $0) } }

    private func nonce(at place: Int) -> UInt64 {
        self.bytes.withUnsafeBytes {
            UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: place * Self.width, as: UInt64.self))
        }
    }

    /// Takes a nonce into the window.
    ///
    /// - Returns: false when it was used already, or is older than all that are remembered.
    package mutating func use(_ nonce: UInt64) -> Bool {
        // Most nonces are newer than all others.
        var place = self.count
        while place > 0, self.nonce(at: place - 1) > nonce { place -= 1 }
        guard place == 0 || self.nonce(at: place - 1) != nonce else { return false }
        guard place > 0 || self.count < Self.size else { return false }
        var bytes: [UInt8] = []
        bytes.reserveCapacity((self.count + 1) * Self.width)
        let first = self.count < Self.size ? 0 : Self.width
        bytes.append(contentsOf: self.bytes[first..<place * Self.width])
        bytes.append(contentsOf: nonce.bigEndianBytes)
        bytes.append(contentsOf: self.bytes[(place * Self.width)...])
        self.bytes = bytes
        return true
    }
}
