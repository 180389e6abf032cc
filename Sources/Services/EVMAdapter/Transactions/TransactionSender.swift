internal import CanonicalBytes
package import EVMProofs
package import Secp256k1

/// What a sender may spend, and how long it waits.
package struct SendingLimits: Hashable, Sendable {
    /// Gas of one transaction at most.
    package var gasMax: UInt64
    /// Wei for a unit of gas at most.
    package var feeMax: UInt64
    /// Seconds until a transaction that is in no block counts as lost.
    package var waitSeconds: UInt64
    /// Milliseconds between two looks for a receipt.
    package var pollMilliseconds: UInt64

    package init(
        gasMax: UInt64 = 12_000_000,
        feeMax: UInt64 = 500_000_000_000,
        waitSeconds: UInt64 = 120,
        pollMilliseconds: UInt64 = 250
    ) {
        self.gasMax = gasMax
        self.feeMax = feeMax
        self.waitSeconds = waitSeconds
        self.pollMilliseconds = pollMilliseconds
    }
}

/// A transaction that is in a block, which may still go away with the block.
package struct MinedTransaction: Hashable, Sendable {
    /// 32 bytes.
    package let hash: [UInt8]
    package let height: UInt64
    package let isSuccess: Bool
    package let logs: [EVMLog]
    /// The contract that it has made.
    package let created: EVMAddress?
}

/// Sends transactions in the name of one account; several may be under way at once.
package actor TransactionSender {
    /// Looks for a receipt until a node is given the transaction again: nodes forget what waits.
    private static let looksUntilRepeated: UInt64 = 40

    package nonisolated let account: EVMAddress
    private let node: EVMNode
    private let key: Secp256k1Key
    private let chainID: UInt64
    private let limits: SendingLimits
    /// The nonce behind those that were used here; 0 when only the node's word counts.
    private var nextNonce: UInt64 = 0

    /// - Parameters:
    ///   - node: that transactions are handed in at.
    ///   - key: of the account, which pays.
    ///   - chainID: that they are signed for.
    ///   - limits: of each.
    /// - Throws: `misconfigured` for a key that has no account.
    package init(
        node: EVMNode,
        key: Secp256k1Key,
        chainID: UInt64,
        limits: SendingLimits = SendingLimits()
    ) throws(EVMFailure) {
        do throws(ProtocolFailure) {
            self.account = try EVMAddress(publicKey: key.publicKey.coordinates)
        } catch { throw .misconfigured("the key has no account: \(error)") }
        self.node = node
        self.key = key
        self.chainID = chainID
        self.limits = limits
    }

    /// Sends a transaction and waits until it is in a block.
    ///
    /// - Parameters:
    ///   - contract: nil: the data makes one.
    ///   - data: of the call.
    /// - Returns: the transaction, which may have failed in its block nevertheless.
    /// - Throws: ``EVMFailure/node(code:message:)`` already before anything is sent when it would fail now.
    package func send(to contract: EVMAddress?, _ data: [UInt8]) async throws(EVMFailure) -> MinedTransaction {
        let estimate = try await self.node.gas(from: self.account, to: contract, data)
        guard estimate <= self.limits.gasMax else {
            throw .tooDear("the transaction needs \(estimate) gas, and \(self.limits.gasMax) are allowed")
        }
        // State may change until the block is made.
        let gas = min(estimate + estimate / 5, self.limits.gasMax)
        let fees = try await self.fees()
        let pending = try await self.node.pendingNonce(of: self.account)
        let nonce = max(pending, self.nextNonce)
        self.nextNonce = nonce + 1
        let transaction = FeeTransaction(
            chainID: self.chainID,
            nonce: nonce,
            priorityFee: fees.priority,
            feeMax: fees.max,
            gas: gas,
            to: contract,
            data: data
        )
        let signed: SignedTransaction
        do throws(ProtocolFailure) { signed = try transaction.signed(by: self.key) } catch {
            throw .misconfigured("the transaction cannot be signed: \(error)")
        }
        do throws(EVMFailure) {
            try await self.node.send(signed.bytes)
            return try await self.mined(signed)
        } catch {
            // What is under way is known to the node alone.
            self.nextNonce = 0
            throw error
        }
    }

    /// Twice the base fee at most, so that the transaction survives some full blocks.
    private func fees() async throws(EVMFailure) -> (priority: UInt64, max: UInt64) {
        let height = try await self.node.height()
        guard let header = try await self.node.header(.height(height)) else {
            throw .inconsistent("the newest block is gone")
        }
        let priority = try await self.node.priorityFee()
        let (needed, isBeyond) = header.baseFee.addingReportingOverflow(priority)
        guard !isBeyond, needed <= self.limits.feeMax else {
            throw .tooDear("gas costs \(needed) wei, and \(self.limits.feeMax) are allowed")
        }
        let (wanted, isTooMuch) = needed.addingReportingOverflow(header.baseFee)
        return (priority, isTooMuch ? self.limits.feeMax : min(wanted, self.limits.feeMax))
    }

    private func mined(_ transaction: SignedTransaction) async throws(EVMFailure) -> MinedTransaction {
        let looks = max(1, self.limits.waitSeconds * 1_000 / self.limits.pollMilliseconds)
        for look in 1...looks {
            if let found = try await self.node.receipt(of: transaction.hash) {
                guard found.transaction == transaction.hash else { throw .inconsistent("another one's receipt") }
                return MinedTransaction(
                    hash: transaction.hash,
                    height: found.height,
                    isSuccess: found.receipt.isSuccess,
                    logs: found.receipt.logs,
                    created: found.created
                )
            }
            do { try await Task.sleep(for: .milliseconds(self.limits.pollMilliseconds)) } catch {
                throw .timeout("stopped while transaction 0x\(transaction.hash.hex) was under way")
            }
            if look.isMultiple(of: Self.looksUntilRepeated) { await self.repeated(transaction) }
        }
        throw .timeout("transaction 0x\(transaction.hash.hex) is in no block")
    }

    /// Hands a transaction in again; a node that has it still says no, which changes nothing.
    private func repeated(_ transaction: SignedTransaction) async {
        do throws(EVMFailure) { try await self.node.send(transaction.bytes) } catch { return }
    }
}
