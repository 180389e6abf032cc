package import CanonicalBytes
package import EVMProofs
internal import IBTP
package import Secp256k1

/// A transaction with a base fee and a fee of one's own (EIP-1559, type 2), without access list and without value.
package struct FeeTransaction: Hashable, Sendable {
    /// EIP-155.
    package let chainID: UInt64
    package let nonce: UInt64
    /// Wei for a unit of gas to whoever makes the block.
    package let priorityFee: UInt64
    /// Wei for a unit of gas in all, at most.
    package let feeMax: UInt64
    package let gas: UInt64
    /// nil: the data makes a contract.
    package let to: EVMAddress?
    package let data: [UInt8]

    package init(
        chainID: UInt64,
        nonce: UInt64,
        priorityFee: UInt64,
        feeMax: UInt64,
        gas: UInt64,
        to: EVMAddress?,
        data: [UInt8]
    ) {
        self.chainID = chainID
        self.nonce = nonce
        self.priorityFee = priorityFee
        self.feeMax = feeMax
        self.gas = gas
        self.to = to
        self.data = data
    }

    private var fields: [RLPItem] {
        [
            .number(self.chainID), .number(self.nonce), .number(self.priorityFee), .number(self.feeMax),
            .number(self.gas), .bytes(self.to?.bytes ?? []), .number(0), .bytes(self.data), .list([]),
        ]
    }

    /// What the sender signs, 32 bytes.
    package var digest: [UInt8] { Keccak256.digest([2] + RLPItem.list(self.fields).encoded) }

    /// Signs the transaction.
    ///
    /// - Throws: `SIGNATURE`.
    package func signed(by key: Secp256k1Key) throws(ProtocolFailure) -> SignedTransaction {
        self.with(try key.sign(self.digest))
    }

    /// The transaction with a signature of ``digest``.
    package func with(_ signature: Secp256k1Signature) -> SignedTransaction {
        let end: [RLPItem] = [
            .number(signature.isOdd ? 1 : 0), .bytes(Array(signature.r.drop { $0 == 0 })),
            .bytes(Array(signature.s.drop { $0 == 0 })),
        ]
        return SignedTransaction(bytes: [2] + RLPItem.list(self.fields + end).encoded)
    }
}

/// A transaction as nodes take it.
package struct SignedTransaction: Hashable, Sendable {
    package let bytes: [UInt8]
    /// Keccak-256, by which it is found, 32 bytes.
    package let hash: [UInt8]

    init(bytes: [UInt8]) {
        self.bytes = bytes
        self.hash = Keccak256.digest(bytes)
    }
}
