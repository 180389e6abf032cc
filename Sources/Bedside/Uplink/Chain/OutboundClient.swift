internal import CanonicalBytes
package import Consensus
package import Ledger

/// Fetches what a block says to other chains from one validator; what it returns is not verified.
package struct OutboundClient: Sendable {
    package let base: ServiceURL
    private let client: SecureClient

    package init(base: ServiceURL, client: SecureClient) {
        self.base = base
        self.client = client
    }

    /// The proof of a leaf.
    ///
    /// - Parameters:
    ///   - index: of the leaf in its tree, from 0.
    ///   - tree: of the block.
    ///   - height: of the block.
    ///   - channel: of the block.
    /// - Returns: nil when the validator knows no such leaf.
    /// - Throws: ``UplinkFailure``; `refused` with 410 `pruned` when the block is gone there.
    package func proof(
        of index: UInt32,
        in tree: OutboundTree,
        at height: Height,
        on channel: Channel
    ) async throws(UplinkFailure) -> OutboundProof? {
        let name = tree == .out ? "out" : "timeout"
        let path = "/v1/channels/\(channel.name)/blocks/\(height)/outbound/\(index)?tree=\(name)"
        let answer: [UInt8]
        do throws(UplinkFailure) {
            answer = try await self.client.send(.get, self.base.appending(path), bytesMax: OutboundProof.bytesMax)
        } catch {
            guard case .refused(404, _, _, _) = error else { throw error }
            return nil
        }
        do throws(ProtocolFailure) { return try OutboundProof(bytes: answer) } catch {
            throw .malformed("the validator's answer is no proof of a leaf: \(error)")
        }
    }
}
