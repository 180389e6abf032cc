internal import Certificates
internal import Credentials
internal import Hummingbird
internal import SecureHTTP

extension PseudonymDesk {
    private static let batchBytesMax = 128 << 10
    private static let keysBytesMax = 256 << 10
    private static let questionBytesMax = 16 << 10

    /// The HTTP interface of an authority of pseudonyms.
    ///
    /// - Parameters:
    ///   - metrics: Prometheus text.
    ///   - obstacles: what keeps it from issuing.
    ///   - revoked: called when a certificate was revoked.
    /// - Returns: all routes with their document.
    func interface(
        metrics: @escaping @Sendable () -> String,
        obstacles: @escaping @Sendable () -> [String],
        revoked: @escaping @Sendable () -> Void
    ) -> ServiceInterface {
        ServiceInterface(
            title: "Wardline authority of pseudonyms",
            summary: "Issues pseudonym certificates without knowing for whom.",
            metrics: metrics,
            obstacles: obstacles,
            routes: [
                ServiceRoute(
                    .put,
                    "/v1/batches/{id}",
                    "Make certificates for the cocoon keys of a batch; again, get the same ones.",
                    for: [.registrationAuthority],
                    takes: .octets("WLPB."),
                    gives: .octets("WLPX, in the order of the batch."),
                    refusals: [409]
                ) { reading, peer in
                    let bytes = try await reading.bytes(upTo: Self.batchBytesMax)
                    return .bytes(try self.issue(bytes, batch: reading.identifier(), to: peer.name).bytes)
                },
                ServiceRoute(
                    .post,
                    "/v1/revoked-keys",
                    "Revoke the certificates of cocoon keys.",
                    for: [.registrationAuthority],
                    takes: .octets("WLPK."),
                    gives: .none
                ) { reading, peer in
                    try self.revoke(await reading.bytes(upTo: Self.keysBytesMax), for: peer.name)
                    revoked()
                    return Response(status: .noContent)
                },
                ServiceRoute(
                    .get,
                    "/v1/revocations",
                    "The signed list of revoked certificates that are not over.",
                    for: ServiceRoute.everyone,
                    gives: .octets("WLRL.")
                ) { _, _ in .bytes(try self.revocations().bytes) },
                ServiceRoute(
                    .post,
                    "/v1/traces",
                    "Tell the cocoon key of a certificate, under an order of the chain.",
                    for: [.tracingAuthority],
                    takes: .octets("WLQ1."),
                    gives: .octets("WLE1."),
                    refusals: [404]
                ) { reading, peer in
                    let bytes = try await reading.bytes(upTo: Self.questionBytesMax)
                    return .bytes(try await self.trace(bytes, for: peer.name).bytes)
                },
            ]
        )
    }
}
