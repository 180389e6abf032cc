internal import CanonicalBytes
internal import EVMProofs
internal import IBTP
package import Relaying
internal import Secp256k1

/// How a message is brought to the broker.
///
/// What stops a delivery is found by asking the contract, never by the text of a node's error: no two nodes have the
/// same. Only what seems to work is sent, and if another gateway was faster then, the contract's state says so.
extension EVMChain {
    package func deliver(_ delivery: InboundDelivery) async throws(ChainAdapterFailure) -> DeliveryOutcome {
        guard let sender = self.sender else { throw .misconfigured("no account pays for deliveries to \(self.chain)") }
        let statement: BrokerStatement
        let id: MessageID
        let attestation: RelayAttestation
        do throws(ProtocolFailure) {
            statement = try BrokerStatement(
                message: delivery.message,
                status: delivery.status,
                requestHash: delivery.requestHash
            )
            id = try delivery.message.id
            attestation = try RelayAttestation(bytes: delivery.evidence)
            try require(attestation.status == delivery.status, .context, "the attestation is of another status")
        } catch { return .refused(error.description) }
        do throws(EVMFailure) { return try await self.deliver(statement, id, attestation.signatures, sender) } catch {
            throw error.asAdapterFailure
        }
    }

    private func deliver(
        _ statement: BrokerStatement,
        _ id: MessageID,
        _ signatures: [[UInt8]],
        _ sender: TransactionSender
    ) async throws(EVMFailure) -> DeliveryOutcome {
        if let outcome = try await self.obstacle(statement, id) { return outcome }
        let ordered: [[UInt8]]
        switch try await self.checked(signatures, of: statement) {
        case .good(let signatures): ordered = signatures
        case .outcome(let outcome): return outcome
        }
        let refusal: String
        do throws(EVMFailure) {
            let mined = try await sender.send(to: self.settings.broker, statement.callData(signatures: ordered))
            if mined.isSuccess { return .delivered(transaction: mined.hash) }
            refusal = "transaction 0x\(mined.hash.hex) has failed"
        } catch {
            guard case .node(_, let message) = error else { throw error }
            refusal = message
        }
        return try await self.obstacle(statement, id) ?? .refused(refusal)
    }

    /// What the contract's newest state has against a delivery.
    private func obstacle(_ statement: BrokerStatement, _ id: MessageID) async throws(EVMFailure) -> DeliveryOutcome? {
        switch statement.message.type.category {
        case .response:
            switch try await self.contract.outcome(of: id, at: .source) {
            case .unknown: return .refused("no service here has asked so")
            case .pending: return nil
            case .succeeded, .failed, .undone: return .alreadyThere
            }
        case .request:
            let outcome = try await self.contract.outcome(of: id, at: .destination)
            guard outcome == .unknown else {
                return statement.status == .begin || outcome == .undone ? .alreadyThere : nil
            }
            let taken = try await self.contract.counter(.inCounter, of: id.pair)
            return id.index == taken + 1 ? nil : .gap(expected: taken + 1)
        }
    }

    private enum Checked {
        case good([[UInt8]])
        case outcome(DeliveryOutcome)
    }

    /// The signatures in the contract's order, when they suffice.
    private func checked(_ signatures: [[UInt8]], of statement: BrokerStatement) async throws(EVMFailure) -> Checked {
        let policy = try await self.contract.policy()
        let broker = BrokerIdentity(chainID: self.settings.chainID, address: self.settings.broker)
        var signers: [EVMAddress: [UInt8]] = [:]
        do throws(ProtocolFailure) {
            let digest = try statement.digest(for: broker, epoch: policy.epoch)
            for signature in signatures {
                let key = try Secp256k1Signature(signature).signer(of: digest)
                signers[try EVMAddress(publicKey: key.coordinates)] = signature
            }
        } catch { return .outcome(.refused("a signature: \(error)")) }
        let ordered = signers.sorted { $0.key.bytes.lexicographicallyPrecedes($1.key.bytes) }
        var counts = [UInt64](repeating: 0, count: policy.groupThresholds.count)
        for (signer, _) in ordered {
            // Whoever signs for another epoch is somebody else under this one.
            guard let group = try await self.contract.group(of: signer), counts.indices.contains(group) else {
                return .outcome(.stale)
            }
            counts[group] += 1
        }
        let isEnough = zip(counts, policy.groupThresholds).allSatisfy { $0 >= $1 }
        guard isEnough, ordered.count >= policy.threshold else {
            return .outcome(.refused("a subgroup of the attesters is missing, or too few have signed"))
        }
        return .good(ordered.map(\.value))
    }
}
