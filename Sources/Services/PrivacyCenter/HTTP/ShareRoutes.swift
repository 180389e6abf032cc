internal import CanonicalBytes
internal import Certificates
internal import Hummingbird
internal import Records
internal import SecureHTTP

extension CenterInterface {
    /// Sharing: grants from the owner, parts to the receiver.
    var shareRoutes: [CenterRoute] {
        [
            CenterRoute(
                .post,
                "/v1/rekeys",
                for: Self.owners,
                answers: [200, 201, 409, 413, 415, 422, 507],
                self.postRekey
            ),
            CenterRoute(
                .delete,
                "/v1/rekeys/{grant}",
                for: Self.owners,
                answers: [204, 404, 424],
                self.deleteRekey
            ),
            CenterRoute(
                .post,
                "/v1/reencryptions",
                for: Self.owners.union([.researcher]),
                answers: [200, 404, 409, 413, 415, 422, 424, 507],
                self.postReencryption
            ),
        ]
    }

    @Sendable private func postRekey(_ reading: RequestReading, _ peer: PartyName) async throws -> Response {
        let document = try await self.document(RekeyDocument.self, reading, peer)
        let registration = try await self.center.rekeys.register(document.request, by: peer)
        return try .json(
            RegisteredRekeyDocument(grant: registration.grantDigest.bytes.hex, index: registration.index),
            status: registration.isNew ? .created : .ok
        )
    }

    @Sendable private func deleteRekey(_ reading: RequestReading, _ peer: PartyName) async throws -> Response {
        try await self.center.rekeys.revoke(reading.pathDigest("grant"), by: peer)
        return Response(status: .noContent)
    }

    @Sendable private func postReencryption(_ reading: RequestReading, _ peer: PartyName) async throws -> Response {
        let request = try await self.document(ReencryptionDocument.self, reading, peer).request()
        let answers = try await self.center.reencryptions.answer(request, to: peer)
        self.metrics.countParts(answers.count)
        return try .json(ReencryptedDocument(request.grant, answers))
    }
}
