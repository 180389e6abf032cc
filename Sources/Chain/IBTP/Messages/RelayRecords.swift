package import CanonicalBytes

/// What validators of a relay chain say of a message: `bxhProof`, 1 txStatus, 2 repeated bytes multiSign.
///
/// The published implementation takes it from another relay chain when more than `(n - 1) / 3` of its validators
/// signed. That says that one honest validator saw the status, not that the status is final: `f + 1` signatures are no
/// certificate of consensus.
package struct RelayAttestation: WireMessage {
    package var status: TransactionStatus
    /// At most ``IBTPLimits/signaturesMax``.
    package var signatures: [[UInt8]]

    package init(status: TransactionStatus, signatures: [[UInt8]]) {
        self.status = status
        self.signatures = signatures
    }

    package var bytes: [UInt8] {
        var writer = WireWriter()
        writer.number(1, UInt64(self.status.rawValue))
        for signature in self.signatures { writer.element(2, signature) }
        return writer.bytes
    }

    package init(reading bytes: ArraySlice<UInt8>) throws(ProtocolFailure) {
        self.init(status: .begin, signatures: [])
        var reader = WireReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: self.status = try TransactionStatus(wire: field.unsigned())
            case 2:
                let fits = self.signatures.count < IBTPLimits.signaturesMax
                try require(fits, .format, "more than \(IBTPLimits.signaturesMax) signatures")
                self.signatures.append(try field.bytes())
            default: break
            }
        }
    }
}

/// What a relay chain keeps of a message: `TransactionRecord`, 1 uint64 height, 2 TransactionStatus status.
package struct TransactionRecord: WireMessage {
    /// The block that undoes the request; `UInt64.max`: never.
    package var height: UInt64
    package var status: TransactionStatus

    package init(height: UInt64, status: TransactionStatus) {
        self.height = height
        self.status = status
    }

    package var bytes: [UInt8] {
        var writer = WireWriter()
        writer.number(1, self.height)
        writer.number(2, UInt64(self.status.rawValue))
        return writer.bytes
    }

    package init(reading bytes: ArraySlice<UInt8>) throws(ProtocolFailure) {
        self.init(height: 0, status: .begin)
        var reader = WireReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: self.height = try field.unsigned()
            case 2: self.status = try TransactionStatus(wire: field.unsigned())
            default: break
            }
        }
    }
}
