/// Asks a gateway between chains how it stands.
package struct GatewayClient: Sendable {
    package let base: ServiceURL
    private let client: SecureClient

    package init(base: ServiceURL, client: SecureClient) {
        self.base = base
        self.client = client
    }

    /// The gateway's own account of itself, JSON.
    package func status() async throws(UplinkFailure) -> [UInt8] {
        try await self.client.send(.get, self.base.appending("/v1/status"), bytesMax: 1 << 20)
    }
}
