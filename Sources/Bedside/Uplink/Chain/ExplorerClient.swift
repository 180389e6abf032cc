internal import CanonicalBytes
package import Consensus
package import Ledger

/// Looks at single blocks of one validator; what it returns is not verified.
package struct ExplorerClient: Sendable {
    /// Largest answer with one block, bytes.
    private static let blockBytesMax = LedgerBlock.bytesMax + (1 << 20)
    /// Largest answer with several blocks, bytes.
    private static let blocksBytesMax = 64 << 20

    package let base: ServiceURL
    private let client: SecureClient

    package init(base: ServiceURL, client: SecureClient) {
        self.base = base
        self.client = client
    }

    /// One block; the last one for no height.
    package func block(at height: Height?, on channel: Channel) async throws(UplinkFailure) -> CertifiedBytes {
        let path = "/v1/channels/\(channel.name)/blocks/\(height.map { "\($0)" } ?? "latest")"
        let answer = try await self.client.send(.get, self.base.appending(path), bytesMax: Self.blockBytesMax)
        return try Self.read(answer) { (reader) throws(ProtocolFailure) in
            let pair = CertifiedBytes(payload: try reader.lengthPrefixed(), certificate: try reader.lengthPrefixed())
            try reader.finish()
            return pair
        }
    }

    /// What became of a block's transactions, in their order.
    package func receipts(at height: Height, on channel: Channel) async throws(UplinkFailure) -> [TransactionReceipt] {
        let path = "/v1/channels/\(channel.name)/blocks/\(height)/receipts"
        let answer = try await self.client.send(.get, self.base.appending(path), bytesMax: Self.blocksBytesMax)
        return try Self.read(answer) { (reader) throws(ProtocolFailure) in
            var receipts: [TransactionReceipt] = []
            while reader.remaining > 0 {
                receipts.append(try TransactionReceipt(bytes: try reader.lengthPrefixed()))
            }
            return receipts
        }
    }

    /// Headers above a height with their certificates, as many as fit one answer.
    package func headers(
        since height: Height,
        limit: Int,
        on channel: Channel
    ) async throws(UplinkFailure) -> [(header: BlockHeader, certificate: QuorumCertificate)] {
        let path = "/v1/channels/\(channel.name)/headers?since=\(height)&limit=\(limit)"
        let answer = try await self.client.send(.get, self.base.appending(path), bytesMax: Self.blocksBytesMax)
        return try Self.read(answer) { (reader) throws(ProtocolFailure) in
            var headers: [(header: BlockHeader, certificate: QuorumCertificate)] = []
            while reader.remaining > 0 {
                let header = try BlockHeader(bytes: try reader.lengthPrefixed())
                headers.append((header, try QuorumCertificate(bytes: try reader.lengthPrefixed())))
            }
            return headers
        }
    }

    private static func read<Value>(
        _ bytes: [UInt8],
        _ body: (inout CanonicalReader) throws(ProtocolFailure) -> Value
    ) throws(UplinkFailure) -> Value {
        var reader = CanonicalReader(bytes)
        do throws(ProtocolFailure) { return try body(&reader) } catch {
            throw .malformed("the validator's answer cannot be read: \(error)")
        }
    }
}
