package import CanonicalBytes
package import Contracts
package import EVMProofs
package import IBTP
package import Ledger
package import PathProofs
internal import Records

/// What a gateway asks an attester to sign for a broker: `"WLES" || u64 epoch || LP(proof "WLXP") || LP(path or nothing)
/// || LP(request or nothing)`.
///
/// The proof shows the relay chain's notice. The path is that of the message which the notice hands on; the request is
/// needed where a destination is told to undo one, which the notice names by its hash alone.
package struct EVMStatementQuestion: Sendable, Hashable {
    /// No question has more bytes.
    package static let bytesMax = PathProof.bytesMax + OutboundProof.bytesMax + IBTPLimits.messageBytesMax + 64

    /// Of the attesters that are to be believed.
    package let epoch: UInt64
    package let proof: OutboundProof
    package let path: PathProof?
    /// Its proof field empty.
    package let request: InterchainMessage?
    /// The canonical bytes.
    package let bytes: [UInt8]

    package init(epoch: UInt64, proof: OutboundProof, path: PathProof?, request: InterchainMessage?) {
        var writer = CanonicalWriter(capacity: 4_096)
        writer.magic("WLES")
        writer.u64(epoch)
        writer.lengthPrefixed(proof.bytes)
        writer.lengthPrefixed(path?.bytes ?? [])
        writer.lengthPrefixed(request?.bytes ?? [])
        self.epoch = epoch
        self.proof = proof
        self.path = path
        self.request = request
        self.bytes = writer.bytes
    }

    /// Reads a question strictly; nothing is verified.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        try require(bytes.count <= Self.bytesMax, .format, "the question is too long")
        var reader = CanonicalReader(bytes)
        try reader.magic("WLES")
        self.epoch = try reader.u64()
        self.proof = try OutboundProof(bytes: try reader.lengthPrefixed())
        let path = try reader.lengthPrefixed()
        self.path = path.isEmpty ? nil : try PathProof(bytes: path)
        let request = try reader.lengthPrefixed()
        self.request = request.isEmpty ? nil : try InterchainMessage(bytes: request, .canonical)
        try reader.finish()
        self.bytes = bytes
    }

    package static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.bytes) }
}

extension BrokerStatement {
    /// What a notice of the relay chain says to a broker.
    ///
    /// - Parameters:
    ///   - notice: to a service of the broker's chain.
    ///   - request: of the exchange, where the notice tells a destination to undo it.
    /// - Throws: `CONTEXT` for another request than the notice's; what a statement of it throws.
    package init(_ notice: ExchangeNotice, request: InterchainMessage?) throws(ProtocolFailure) {
        let message: InterchainMessage
        if let handed = notice.message {
            message = handed
        } else if notice.side == .source {
            message = try BrokerStatement.receiptless(notice.id, notice.status)
        } else {
            guard let request else { throw ProtocolFailure(.context, "the request that is to be undone is missing") }
            let id = try request.id
            let isMeant = id == notice.id && request.type == .interchain && request.hash.bytes == notice.requestHash
            try require(isMeant, .context, "another request than the one that is to be undone")
            message = request
        }
        try self.init(message: message, status: notice.status, requestHash: notice.requestHash)
    }
}
