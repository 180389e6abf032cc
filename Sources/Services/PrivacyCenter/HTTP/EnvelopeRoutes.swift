internal import CanonicalBytes
internal import Certificates
internal import Hummingbird
internal import NIOCore
internal import Receipts
internal import Records
internal import SecureHTTP

extension CenterInterface {
    /// Envelopes in and out.
    var envelopeRoutes: [CenterRoute] {
        [
            CenterRoute(
                .put,
                "/v1/envelopes/{h1}",
                for: EnvelopeIntake.senderRoles,
                answers: [200, 201, 409, 413, 415, 422, 424, 507],
                self.putEnvelope
            ),
            CenterRoute(
                .get,
                "/v1/envelopes/{h1}",
                forStrangersAnd: Self.readers,
                query: ["grant"],
                answers: [200, 404, 422, 424],
                self.envelope
            ),
            CenterRoute(
                .put,
                "/v1/capsules/{digest}",
                for: EnvelopeIntake.senderRoles,
                answers: [200, 201, 409, 413, 415, 422, 507],
                self.putCapsule
            ),
            CenterRoute(
                .get,
                "/v1/capsules/{digest}",
                forStrangersAnd: EnvelopeIntake.senderRoles.union(Self.readers),
                query: ["grant"],
                answers: [200, 404, 422, 424],
                self.capsule
            ),
            CenterRoute(
                .get,
                "/v1/envelopes",
                forStrangersAnd: Self.readers,
                query: ["scope", "grant", "after", "limit"],
                answers: [200, 404, 422, 424],
                self.listEnvelopes
            ),
            CenterRoute(
                .post,
                "/v1/envelopes/batch",
                forStrangersAnd: Self.readers,
                answers: [200, 404, 413, 415, 422, 424],
                self.postBatch
            ),
        ]
    }

    @Sendable private func putEnvelope(_ reading: RequestReading, _ peer: PartyName) async throws -> Response {
        let h1 = try reading.pathDigest("h1")
        try reading.requireType("application/octet-stream")
        let limit = self.center.context.limits.envelopeBytesMax
        return try await self.budget.withBody(of: reading.request, upTo: limit, from: reading.context.origin) { bytes in
            let (receipt, isNew) = try await self.center.intake.take(bytes, as: h1, from: peer)
            self.metrics.countPut(isNew: isNew, bytes: bytes.count)
            return .bytes(receipt.bytes, status: isNew ? .created : .ok)
        }
    }

    @Sendable private func envelope(_ reading: RequestReading, _ peer: PartyName?) async throws -> Response {
        let h1 = try reading.pathDigest("h1")
        let visitor = try reading.visitor(peer)
        return .bytes(try await self.center.shelf.read(h1, under: reading.queryDigest("grant"), by: visitor))
    }

    /// Many envelopes in one answer, each `LP(envelope)`; an empty one is to be asked for on its own.
    @Sendable private func postBatch(_ reading: RequestReading, _ peer: PartyName?) async throws -> Response {
        let batch = try await self.document(EnvelopeBatchDocument.self, reading)
        let grant = try RequestReading.digest(batch.grant, "grant")
        let h1s = try batch.envelopes.map { try RequestReading.digest($0, "envelopes") }
        let visitor = try reading.visitor(peer)
        let envelopes = try await self.center.shelf.batch(h1s, under: grant, by: visitor)
        return Response(
            status: .ok,
            headers: [.contentType: "application/octet-stream"],
            body: .init { writer in
                var rest = envelopes
                while let part = try await rest.next() {
                    var bytes = CanonicalWriter(capacity: part.reduce(0) { $0 + $1.count + 4 })
                    for envelope in part { bytes.lengthPrefixed(envelope) }
                    try await writer.write(ByteBuffer(bytes: bytes.bytes))
                }
                try await writer.finish(nil)
            }
        )
    }

    @Sendable private func putCapsule(_ reading: RequestReading, _ peer: PartyName) async throws -> Response {
        let digest = try reading.pathDigest("digest")
        try reading.requireType("application/octet-stream")
        let limit = self.center.context.limits.capsuleBytesMax
        return try await self.budget.withBody(of: reading.request, upTo: limit, from: reading.context.origin) { bytes in
            Response(status: try await self.center.capsules.put(bytes, as: digest, by: peer) ? .created : .ok)
        }
    }

    @Sendable private func capsule(_ reading: RequestReading, _ peer: PartyName?) async throws -> Response {
        let digest = try reading.pathDigest("digest")
        let visitor = try reading.visitor(peer)
        return .bytes(try await self.center.capsules.read(digest, under: reading.queryDigest("grant"), by: visitor))
    }

    @Sendable private func listEnvelopes(_ reading: RequestReading, _ peer: PartyName?) async throws -> Response {
        guard let scope = try reading.queryDigest("scope") else {
            throw CenterRefusal.refused(.malformedParameter, "name a scope")
        }
        let limit = try reading.limit(max: self.center.context.limits.listingMax)
        let listing = try await self.center.shelf.list(
            scope,
            under: reading.queryDigest("grant"),
            after: reading.queryNumber("after"),
            limit: limit,
            by: reading.visitor(peer)
        )
        return try .json(ListingDocument(listing, limit: limit))
    }
}
