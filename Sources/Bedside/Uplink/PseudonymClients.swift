internal import CanonicalBytes
internal import Foundation

/// Talks to a registration authority of pseudonyms; everything it returns is as it came.
package struct RegistrationClient: Sendable {
    /// Whom one talks to, and what may be asked for.
    package struct Status: Codable, Sendable, Hashable {
        /// The registration authority's own, which requests name.
        package let name: String
        /// The running epoch.
        package let epoch: UInt64
        /// Length of an epoch, s.
        package let epochSeconds: UInt64
        /// Certificates that a user gets for one epoch, at most.
        package let countPerEpoch: UInt32

        package init(name: String, epoch: UInt64, epochSeconds: UInt64, countPerEpoch: UInt32) {
            self.name = name
            self.epoch = epoch
            self.epochSeconds = epochSeconds
            self.countPerEpoch = countPerEpoch
        }

        enum CodingKeys: String, CodingKey {
            case name, epoch
            case epochSeconds = "epoch_seconds"
            case countPerEpoch = "count_per_epoch"
        }
    }

    private let base: ServiceURL
    private let client: SecureClient

    /// - Parameters:
    ///   - base: of the registration authority.
    ///   - client: lets in the role `registration-authority`.
    package init(base: ServiceURL, client: SecureClient) {
        self.base = base
        self.client = client
    }

    package func status() async throws(UplinkFailure) -> Status {
        let answer = try await self.client.send(.get, self.base.appending("/v1/status"), bytesMax: 64 << 10)
        do { return try JSONDecoder().decode(Status.self, from: Data(answer)) } catch {
            throw .malformed("the registration authority's answer is not what it should be")
        }
    }

    /// Hands in a request, "WLPR"; handed in again it changes nothing.
    package func submit(_ request: [UInt8]) async throws(UplinkFailure) {
        _ = try await self.client.send(.post, self.base.appending("/v1/requests"), body: request)
    }

    /// The boxed certificates of a request, "WLPX".
    ///
    /// - Throws: 404 `not-ready` while they are being issued, 410 `gone`.
    package func responses(_ id: [UInt8]) async throws(UplinkFailure) -> [UInt8] {
        let path = "/v1/requests/\(id.hex)/responses"
        return try await self.client.send(.get, self.base.appending(path), bytesMax: 4 << 20)
    }

    /// Tells that the certificates are kept, so that the authority drops its copy.
    package func confirm(_ id: [UInt8]) async throws(UplinkFailure) {
        let path = "/v1/requests/\(id.hex)/receipt"
        _ = try await self.client.send(.post, self.base.appending(path), body: [])
    }

    /// The registration authority's half of a trace, "WLE2".
    ///
    /// - Parameter question: "WLQ2".
    /// - Returns: the evidence.
    /// - Throws: ``UplinkFailure``.
    package func trace(_ question: [UInt8]) async throws(UplinkFailure) -> [UInt8] {
        try await self.client.send(.post, self.base.appending("/v1/traces"), body: question, bytesMax: 64 << 10)
    }

    /// Has the pseudonyms of a user revoked, and none given any more.
    ///
    /// - Returns: how many certificates that concerns.
    package func revoke(user: String) async throws(UplinkFailure) -> Int {
        struct Body: Encodable { let user: String }
        struct Answer: Decodable { let certificates: Int }
        guard let body = try? JSONEncoder().encode(Body(user: user)) else { throw .malformed("a name that is no text") }
        let answer = try await self.client.send(
            .post,
            self.base.appending("/v1/revoked-users"),
            body: [UInt8](body),
            type: "application/json"
        )
        do { return try JSONDecoder().decode(Answer.self, from: Data(answer)).certificates } catch {
            throw .malformed("the registration authority's answer is not what it should be")
        }
    }
}

/// Talks to an authority of pseudonyms; everything it returns is as it came.
package struct PseudonymAuthorityClient: Sendable {
    private let base: ServiceURL
    private let client: SecureClient

    /// - Parameters:
    ///   - base: of the authority of pseudonyms.
    ///   - client: lets in the role `pseudonym-ca`.
    package init(base: ServiceURL, client: SecureClient) {
        self.base = base
        self.client = client
    }

    /// Has certificates made for the keys of a batch, "WLPB"; the same batch again gets the same answer.
    ///
    /// - Returns: "WLPX", in the order of the batch.
    package func issue(_ batch: [UInt8], id: [UInt8]) async throws(UplinkFailure) -> [UInt8] {
        try await self.client.send(
            .put,
            self.base.appending("/v1/batches/\(id.hex)"),
            body: batch,
            bytesMax: 4 << 20
        )
    }

    /// Has the certificates of keys revoked, "WLPK".
    package func revoke(_ keys: [UInt8]) async throws(UplinkFailure) {
        _ = try await self.client.send(.post, self.base.appending("/v1/revoked-keys"), body: keys)
    }

    /// The authority's half of a trace, "WLE1".
    ///
    /// - Parameter question: "WLQ1".
    /// - Returns: the evidence.
    /// - Throws: ``UplinkFailure``.
    package func trace(_ question: [UInt8]) async throws(UplinkFailure) -> [UInt8] {
        try await self.client.send(.post, self.base.appending("/v1/traces"), body: question, bytesMax: 64 << 10)
    }

    /// The newest revocation list, "WLRL".
    package func revocations() async throws(UplinkFailure) -> [UInt8] {
        try await self.client.send(.get, self.base.appending("/v1/revocations"), bytesMax: 33 << 20)
    }
}
