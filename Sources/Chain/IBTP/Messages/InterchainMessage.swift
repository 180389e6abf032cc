package import CanonicalBytes

/// A message from one chain's service to another's: `IBTP` of bitxhub-model v2 (1.28 and later).
///
/// Field numbers: 1 from, 2 to, 3 index, 4 type, 5 timeoutHeight, 6 proof, 7 payload, 8 group, 9 version, 10 extra,
/// 11 timestamp, 12 debug.
package struct InterchainMessage: WireMessage {
    /// Full name of the asking service, ``ServiceID``, also in the answer.
    package var from: String
    /// Full name of the asked service, also in the answer.
    package var to: String
    /// Counts the requests from ``from`` to ``to``, from 1.
    package var index: UInt64
    package var type: MessageType
    /// Blocks of the relay chain until the request is undone; 0: never.
    package var timeoutHeight: Int64
    /// SHA-256 of the proof on the relay chain; outside it the proof itself.
    package var proof: [UInt8]
    /// ``InterchainPayload``, or what another implementation says it is.
    package var payload: [UInt8]
    /// The indices of all messages of one request to several services.
    package var group: ServiceIndices?
    package var version: String
    /// Set by the source and hashed; ``RelayExtension``.
    package var extra: [UInt8]
    /// Nanoseconds since 1970, of the gateway's clock: for people only.
    package var timestamp: Int64
    package var debug: Bool

    package init(
        from: String,
        to: String,
        index: UInt64,
        type: MessageType = .interchain,
        timeoutHeight: Int64 = 0,
        proof: [UInt8] = [],
        payload: [UInt8] = [],
        group: ServiceIndices? = nil,
        version: String = "",
        extra: [UInt8] = [],
        timestamp: Int64 = 0,
        debug: Bool = false
    ) {
        self.from = from
        self.to = to
        self.index = index
        self.type = type
        self.timeoutHeight = timeoutHeight
        self.proof = proof
        self.payload = payload
        self.group = group
        self.version = version
        self.extra = extra
        self.timestamp = timestamp
        self.debug = debug
    }

    package var bytes: [UInt8] {
        var writer = WireWriter()
        writer.text(1, self.from)
        writer.text(2, self.to)
        writer.number(3, self.index)
        writer.number(4, UInt64(self.type.rawValue))
        writer.signed(5, self.timeoutHeight)
        writer.bytes(6, self.proof)
        writer.bytes(7, self.payload)
        if let group = self.group { writer.element(8, group.bytes) }
        writer.text(9, self.version)
        writer.bytes(10, self.extra)
        writer.signed(11, self.timestamp)
        writer.flag(12, self.debug)
        return writer.bytes
    }

    package init(reading bytes: ArraySlice<UInt8>) throws(ProtocolFailure) {
        self.init(from: "", to: "", index: 0)
        // A message inside a message that occurs twice is one whose fields stand in both places (proto3 encoding).
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
        case 4: self.type = try MessageType(wire: field.unsigned())
        case 5: self.timeoutHeight = try field.signed()
        case 6: self.proof = try field.bytes()
        case 7: self.payload = try field.bytes()
        case 9: self.version = try field.text(atMost: IBTPLimits.versionBytesMax)
        case 10: self.extra = try field.bytes(atMost: IBTPLimits.extraBytesMax)
        case 11: self.timestamp = try field.signed()
        case 12: self.debug = try field.flag()
        default: break
        }
    }
}

/// Several messages at once: `IBTPs`, 1 repeated IBTP.
package struct MessageBatch: WireMessage {
    package static var wireBytesMax: Int { IBTPLimits.batchBytesMax }

    /// At most ``IBTPLimits/batchMessagesMax``.
    package var messages: [InterchainMessage]

    package init(messages: [InterchainMessage]) { self.messages = messages }

    package var bytes: [UInt8] {
        var writer = WireWriter()
        for message in self.messages { writer.element(1, message.bytes) }
        return writer.bytes
    }

    package init(reading bytes: ArraySlice<UInt8>) throws(ProtocolFailure) {
        self.messages = []
        var reader = WireReader(bytes)
        while let field = try reader.next() {
            guard field.number == 1 else { continue }
            let inner = try field.slice()
            let fits = inner.count <= IBTPLimits.messageBytesMax && self.messages.count < IBTPLimits.batchMessagesMax
            try require(fits, .format, "a batch of too many messages, or too long ones")
            self.messages.append(try InterchainMessage(reading: inner))
        }
    }
}
