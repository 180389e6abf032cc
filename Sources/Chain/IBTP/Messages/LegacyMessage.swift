package import CanonicalBytes

/// A message of version 1.1 to 1.6 (branch `bxh-1.6-lts` of bitxhub-model), which is read and never written.
///
/// Field 5 is a timestamp there, 8 to 10 are group, version and extra as today; `from` and `to` name chains. No value
/// of it is ever taken for a field of ``InterchainMessage``: the caller sees which of the two it got.
package struct LegacyMessage: Hashable, Sendable {
    /// `IBTP.Type` of v1.6.
    package enum Kind: UInt8, Sendable, CaseIterable {
        case interchain = 0
        case receiptSuccess = 1
        case receiptFailure = 2
        case rollback = 3
        case receiptRollback = 4
        case assetExchangeInit = 5
        case assetExchangeRedeem = 6
        case assetExchangeRefund = 7
        case assetExchangeReceipt = 8
    }

    package private(set) var from = ""
    package private(set) var to = ""
    package private(set) var index: UInt64 = 0
    package private(set) var kind = Kind.interchain
    /// Of the source's event.
    package private(set) var timestamp: Int64 = 0
    package private(set) var proof: [UInt8] = []
    package private(set) var payload: [UInt8] = []
    package private(set) var group: ServiceIndices?
    package private(set) var version = ""
    package private(set) var extra: [UInt8] = []

    fileprivate init(reading bytes: ArraySlice<UInt8>) throws(ProtocolFailure) {
        var group: [UInt8]?
        var reader = WireReader(bytes)
        while let field = try reader.next() {
            if field.number == 8 { group = (group ?? []) + (try field.slice()) } else { try self.take(field) }
        }
        if let group { self.group = try ServiceIndices(reading: group[...]) }
    }

    private mutating func take(_ field: WireReader.Field) throws(ProtocolFailure) {
        switch field.number {
        case 1: self.from = try field.text(atMost: ServiceID.bytesMax)
        case 2: self.to = try field.text(atMost: ServiceID.bytesMax)
        case 3: self.index = try field.unsigned()
        case 4:
            guard let kind = UInt8(exactly: try field.unsigned()).flatMap(Kind.init(rawValue:)) else {
                throw ProtocolFailure(.format, "a type that version 1.6 does not have")
            }
            self.kind = kind
        case 5: self.timestamp = try field.signed()
        case 6: self.proof = try field.bytes()
        case 7: self.payload = try field.bytes()
        case 9: self.version = try field.text(atMost: IBTPLimits.versionBytesMax)
        case 10: self.extra = try field.bytes(atMost: IBTPLimits.extraBytesMax)
        default: break
        }
    }
}

/// A call in a message of version 1.1 to 1.6: 1 src_contract_id, 2 dst_contract_id, 3 func, 4 args, 5 callback, 6
/// argsCb, 7 rollback, 8 argsRb.
package struct LegacyContent: Hashable, Sendable {
    package private(set) var sourceContract = ""
    package private(set) var destinationContract = ""
    package private(set) var function = ""
    package private(set) var arguments: [[UInt8]] = []
    package private(set) var callback = ""
    package private(set) var callbackArguments: [[UInt8]] = []
    package private(set) var rollback = ""
    package private(set) var rollbackArguments: [[UInt8]] = []

    /// Reads the content of a payload that is not encrypted.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        try require(bytes.count <= IBTPLimits.messageBytesMax, .format, "a call of \(bytes.count) bytes")
        var reader = WireReader(bytes[...])
        while let field = try reader.next() { try self.take(field) }
    }

    private mutating func take(_ field: WireReader.Field) throws(ProtocolFailure) {
        switch field.number {
        case 1: self.sourceContract = try field.text()
        case 2: self.destinationContract = try field.text()
        case 3: self.function = try field.text()
        case 4: try Self.append(field, to: &self.arguments)
        case 5: self.callback = try field.text()
        case 6: try Self.append(field, to: &self.callbackArguments)
        case 7: self.rollback = try field.text()
        case 8: try Self.append(field, to: &self.rollbackArguments)
        default: break
        }
    }

    private static func append(_ field: WireReader.Field, to list: inout [[UInt8]]) throws(ProtocolFailure) {
        try require(list.count < IBTPLimits.argumentsMax, .format, "more than \(IBTPLimits.argumentsMax) arguments")
        list.append(try field.bytes())
    }
}

/// A message of one of the versions that are understood.
package enum VersionedMessage: Hashable, Sendable {
    /// Version 2: read and written.
    case current(InterchainMessage)
    /// Version 1.1 to 1.6: read only.
    case legacy(LegacyMessage)

    /// Reads a message tolerantly, as its version says: `1.1` to `1.6`, with or without more parts or a leading `v`, is
    /// ``legacy(_:)``; no version, or one of 1.20 and above, is ``current(_:)``.
    ///
    /// - Parameters:
    ///   - bytes: that the message fills.
    ///   - version: of the chain that it comes from, when that is known; otherwise the message's field 9 counts.
    /// - Throws: `FORMAT`, also for versions between and for texts that are no version: a field 5 that may be either a
    ///   timestamp or a height is not guessed at.
    package init(bytes: [UInt8], version: String? = nil) throws(ProtocolFailure) {
        try require(bytes.count <= IBTPLimits.messageBytesMax, .format, "a message of \(bytes.count) bytes")
        let generation: Generation
        if let version {
            generation = try Generation(version: version)
        } else {
            generation = try Generation(version: Self.version(in: bytes))
        }
        switch generation {
        case .current: self = .current(try InterchainMessage(reading: bytes[...]))
        case .legacy: self = .legacy(try LegacyMessage(reading: bytes[...]))
        }
    }

    private static func version(in bytes: [UInt8]) throws(ProtocolFailure) -> String {
        var version = ""
        var reader = WireReader(bytes[...])
        while let field = try reader.next() {
            guard field.number == 9 else { continue }
            version = try field.text(atMost: IBTPLimits.versionBytesMax)
        }
        return version
    }

    private enum Generation {
        case current
        case legacy

        init(version: String) throws(ProtocolFailure) {
            guard !version.isEmpty else {
                self = .current
                return
            }
            var text = Substring(version)
            if text.utf8.first == UInt8(ascii: "v") { text = text.dropFirst() }
            let isDotted = text.utf8.allSatisfy { $0 == 0x2E || (0x30...0x39).contains($0) }
            let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt16($0) }
            guard isDotted, (1...4).contains(parts.count), let major = parts[0], !parts.contains(nil) else {
                throw ProtocolFailure(.format, "not a version of messages")
            }
            switch (major, parts.count > 1 ? parts[1] ?? 0 : 0) {
            case (1, 1...6): self = .legacy
            case (1, 20...), (2, _): self = .current
            default: throw ProtocolFailure(.format, "a version of messages that is not understood")
            }
        }
    }
}
