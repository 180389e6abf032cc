/// Talks to one verification node; what it answers is checked by whoever asked.
package struct AttesterClient: Sendable {
    package let base: ServiceURL
    private let client: SecureClient

    package init(base: ServiceURL, client: SecureClient) {
        self.base = base
        self.client = client
    }

    /// Who the node is and for which chain it signs ("WLND").
    package func node() async throws(UplinkFailure) -> [UInt8] {
        try await self.client.send(.get, self.base.appending("/v1/node"), bytesMax: 4_096)
    }

    /// Asks for a signature of a hop.
    ///
    /// - Parameter question: "WLHQ".
    /// - Returns: the signature, 96 bytes.
    /// - Throws: ``UplinkFailure``; `refused` with the node's code when it does not sign.
    package func sign(_ question: [UInt8]) async throws(UplinkFailure) -> [UInt8] {
        try await self.client.send(.post, self.base.appending("/v1/hops"), body: question, bytesMax: 4_096)
    }

    /// Asks an attester of a chain with an EVM to sign what the relay chain tells its broker.
    ///
    /// - Parameter question: "WLES".
    /// - Returns: the signature, 65 bytes.
    /// - Throws: ``UplinkFailure``; `refused` with the node's code when it does not sign.
    package func attest(_ question: [UInt8]) async throws(UplinkFailure) -> [UInt8] {
        try await self.client.send(.post, self.base.appending("/v1/statements"), body: question, bytesMax: 4_096)
    }
}
