package import CanonicalBytes
package import Certificates
internal import Consensus
internal import IBTP
internal import Ledger
internal import PathProofs

/// Governors let a chain take part: `LP(name) || u8 rule || LP(operator) || [anchor of rule 1 | LP(parameters) of rule 2]
/// || list anchor`.
package struct RegisterChain: StateRecord {
    /// Bytes of the parameters of the rule attested, at most.
    package static let parameterBytesMax = 1_024

    package enum Basis: Hashable, Sendable {
        case hub
        case wardline(ClientAnchor)
        /// What the rule's implementation needs to know of the chain.
        case attested([UInt8])

        var rule: ChainRule {
            switch self {
            case .hub: .hub
            case .wardline: .wardline
            case .attested: .attested
            }
        }
    }

    /// The middle part of its services' names.
    package let name: String
    package let basis: Basis
    /// Registers its services and appeals for it.
    package let operatorName: PartyName
    package let list: ListAnchor

    package init(name: String, basis: Basis, operatorName: PartyName, list: ListAnchor) {
        self.name = name
        self.basis = basis
        self.operatorName = operatorName
        self.list = list
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.name)
        writer.u8(self.basis.rule.rawValue)
        writer.party(self.operatorName)
        switch self.basis {
        case .hub: break
        case .wardline(let anchor): anchor.write(to: &writer)
        case .attested(let parameters): writer.lengthPrefixed(parameters)
        }
        self.list.write(to: &writer)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.name = try reader.text()
        _ = try ServiceID(hub: "", chain: self.name, service: "share")
        guard let rule = ChainRule(rawValue: try reader.u8()) else { throw ProtocolFailure(.format, "no such rule") }
        self.operatorName = try reader.partyName()
        switch rule {
        case .hub: self.basis = .hub
        case .wardline: self.basis = .wardline(try ClientAnchor(from: &reader))
        case .attested:
            let parameters = try reader.lengthPrefixed()
            try require(parameters.count <= Self.parameterBytesMax, .format, "parameters that are too long")
            self.basis = .attested(parameters)
        }
        self.list = try ListAnchor(from: &reader)
    }
}

/// Governors freeze, thaw or retire: `LP(chain) || LP(service or nothing) || u8 action`.
package struct ChangeStanding: StateRecord {
    package enum Action: UInt8, Hashable, Sendable {
        case freeze = 1
        case thaw = 2
        /// Chains only, for ever.
        case retire = 3
    }

    package let chain: String
    /// Empty: the whole chain.
    package let service: String
    package let action: Action

    package init(chain: String, service: String = "", action: Action) {
        self.chain = chain
        self.service = service
        self.action = action
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.chain)
        writer.lengthPrefixed(self.service)
        writer.u8(self.action.rawValue)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.chain = try reader.text()
        self.service = try reader.text()
        guard let action = Action(rawValue: try reader.u8()) else { throw ProtocolFailure(.format, "no such action") }
        self.action = action
        try require(self.service.isEmpty || action != .retire, .format, "a service is frozen, not retired")
    }
}

/// Governors vouch anew for a chain whose trust period is over, or whose lists are lost: `LP(chain) || u8 has anchor
/// [|| anchor] || u8 has list [|| list anchor]`.
package struct ReanchorChain: StateRecord {
    package let chain: String
    package let anchor: ClientAnchor?
    package let list: ListAnchor?

    package init(chain: String, anchor: ClientAnchor?, list: ListAnchor?) {
        self.chain = chain
        self.anchor = anchor
        self.list = list
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.chain)
        writer.flag(self.anchor != nil)
        self.anchor?.write(to: &writer)
        writer.flag(self.list != nil)
        self.list?.write(to: &writer)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.chain = try reader.text()
        self.anchor = try reader.flag() ? try ClientAnchor(from: &reader) : nil
        self.list = try reader.flag() ? try ListAnchor(from: &reader) : nil
        try require(self.anchor != nil || self.list != nil, .format, "nothing to vouch for")
    }
}

/// How governors' word about chains is checked and kept.
struct Registering: Sendable {
    let chains: ForeignChains
    let attested: (any AttestedSource)?

    /// - Throws: `not-a-hub`, `chain-exists`, `rule-not-built`, `bad-registration`, `bad-list`.
    func check(_ register: RegisterChain, _ call: ContractCall) throws(ContractFailure) {
        let hub = try call.hub()
        let known = try call.value(of: RelayKey.chain(register.name))
        try ensure(known == nil, .chainExists, "\(register.name) is, or was, registered")
        let isHub = register.name.isSame(as: hub)
        switch register.basis {
        case .hub: try ensure(isHub, .badRegistration, "the rule of the relay chain itself")
        case .wardline(let anchor):
            let isOther = !isHub && anchor.chain != call.block.chain
            try ensure(isOther, .badRegistration, "the relay chain itself")
            try self.chains.check(anchor, call)
        case .attested(let parameters):
            try ensure(!isHub, .badRegistration, "the relay chain itself")
            guard let attested = self.attested else { throw .rejected(.ruleNotBuilt, "no proofs of such chains") }
            do throws(ProtocolFailure) { try attested.check(parameters) } catch {
                throw .rejected(.badRegistration, error.description)
            }
        }
        _ = try self.chains.read(register.list, of: register.name, call)
    }

    func carryOut(_ register: RegisterChain, _ call: ContractCall) throws(ContractFailure) {
        var parameters: [UInt8] = []
        switch register.basis {
        case .hub: break
        case .wardline(let anchor): try self.chains.set(anchor, of: register.name, call)
        case .attested(let bytes): parameters = bytes
        }
        let chain = RegisteredChain(
            rule: register.basis.rule,
            operatorName: register.operatorName,
            parameters: parameters
        )
        try call.store(chain, at: RelayKey.chain(register.name))
        let list = try self.chains.read(register.list, of: register.name, call)
        try self.chains.set(register.list, list, call)
        try call.emit("relay.registered", Array(register.name.utf8))
    }

    /// - Throws: `no-such-chain`, `chain-retired`, `no-such-service`, `standing-already`.
    func check(_ change: ChangeStanding, _ call: ContractCall) throws(ContractFailure) {
        _ = try self.changed(change, call)
    }

    func carryOut(_ change: ChangeStanding, _ call: ContractCall) throws(ContractFailure) {
        let (chain, service) = try self.changed(change, call)
        if let service {
            try call.store(service, at: RelayKey.service(change.chain, change.service))
        } else {
            try call.store(chain, at: RelayKey.chain(change.chain))
        }
        try call.emit("relay.standing", change.bytes)
    }

    private func changed(
        _ change: ChangeStanding,
        _ call: ContractCall
    ) throws(ContractFailure) -> (RegisteredChain, RegisteredService?) {
        var chain = try call.registered(change.chain)
        try ensure(chain.standing != .retired, .chainRetired, "for ever")
        guard change.service.isEmpty else {
            let key = RelayKey.service(change.chain, change.service)
            guard var service = try call.record(RegisteredService.self, at: key) else {
                throw .rejected(.noSuchRelayService, "no service of this name")
            }
            let isFreeze = change.action == .freeze
            try ensure(service.isFrozenByGovernors != isFreeze, .standingAlready, "nothing would change")
            service.isFrozenByGovernors = isFreeze
            return (chain, service)
        }
        let (standing, cause): (RegisteredChain.Standing, RegisteredChain.Cause) =
            switch change.action {
            case .freeze: (.frozen, .governors)
            case .thaw: (.active, .none)
            case .retire: (.retired, .governors)
            }
        try ensure(chain.standing != standing, .standingAlready, "nothing would change")
        chain.standing = standing
        chain.cause = cause
        chain.appeal = RegisteredChain.noAppeal
        return (chain, nil)
    }

    /// - Throws: `no-such-chain`, `chain-retired`, `bad-registration`, `bad-list`.
    func check(_ change: ReanchorChain, _ call: ContractCall) throws(ContractFailure) {
        let chain = try call.registered(change.chain)
        try ensure(chain.standing != .retired, .chainRetired, "for ever")
        if let anchor = change.anchor {
            let client = try self.chains.client(of: change.chain, call)
            let isSame = chain.rule == .wardline && client?.chain == anchor.chain
            try ensure(isSame, .badRegistration, "an anchor of another chain")
            try self.chains.check(anchor, call)
        }
        if let list = change.list { _ = try self.chains.read(list, of: change.chain, call) }
    }

    func carryOut(_ change: ReanchorChain, _ call: ContractCall) throws(ContractFailure) {
        if let anchor = change.anchor { try self.chains.set(anchor, of: change.chain, call) }
        if let list = change.list {
            try self.chains.set(list, try self.chains.read(list, of: change.chain, call), call)
        }
        try call.emit("relay.reanchored", Array(change.chain.utf8))
    }
}

extension ContractCall {
    /// This chain's name as a hub.
    ///
    /// - Throws: `not-a-hub` when no service's name could begin with it.
    func hub() throws(ContractFailure) -> String {
        let name = String(decoding: self.block.chain, as: UTF8.self)
        let isName = (try? ServiceID(hub: name, chain: name, service: "share")) != nil
        try ensure(isName, .notAHub, "a chain of this name cannot be a relay chain")
        return name
    }

    /// A registered chain.
    ///
    /// - Throws: `no-such-chain`.
    func registered(_ name: String) throws(ContractFailure) -> RegisteredChain {
        guard let chain = try self.record(RegisteredChain.self, at: RelayKey.chain(name)) else {
            throw .rejected(.noSuchChain, "no chain \(name)")
        }
        return chain
    }

    /// A registered chain of which things are taken.
    ///
    /// - Throws: `no-such-chain`, `chain-frozen`, `chain-retired`.
    func active(_ name: String) throws(ContractFailure) -> RegisteredChain {
        let chain = try self.registered(name)
        switch chain.standing {
        case .active: return chain
        case .frozen: throw .rejected(.chainFrozen, "\(name) is frozen")
        case .retired: throw .rejected(.chainRetired, "\(name) has left")
        }
    }
}
