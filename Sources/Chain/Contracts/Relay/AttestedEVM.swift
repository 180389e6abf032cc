package import CanonicalBytes
internal import EVMProofs
package import IBTP
package import PathProofs
internal import Records

/// Chains with an EVM: the log of a broker contract, proven under the root of receipts of a block that the chain's
/// verification nodes certify.
///
/// Nothing here depends on anything but its arguments, and all that is read is bounded by ``EVMInclusionProof``.
package struct EVMSource: AttestedSource {
    package let kind = ProofBundle.Kind.ethereum

    package init() {}

    package func check(_ parameters: [UInt8]) throws(ProtocolFailure) { _ = try EVMRegistration(bytes: parameters) }

    package func statement(
        of proof: [UInt8],
        at anchor: HopRecord.Anchor,
        _ parameters: [UInt8]
    ) throws(ProtocolFailure) -> AttestedStatement {
        let registration = try EVMRegistration(bytes: parameters)
        let block = try EVMAnchor(
            height: anchor.height,
            blockHash: anchor.blockHash,
            receiptsRoot: anchor.inclusionRoot
        )
        let event = try EVMInclusionProof(bytes: proof).event(at: block, broker: registration.broker.address)
        switch event {
        case .request(let message): return AttestedStatement(message: message, requestHash: nil)
        case .receipt(let message, let hash): return AttestedStatement(message: message, requestHash: hash)
        }
    }

    package func canHold(_ request: InterchainMessage) -> Bool {
        (try? BrokerStatement(message: request, status: .begin, requestHash: request.hash.bytes)) != nil
    }
}
