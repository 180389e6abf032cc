internal import Certificates
internal import Hummingbird
internal import Records
internal import SecureHTTP

extension CenterInterface {
    /// Sealed index keys.
    var wrapRoutes: [CenterRoute] {
        [
            CenterRoute(
                .put,
                "/v1/wraps/{digest}",
                for: [.custodian, .institution],
                answers: [200, 201, 409, 413, 415, 422, 507],
                self.putWrap
            ),
            CenterRoute(
                .get,
                "/v1/wraps/{digest}",
                forStrangersAnd: Self.everyone,
                answers: [200, 404],
                self.wrap
            ),
        ]
    }

    @Sendable private func putWrap(_ reading: RequestReading, _ peer: PartyName) async throws -> Response {
        let digest = try reading.pathDigest("digest")
        try reading.requireType("application/octet-stream")
        let limit = self.center.context.limits.wrapBytesMax
        return try await self.budget.withBody(of: reading.request, upTo: limit, from: reading.context.origin) { bytes in
            Response(status: try await self.center.wraps.put(bytes, as: digest) ? .created : .ok)
        }
    }

    @Sendable private func wrap(_ reading: RequestReading, _ peer: PartyName?) async throws -> Response {
        .bytes(try await self.center.wraps.read(reading.pathDigest("digest")))
    }
}
