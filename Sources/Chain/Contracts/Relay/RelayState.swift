package import CanonicalBytes
package import Certificates
package import Consensus
package import IBTP
internal import Ledger
package import PathProofs
internal import Records

/// Keys of contract `relay`, beside those of its light clients, its lists and its book.
package enum RelayKey {
    /// ``RegisteredChain``.
    package static func chain(_ name: String) -> [UInt8] { StateKey.make("relay", "chain", name.utf8) }

    /// ``RegisteredService``.
    package static func service(_ chain: String, _ service: String) -> [UInt8] {
        StateKey.make("relay", "service", chain.utf8, service.utf8)
    }

    /// The answer of a group's request, as long as the group is open.
    package static func answer(_ id: MessageID) -> [UInt8] { StateKey.make("relay", "answer", id.description.utf8) }

    /// SHA-256 of what a side of an exchange was told last.
    package static func said(_ side: ExchangeSide, _ id: MessageID) -> [UInt8] {
        StateKey.make("relay", "said", [side.rawValue] + Array(id.description.utf8))
    }

    /// ``ConflictRecord`` of a request that its source stated in two ways.
    package static func conflict(_ id: MessageID) -> [UInt8] { StateKey.make("relay", "conflict", id.description.utf8) }

    /// `u64`: the block in which a fault of a verification node was recorded.
    package static func fault(_ id: [UInt8]) -> [UInt8] { StateKey.make("relay", "fault", id) }

    /// ``NodeConduct`` of a verification node in an epoch.
    package static func conduct(_ chain: String, _ epoch: UInt64, _ node: String) -> [UInt8] {
        StateKey.make("relay", "conduct", chain.utf8, epoch.bigEndianBytes + Array(node.utf8))
    }

    /// ``RelayLease`` of a lane.
    package static func lease(_ lane: String) -> [UInt8] { StateKey.make("relay", "lease", lane.utf8) }

    /// ``GatewayList``.
    package static let gateways = StateKey.make("relay", "gateways")

    /// A key of the value-transfer contract.
    package static func credit(_ key: [UInt8]) -> [UInt8] { StateKey.make("relay", "credit", key) }

    /// ``ForeignClient`` of a registered chain.
    package static func client(_ name: String) -> [UInt8] { ForeignKeys.relay.client(name) }

    /// ``ListRecord``.
    package static func list(_ chain: String, _ epoch: UInt64) -> [UInt8] { ForeignKeys.relay.list(chain, epoch) }

    /// `u64`: the epoch of a chain's newest list.
    package static func listEpoch(_ chain: String) -> [UInt8] { ForeignKeys.relay.listEpoch(chain) }

    /// The exchanges' counters, ``PairCounters``.
    package static func pair(_ pair: ServicePair) -> [UInt8] { Self.prefix + Array("pair\0\(pair)".utf8) }

    /// Of all keys that the book has.
    static let prefix = StateKey.make("relay", bytes: [])
}

extension ForeignKeys {
    static let relay = ForeignKeys(contract: "relay")
}

/// How a registered chain's statements are judged.
///
/// There is no rule that accepts all.
package enum ChainRule: UInt8, Hashable, Sendable, CaseIterable {
    /// The relay chain itself: only its list of verification nodes is kept.
    case hub = 0
    /// A chain of this software: a light client of its committee.
    case wardline = 1
    /// A chain whose blocks only its verification nodes can judge: what they certify of a block, and a proof under it.
    case attested = 2
}

/// A chain that the relay chain knows: `u8 rule || u8 standing || u8 cause || LP(operator) || appeal(32) ||
/// LP(parameters)`.
package struct RegisteredChain: StateRecord {
    package enum Standing: UInt8, Hashable, Sendable {
        case active = 1
        /// Nothing of it is taken, and nothing begins with it.
        case frozen = 2
        /// For ever.
        case retired = 3
    }

    package enum Cause: UInt8, Hashable, Sendable {
        case none = 0
        case governors = 1
        /// It stated one request in two ways.
        case conflict = 2
    }

    package static let noAppeal = [UInt8](repeating: 0, count: 32)

    package let rule: ChainRule
    package internal(set) var standing: Standing
    /// Of being frozen.
    package internal(set) var cause: Cause
    /// Registers its services and appeals for it.
    package let operatorName: PartyName
    /// Digest of what its operator says against being frozen; zeros before.
    package internal(set) var appeal: [UInt8]
    /// Of the rule attested.
    package let parameters: [UInt8]

    init(rule: ChainRule, operatorName: PartyName, parameters: [UInt8]) {
        self.rule = rule
        self.standing = .active
        self.cause = .none
        self.operatorName = operatorName
        self.appeal = Self.noAppeal
        self.parameters = parameters
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.u8(self.rule.rawValue)
        writer.u8(self.standing.rawValue)
        writer.u8(self.cause.rawValue)
        writer.party(self.operatorName)
        writer.raw(self.appeal)
        writer.lengthPrefixed(self.parameters)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        guard let rule = ChainRule(rawValue: try reader.u8()), let standing = Standing(rawValue: try reader.u8()),
            let cause = Cause(rawValue: try reader.u8())
        else { throw ProtocolFailure(.format, "no such rule or standing") }
        self.rule = rule
        self.standing = standing
        self.cause = cause
        self.operatorName = try reader.partyName()
        self.appeal = try reader.hash()
        self.parameters = try reader.lengthPrefixed()
    }
}

/// A service of a registered chain: `u8 ordered || u8 frozen || u16 n × LP(allowed)`.
package struct RegisteredService: StateRecord {
    package static let allowedMax = 64

    /// Whether requests are taken in the order of their indices.
    package let isOrdered: Bool
    /// Its operator has put it off.
    package let isFrozenByOperator: Bool
    package internal(set) var isFrozenByGovernors: Bool
    /// Chains, `hub:chain`, and services that may ask it, ascending; none: everybody.
    package let allowed: [String]

    init(isOrdered: Bool, isFrozenByOperator: Bool, isFrozenByGovernors: Bool, allowed: [String]) {
        self.isOrdered = isOrdered
        self.isFrozenByOperator = isFrozenByOperator
        self.isFrozenByGovernors = isFrozenByGovernors
        self.allowed = allowed
    }

    /// Whether a service may ask this one now.
    func isOpen(to source: ServiceID) -> Bool {
        guard !self.isFrozenByOperator, !self.isFrozenByGovernors else { return false }
        return self.allowed.isEmpty
            || self.allowed.contains { $0.isSame(as: source.chainName) || $0.isSame(as: source.description) }
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.flag(self.isOrdered)
        writer.u8((self.isFrozenByOperator ? 1 : 0) | (self.isFrozenByGovernors ? 2 : 0))
        writer.u16(UInt16(self.allowed.count))
        for name in self.allowed { writer.lengthPrefixed(name) }
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.isOrdered = try reader.flag()
        let frozen = try reader.u8()
        try require(frozen <= 3, .format, "two reasons to be put off")
        self.isFrozenByOperator = frozen & 1 != 0
        self.isFrozenByGovernors = frozen & 2 != 0
        self.allowed = try reader.allowedSources()
    }
}

/// Two statements of one request: `first hash(32) || second hash(32) || u64 height`.
package struct ConflictRecord: StateRecord {
    /// ``InterchainMessage/hash`` of the request that was taken.
    package let first: [UInt8]
    package let second: [UInt8]
    package let height: Height

    init(first: [UInt8], second: [UInt8], height: Height) {
        self.first = first
        self.second = second
        self.height = height
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.first)
        writer.raw(self.second)
        writer.u64(self.height)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.first = try reader.hash()
        self.second = try reader.hash()
        self.height = try reader.u64()
    }
}

/// Who carries a lane for now: `LP(holder) || u64 token || u64 until`.
package struct RelayLease: StateRecord {
    package let holder: String
    /// Grows with every change of the holder.
    package let token: UInt64
    /// Milliseconds since 1970.
    package let until: UInt64

    init(holder: String, token: UInt64, until: UInt64) {
        self.holder = holder
        self.token = token
        self.until = until
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.holder)
        writer.u64(self.token)
        writer.u64(self.until)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.holder = try reader.text()
        self.token = try reader.u64()
        self.until = try reader.u64()
    }
}

/// Gateways whose deposit is enough for slots: `u16 n × LP(account)`, ascending.
package struct GatewayList: StateRecord {
    package static let countMax = 64

    package internal(set) var accounts: [[UInt8]]

    package init(_ accounts: [[UInt8]] = []) { self.accounts = accounts }

    mutating func insert(_ account: [UInt8]) {
        guard !self.accounts.contains(account), self.accounts.count < Self.countMax else { return }
        let place = self.accounts.firstIndex { account.lexicographicallyPrecedes($0) } ?? self.accounts.count
        self.accounts.insert(account, at: place)
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.u16(UInt16(self.accounts.count))
        for account in self.accounts { writer.lengthPrefixed(account) }
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        let count = Int(try reader.u16())
        try require(count <= Self.countMax, .format, "too many gateways")
        var accounts: [[UInt8]] = []
        for _ in 0..<count { accounts.append(try reader.lengthPrefixed()) }
        self.accounts = accounts
    }
}

/// What is recorded of a verification node in an epoch: `u32 work || u32 absences || u32 faults || u8 leaving`.
package struct NodeConduct: StateRecord {
    /// Hops that its list certified with it.
    package internal(set) var work: UInt32 = 0
    /// Hops that its list certified without it.
    package internal(set) var absences: UInt32 = 0
    /// Proven by signatures.
    package internal(set) var faults: UInt32 = 0
    /// Whether it asked to leave.
    package internal(set) var isLeaving = false

    init() {}

    package func write(to writer: inout CanonicalWriter) {
        writer.u32(self.work)
        writer.u32(self.absences)
        writer.u32(self.faults)
        writer.flag(self.isLeaving)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.work = try reader.u32()
        self.absences = try reader.u32()
        self.faults = try reader.u32()
        self.isLeaving = try reader.flag()
    }

    /// What counts at the epoch's boundary.
    package var judged: Conduct {
        Conduct(
            work: self.work,
            missedSlots: Conduct.missedSlots(present: self.work, absent: self.absences),
            faults: self.faults,
            isLeaving: self.isLeaving
        )
    }
}

extension CanonicalReader {
    /// Takes `u16 n × LP(hub:chain or hub:chain:service)`, strictly ascending.
    mutating func allowedSources() throws(ProtocolFailure) -> [String] {
        let count = Int(try self.u16())
        try require(count <= RegisteredService.allowedMax, .format, "too many sources")
        var names: [String] = []
        for _ in 0..<count {
            let name = try self.text()
            let parts = name.split(separator: ":", omittingEmptySubsequences: false).count
            // A chain's name is one of a service without its last part.
            _ = try ServiceID(parts == 2 ? name + ":any" : name)
            if let last = names.last {
                let isAscending = last.utf8.lexicographicallyPrecedes(name.utf8)
                try require(isAscending, .format, "sources that do not ascend")
            }
            names.append(name)
        }
        return names
    }
}
