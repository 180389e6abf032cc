package import CanonicalBytes
package import Ledger

/// The arguments of one method of one contract: what a client signs and the contract reads.
///
/// A value has one encoding and decoding refuses everything else (`docs/spec/contracts.md`).
package protocol MethodArguments: Hashable, Sendable {
    static var contract: String { get }
    static var method: String { get }
    /// Where the method can be called.
    static var channels: [Channel] { get }

    func write(to writer: inout CanonicalWriter)

    /// - Throws: `FORMAT`, or what the parts throw.
    init(from reader: inout CanonicalReader) throws(ProtocolFailure)
}

extension MethodArguments {
    /// The canonical bytes.
    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 256)
        self.write(to: &writer)
        return writer.bytes
    }

    /// Reads arguments that fill the bytes.
    ///
    /// - Throws: `FORMAT`, or what the parts throw.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try self.init(from: &reader)
        try reader.finish()
    }

    /// The transaction body that calls the method.
    ///
    /// - Parameters:
    ///   - chain: the chain's identifier.
    ///   - channel: one of ``channels``.
    ///   - signer: digest of the caller's certificate, 32 bytes.
    ///   - nonce: unused by this signer on this channel.
    ///   - validUntil: milliseconds since 1970.
    /// - Returns: what the caller signs.
    package func body(
        chain: [UInt8],
        channel: Channel,
        signer: [UInt8],
        nonce: UInt64,
        validUntil: UInt64
    ) -> TransactionBody {
        TransactionBody(
            chain: chain,
            channel: channel,
            signer: signer,
            nonce: nonce,
            validUntil: validUntil,
            contract: Self.contract,
            method: Self.method,
            arguments: self.bytes
        )
    }
}
