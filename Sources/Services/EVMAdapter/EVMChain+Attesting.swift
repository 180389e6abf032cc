internal import CanonicalBytes
package import EVMProofs
internal import IBTP
package import Relaying
internal import Secp256k1

/// What those ask of a chain who vouch for what it says, and for what is said to it.
extension EVMChain {
    /// The header of a height, as soon as it is final by the chain's rule; nil before.
    ///
    /// - Throws: `misconfigured` for a node of another chain.
    package func finalHeader(at height: UInt64) async throws(ChainAdapterFailure) -> EVMBlockHeader? {
        do throws(EVMFailure) {
            try await self.requireChain()
            guard let final = try await self.currentHead().finalHeight, height <= final else { return nil }
            guard let header = try await self.node.header(.height(height)) else {
                throw .inconsistent("block \(height) is not there, but later ones are")
            }
            return header
        } catch { throw error.asAdapterFailure }
    }

    /// Epoch of the attesters that the broker believes now.
    ///
    /// - Throws: `misconfigured` for a node of another chain, and where there is no broker.
    package func attesterEpoch() async throws(ChainAdapterFailure) -> UInt64 {
        do throws(EVMFailure) {
            try await self.requireChain()
            return try await self.contract.policy().epoch
        } catch { throw error.asAdapterFailure }
    }

    /// The place of the subgroup in which the broker counts an account now; nil for everybody else.
    package func attesterGroup(of account: EVMAddress) async throws(ChainAdapterFailure) -> Int? {
        do throws(EVMFailure) { return try await self.contract.group(of: account) } catch {
            throw error.asAdapterFailure
        }
    }

    private func requireChain() async throws(EVMFailure) {
        let id = try await self.node.chainID()
        guard id == self.settings.chainID else {
            throw .misconfigured("the node's chain is \(id), not \(self.settings.chainID)")
        }
    }

    /// How far signatures go by the broker's newest set.
    ///
    /// - Parameters:
    ///   - signatures: of anybody, over the statement for an epoch.
    ///   - statement: that is to be believed.
    ///   - epoch: that was signed for.
    /// - Returns: those that count, each signer once, and what is missing.
    /// - Throws: when the node cannot be asked.
    package func tally(
        _ signatures: [[UInt8]],
        of statement: BrokerStatement,
        epoch: UInt64
    ) async throws(ChainAdapterFailure) -> SignatureTally {
        do throws(EVMFailure) {
            let policy = try await self.contract.policy()
            guard policy.epoch == epoch else { return SignatureTally(signatures: [], shortage: ["a newer set"]) }
            let broker = BrokerIdentity(chainID: self.settings.chainID, address: self.settings.broker)
            var good: [EVMAddress: [UInt8]] = [:]
            var counts = [UInt64](repeating: 0, count: policy.groupThresholds.count)
            for signature in signatures {
                guard let signer = Self.signer(of: statement, signature, broker, epoch), good[signer] == nil,
                    let group = try await self.contract.group(of: signer), counts.indices.contains(group)
                else { continue }
                good[signer] = signature
                counts[group] += 1
            }
            var shortage = zip(counts, policy.groupThresholds).enumerated().compactMap { place, pair in
                pair.0 < pair.1 ? "subgroup \(place): \(pair.0) of \(pair.1)" : nil
            }
            if good.count < policy.threshold { shortage.append("in all: \(good.count) of \(policy.threshold)") }
            let sorted = good.sorted { $0.key.bytes.lexicographicallyPrecedes($1.key.bytes) }
            return SignatureTally(signatures: sorted.map(\.value), shortage: shortage)
        } catch { throw error.asAdapterFailure }
    }

    private static func signer(
        of statement: BrokerStatement,
        _ signature: [UInt8],
        _ broker: BrokerIdentity,
        _ epoch: UInt64
    ) -> EVMAddress? {
        do throws(ProtocolFailure) {
            let digest = try statement.digest(for: broker, epoch: epoch)
            let key = try Secp256k1Signature(signature).signer(of: digest)
            return try EVMAddress(publicKey: key.coordinates)
        } catch { return nil }
    }
}

/// Which of some signatures count, and what they lack.
package struct SignatureTally: Hashable, Sendable {
    /// In the contract's order.
    package let signatures: [[UInt8]]
    /// Subgroups below their thresholds, for people; empty: they suffice.
    package let shortage: [String]

    package init(signatures: [[UInt8]], shortage: [String]) {
        self.signatures = signatures
        self.shortage = shortage
    }
}
