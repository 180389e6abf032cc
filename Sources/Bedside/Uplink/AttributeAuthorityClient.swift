/// Talks to an attribute authority; everything it returns is as it came.
package struct AttributeAuthorityClient: Sendable {
    private static let publicKeyBytesMax = 16 << 10
    /// A key has some 200 bytes for each attribute.
    private static let keyBytesMax = 1 << 20

    private let base: ServiceURL
    private let client: SecureClient

    /// - Parameters:
    ///   - base: of the authority.
    ///   - client: presents the requester's identity; lets in the role `attribute-authority`.
    package init(base: ServiceURL, client: SecureClient) {
        self.base = base
        self.client = client
    }

    /// "WLM1", which the chain must prove.
    package func publicKey() async throws(UplinkFailure) -> [UInt8] {
        try await self.client.send(
            .get,
            self.base.appending("/v1/public-key"),
            bytesMax: Self.publicKeyBytesMax
        )
    }

    /// Asks for a key.
    ///
    /// - Parameter request: "WLAQ".
    /// - Returns: "WLA1", a secret; the caller wipes it.
    /// - Throws: ``UplinkFailure``.
    package func key(_ request: [UInt8]) async throws(UplinkFailure) -> [UInt8] {
        try await self.client.send(
            .post,
            self.base.appending("/v1/attribute-keys"),
            body: request,
            bytesMax: Self.keyBytesMax
        )
    }
}
