internal import CanonicalBytes
internal import Certificates
internal import Hummingbird
internal import PrivacyCenterStore
internal import Records
internal import SecureHTTP
internal import Signcryption

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
                .get,
                "/v1/grants/{digest}",
                forStrangersAnd: Self.everyone,
                answers: [200, 404, 424],
                self.grant
            ),
            CenterRoute(
                .post,
                "/v1/reencryptions",
                forStrangersAnd: Self.readers,
                answers: [200, 404, 409, 413, 415, 422, 424, 507],
                self.postReencryption
            ),
        ]
    }

    @Sendable private func postRekey(_ reading: RequestReading, _ peer: PartyName) async throws -> Response {
        let document = try await self.document(RekeyDocument.self, reading)
        let registration = try await self.center.rekeys.register(document.request, by: peer)
        return try .json(
            RegisteredRekeyDocument(grant: registration.grantDigest.bytes.hex, index: registration.index),
            status: registration.isNew ? .created : .ok
        )
    }

    /// What a receiver needs of a grant besides its key, which is secret to nobody.
    @Sendable private func grant(_ reading: RequestReading, _ peer: PartyName?) async throws -> Response {
        guard let rekey = try await self.center.context.store.rekey(reading.pathDigest("digest")) else {
            throw CenterRefusal.refused(.unknownGrant, "no rekey was registered for the grant")
        }
        let owner = try await self.center.context.certificates.requiredKey(rekey.owner, of: "owner")
        let file = GrantFile(
            grant: rekey.grant,
            descriptor: rekey.descriptor,
            ownerCertificate: owner.certificate.bytes,
            addresses: []
        )
        return .bytes(file.bytes)
    }

    @Sendable private func deleteRekey(_ reading: RequestReading, _ peer: PartyName) async throws -> Response {
        try await self.center.rekeys.revoke(reading.pathDigest("grant"), by: peer)
        return Response(status: .noContent)
    }

    @Sendable private func postReencryption(_ reading: RequestReading, _ peer: PartyName?) async throws -> Response {
        let request = try await self.document(ReencryptionDocument.self, reading).request()
        let delivery = try await self.center.reencryptions.answer(request, to: peer)
        self.metrics.countParts(delivery.answers.count)
        return try .json(ReencryptedDocument(request.grant, delivery))
    }
}
