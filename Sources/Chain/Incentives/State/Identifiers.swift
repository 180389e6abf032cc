package import CanonicalBytes

/// Whose credits they are: the name of a party, or whatever else the chain knows its members by.
package struct AccountID: Hashable, Sendable {
    /// Bytes of an identifier, at most.
    package static let lengthMax = 255

    package let bytes: [UInt8]

    /// - Throws: `FORMAT` for none, or more than ``lengthMax``.
    package init(_ bytes: [UInt8]) throws(ProtocolFailure) {
        try require((1...Self.lengthMax).contains(bytes.count), .format, "\(bytes.count) bytes of an account's name")
        self.bytes = bytes
    }
}

/// A cross-chain message as the contract knows it: a digest of its IBTP identifier.
package struct MessageKey: Hashable, Sendable {
    package static let length = 32

    package let bytes: [UInt8]

    /// - Throws: `FORMAT` unless there are 32 bytes.
    package init(_ bytes: [UInt8]) throws(ProtocolFailure) {
        try require(bytes.count == Self.length, .format, "\(bytes.count) bytes of a message's key")
        self.bytes = bytes
    }
}

/// Keys of the contract's state, each with a letter for its kind.
package enum IncentiveKey {
    enum Kind: UInt8, Sendable {
        case account = 0x61
        case code = 0x63
        case escrow = 0x65
        case fault = 0x66
        case parameters = 0x70
        case slot = 0x73
        case totals = 0x74
    }

    /// ``CreditTotals``.
    package static let totals = [Kind.totals.rawValue]
    /// ``IncentiveParameters``.
    package static let parameters = [Kind.parameters.rawValue]

    /// ``Account``; none is an empty one.
    package static func account(_ id: AccountID) -> [UInt8] { [Kind.account.rawValue] + id.bytes }

    /// ``Escrow``.
    package static func escrow(_ message: MessageKey) -> [UInt8] { [Kind.escrow.rawValue] + message.bytes }

    /// ``RouteSlot``.
    package static func slot(_ message: MessageKey, _ index: UInt8) -> [UInt8] {
        [Kind.slot.rawValue] + message.bytes + [index]
    }

    /// The `u64` height at which a fault was punished.
    package static func fault(_ id: FaultID) -> [UInt8] { [Kind.fault.rawValue] + id.bytes }

    /// ``ContractCode``.
    package static func code(_ name: CodeName) -> [UInt8] { [Kind.code.rawValue] + name.bytes }
}
