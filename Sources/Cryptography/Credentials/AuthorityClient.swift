internal import AsyncHTTPClient
internal import Certificates
internal import Crypto
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// Speaks to an authority over TLS 1.3.
package final class AuthorityClient: Sendable {
    private static let answerBytesMax = 34 << 20

    private let url: String
    private let http: HTTPClient

    /// A client that trusts one root and shows no certificate.
    package convenience init(url: String, root pem: String) throws(CredentialsError) {
        guard let roots = try? NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)) else {
            throw .malformed("the authority's root is no certificate")
        }
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(roots)
        try self.init(url: url, tls: tls, roles: [.authority])
    }

    /// A client with an identity, to the authority that issued it.
    ///
    /// - Parameters:
    ///   - identity: presented.
    ///   - url: of the authority when it has another address than at the enrolment.
    /// - Throws: ``CredentialsError/malformed(_:)`` for another form of address.
    package convenience init(_ identity: Identity, at url: String? = nil) throws(CredentialsError) {
        let url = url ?? identity.record.authority
        do { try self.init(url: url, tls: try identity.clientTLS(), roles: [.authority]) } catch {
            throw error as? CredentialsError ?? .malformed("\(error)")
        }
    }

    /// - Parameters:
    ///   - url: of the authority.
    ///   - tls: with its roots.
    ///   - roles: of the server; none leaves them unchecked, for a connection that is not verified either.
    /// - Throws: ``CredentialsError/malformed(_:)`` for another form of address.
    private init(url: String, tls: TLSConfiguration, roles: [PartyRole]) throws(CredentialsError) {
        guard let parsed = URL(string: url), parsed.scheme == "https", parsed.host() != nil,
            parsed.path().isEmpty || parsed.path() == "/", parsed.query() == nil
        else { throw .malformed("'\(url)' is no address such as https://authority.example.org:7403") }
        var tls = tls
        tls.minimumTLSVersion = .tlsv13
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls,
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(5), read: .seconds(30))
        )
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        if !roles.isEmpty { ServerRole.require(roles, in: &configuration) }
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Lends the client and ends its connections afterwards.
    package func use<Value>(
        _ body: (AuthorityClient) async throws(CredentialsError) -> Value
    ) async throws(CredentialsError) -> Value {
        let value: Value
        do throws(CredentialsError) { value = try await body(self) } catch {
            await self.close()
            throw error
        }
        await self.close()
        return value
    }

    /// Ends all connections; must be called, or ``use(_:)`` be used.
    package func close() async {
        // It fails only when it was called before.
        try? await self.http.shutdown()
    }

    /// The root that a token pins.
    ///
    /// The connection is not verified, so nothing secret goes over it: what comes back counts only if its hash is the
    /// token's.
    ///
    /// - Returns: PEM.
    /// - Throws: ``CredentialsError/unreachable(_:)``, ``CredentialsError/malformed(_:)`` for another root.
    package static func pinnedRoot(at url: String, fingerprint: [UInt8]) async throws(CredentialsError) -> String {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.certificateVerification = .none
        let root = try await AuthorityClient(url: url, tls: tls, roles: []).use { client throws(CredentialsError) in
            try await client.issuer().root
        }
        let certificates = (try? NIOSSLCertificate.fromPEMBytes(Array(root.utf8))) ?? []
        guard certificates.count == 1, let der = try? certificates.first?.toDERBytes(),
            Array(SHA256.hash(data: der)) == fingerprint
        else {
            throw .malformed("\(url) is not the authority that made this token; check the address and the token")
        }
        return root
    }

    package func issuer() async throws(CredentialsError) -> IssuerAnswer {
        try PlainJSON.decode(IssuerAnswer.self, try await self.send("GET", "/v1/issuer"), "the authority's answer")
    }

    package func offer(token: [UInt8]) async throws(CredentialsError) -> Offer {
        let body = try PlainJSON.encode(OfferRequest(token: token))
        return try PlainJSON.decode(
            Offer.self,
            try await self.send("POST", "/v1/offers", body),
            "the authority's answer"
        )
    }

    package func enroll(_ request: CertificationRequest) async throws(CredentialsError) -> CertificationAnswer {
        try await self.certify("/v1/enrollments", request)
    }

    package func renew(_ request: CertificationRequest) async throws(CredentialsError) -> CertificationAnswer {
        try await self.certify("/v1/renewals", request)
    }

    /// The authority's clock, to the second.
    ///
    /// - Returns: seconds since 1970; nil when its answer says no time (RFC 9110 §6.6.1).
    /// - Throws: ``CredentialsError/unreachable(_:)``.
    package func time() async throws(CredentialsError) -> UInt64? {
        let date: String?
        do {
            let request = HTTPClientRequest(url: self.url + "/healthz")
            let response = try await self.http.execute(request, timeout: .seconds(10))
            _ = try? await response.body.collect(upTo: Self.answerBytesMax)
            date = response.headers.first(name: "date")
        } catch { throw .unreachable("no answer from \(self.url): \(error)") }
        return date.flatMap(HTTPDate.seconds)
    }

    /// The newest signed list, not verified yet.
    package func revocations() async throws(CredentialsError) -> [UInt8] {
        try await self.send("GET", "/v1/revocations")
    }

    /// Revokes certificates of the client's own party.
    package func revoke(_ request: RevocationRequest) async throws(CredentialsError) {
        _ = try await self.send("POST", "/v1/revocations", try PlainJSON.encode(request))
    }

    /// A credential for the client's own party; asking again with the same commitment gets the same one.
    ///
    /// - Returns: the answer's JSON, which holds the salt: the caller keeps it private.
    /// - Throws: ``CredentialsError/refused(code:detail:)`` with the code `credential-pending` while the chain has not
    ///   taken it.
    package func credential(_ request: CredentialRequest) async throws(CredentialsError) -> [UInt8] {
        try await self.send("POST", "/v1/credentials", try PlainJSON.encode(request))
    }

    private func certify(
        _ path: String,
        _ request: CertificationRequest
    ) async throws(CredentialsError) -> CertificationAnswer {
        let answer = try await self.send("POST", path, try PlainJSON.encode(request))
        return try PlainJSON.decode(CertificationAnswer.self, answer, "the authority's answer")
    }

    private func send(
        _ method: String,
        _ path: String,
        _ body: [UInt8]? = nil
    ) async throws(CredentialsError) -> [UInt8] {
        var request = HTTPClientRequest(url: self.url + path)
        request.method = .init(rawValue: method)
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(body)
        }
        let status: UInt
        let bytes: [UInt8]
        do {
            let response = try await self.http.execute(request, timeout: .seconds(60))
            status = response.status.code
            bytes = Array(try await response.body.collect(upTo: Self.answerBytesMax).readableBytesView)
        } catch { throw .unreachable("no answer from \(self.url): \(error)") }
        guard (200..<300).contains(status) else {
            let problem = try? JSONDecoder().decode(ProblemAnswer.self, from: Data(bytes))
            throw .refused(
                code: problem?.code ?? "status-\(status)",
                detail: problem?.detail ?? "HTTP status \(status)"
            )
        }
        return bytes
    }
}

private struct ProblemAnswer: Decodable {
    let code: String
    let detail: String
}
