package import CanonicalBytes
package import Incentives
internal import Ledger

/// Contracts' code, which a deposit and fees stand behind.
extension RelayCredits {
    static var codeMethods: [Method] { [Method(self.deploy), Method(self.upgrade), Method(self.settle)] }

    @Sendable private static func deploy(_ arguments: DeployCode, _ call: ContractCall) throws(ContractFailure) {
        let owner = try self.account(of: try call.party())
        let transfer = self.transfer(call)
        let activation = arguments.code.activation(by: owner)
        try self.paid { () throws(IncentiveFailure) in try transfer.deploy(activation) }
        try self.tell(activation.name, transfer, call)
    }

    @Sendable private static func upgrade(_ arguments: UpgradeCode, _ call: ContractCall) throws(ContractFailure) {
        let owner = try self.account(of: try call.party())
        let transfer = self.transfer(call)
        let activation = arguments.code.activation(by: owner)
        try self.paid { () throws(IncentiveFailure) in try transfer.upgrade(activation) }
        try self.tell(activation.name, transfer, call)
    }

    @Sendable private static func settle(_ arguments: SettleCode, _ call: ContractCall) throws(ContractFailure) {
        let owner = try self.account(of: try call.party())
        let transfer = self.transfer(call)
        let name = arguments.name
        switch arguments.action {
        case .cancelUpgrade:
            try self.paid { () throws(IncentiveFailure) in try transfer.cancelUpgrade(of: name, by: owner) }
        case .releaseUpgrade:
            _ = try self.paid { () throws(IncentiveFailure) in try transfer.releaseUpgrade(of: name, by: owner) }
        case .retire: try self.paid { () throws(IncentiveFailure) in try transfer.retireCode(name, by: owner) }
        case .release:
            _ = try self.paid { () throws(IncentiveFailure) in try transfer.releaseCode(name, by: owner) }
        }
        try self.tell(name, transfer, call)
    }

    /// Takes what is held for a contract, because governors say so.
    static func condemn(_ name: CodeName, _ call: ContractCall) throws(ContractFailure) {
        let transfer = self.transfer(call)
        _ = try self.paid { () throws(IncentiveFailure) in try transfer.forfeitCode(name) }
        try self.tell(name, transfer, call)
    }

    /// Requires a contract of this name to have been deployed.
    static func requireCode(_ name: CodeName, _ call: ContractCall) throws(ContractFailure) {
        let transfer = self.transfer(call)
        let code = try self.paid { () throws(IncentiveFailure) in try transfer.code(name) }
        try ensure(code != nil, .incentive(.noSuchCode), "no such contract")
    }

    private static func tell(
        _ name: CodeName,
        _ transfer: ValueTransfer,
        _ call: ContractCall
    ) throws(ContractFailure) {
        let code = try self.paid { () throws(IncentiveFailure) in try transfer.code(name) }
        var writer = CanonicalWriter(capacity: 256)
        writer.lengthPrefixed(name.bytes)
        code?.write(to: &writer)
        try call.emit("relay.code", writer.bytes)
    }
}

/// Which code counts for a contract, and from when: `LP(name) || digest(32) || u64 active from`.
package struct AnnouncedCode: Hashable, Sendable {
    package let name: CodeName
    package let digest: CodeDigest
    /// The first block of the relay chain in which it counts.
    package let activeFrom: UInt64

    package init(name: CodeName, digest: CodeDigest, activeFrom: UInt64) {
        self.name = name
        self.digest = digest
        self.activeFrom = activeFrom
    }

    func activation(by owner: AccountID) -> CodeActivation {
        CodeActivation(name: self.name, digest: self.digest, owner: owner, activeFrom: self.activeFrom)
    }

    func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.name.bytes)
        writer.raw(self.digest.bytes)
        writer.u64(self.activeFrom)
    }

    init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.name = try CodeName(reader.text())
        self.digest = try CodeDigest(reader.take(32))
        self.activeFrom = try reader.u64()
    }
}

/// Deploys a contract: ``AnnouncedCode``.
package struct DeployCode: RelayArguments {
    package static let method = "deploy"

    package let code: AnnouncedCode

    package init(_ code: AnnouncedCode) { self.code = code }

    package func write(to writer: inout CanonicalWriter) { self.code.write(to: &writer) }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.code = try AnnouncedCode(from: &reader)
    }
}

/// Announces an upgrade: ``AnnouncedCode``.
package struct UpgradeCode: RelayArguments {
    package static let method = "upgrade"

    package let code: AnnouncedCode

    package init(_ code: AnnouncedCode) { self.code = code }

    package func write(to writer: inout CanonicalWriter) { self.code.write(to: &writer) }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.code = try AnnouncedCode(from: &reader)
    }
}

/// What an owner does with a contract besides: `LP(name) || u8 action`.
package struct SettleCode: RelayArguments {
    package static let method = "code"

    package enum Action: UInt8, Hashable, Sendable, CaseIterable {
        /// Takes an upgrade back before its activation.
        case cancelUpgrade = 1
        /// Takes an upgrade's deposit back after its trial.
        case releaseUpgrade = 2
        /// Gives the contract up.
        case retire = 3
        /// Takes back what was held for a contract that was given up.
        case release = 4
    }

    package let name: CodeName
    package let action: Action

    package init(name: CodeName, action: Action) {
        self.name = name
        self.action = action
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.name.bytes)
        writer.u8(self.action.rawValue)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.name = try CodeName(reader.text())
        guard let action = Action(rawValue: try reader.u8()) else { throw ProtocolFailure(.format, "no such action") }
        self.action = action
    }
}
