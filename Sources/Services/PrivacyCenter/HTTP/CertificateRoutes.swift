internal import Certificates
internal import Foundation
internal import Hummingbird
internal import PrivacyCenterStore
internal import Records
internal import SecureHTTP
internal import Signcryption

extension CenterInterface {
    /// Certificates and scope descriptors: what must be known before envelopes and grants.
    var certificateRoutes: [CenterRoute] {
        [
            CenterRoute(
                .put,
                "/v1/certificates/{digest}",
                forStrangersAnd: Self.readers.union([.gateway]),
                answers: [200, 201, 409, 413, 415, 422, 507],
                self.putCertificate
            ),
            CenterRoute(
                .get,
                "/v1/certificates/{digest}",
                forStrangersAnd: Self.everyone,
                answers: [200, 404],
                self.certificate
            ),
            CenterRoute(
                .put,
                "/v1/scopes/{digest}",
                for: Self.owners,
                answers: [200, 201, 409, 413, 415, 422, 507],
                self.putScope
            ),
            CenterRoute(
                .get,
                "/v1/scopes",
                for: Self.owners,
                query: ["after", "limit"],
                answers: [200],
                self.listScopes
            ),
        ]
    }

    @Sendable private func putCertificate(_ reading: RequestReading, _ peer: PartyName?) async throws -> Response {
        let digest = try reading.pathDigest("digest")
        try reading.requireType("application/octet-stream")
        let limit = self.center.context.limits.certificateBytesMax
        return try await self.budget.withBody(of: reading.request, upTo: limit, from: reading.context.origin) { bytes in
            let certificates = self.center.context.certificates
            let (key, found) = try certificates.parse(bytes)
            guard found == digest else {
                throw CenterRefusal.refused(.digestMismatch, "the path names another certificate than the body")
            }
            if let subject = PartyName(key.subject), let peer {
                guard subject.organization.utf8.elementsEqual(peer.organization.utf8) else {
                    throw CenterRefusal.refused(.foreignOrganization, "the certificate is another organization's")
                }
            } else {
                try await self.requireReceiver(digest)
            }
            return Response(status: try await certificates.put(bytes) ? .created : .ok)
        }
    }

    /// Requires that a certificate, a pseudonym's or one that a stranger brings, is of the receiver of some grant: nobody
    /// fills the store with others.
    private func requireReceiver(_ digest: Digest) async throws {
        guard try await self.center.context.store.rekeys(.receiver(digest), after: nil, limit: 1).isEmpty else {
            return
        }
        throw CenterRefusal.refused(.notReceiver, "no grant for this certificate was registered here")
    }

    @Sendable private func certificate(_ reading: RequestReading, _ peer: PartyName?) async throws -> Response {
        let digest = try reading.pathDigest("digest")
        // Its own newest one at once: receipts are signed under it from the moment of a rotation.
        let own = try self.center.context.keys().certificate
        if own.digest == digest.bytes { return .bytes(own.bytes) }
        guard let key = try await self.center.context.certificates.key(digest) else {
            throw CenterRefusal.refused(.notFound, "there is no such certificate")
        }
        return .bytes(key.certificate.bytes)
    }

    @Sendable private func putScope(_ reading: RequestReading, _ peer: PartyName) async throws -> Response {
        let digest = try reading.pathDigest("digest")
        let document = try await self.document(ScopeDocument.self, reading)
        let isNew = try await self.center.scopes.put(
            Array(document.descriptor),
            ownerCertificate: Array(document.ownerCertificate),
            as: digest,
            by: peer
        )
        return Response(status: isNew ? .created : .ok)
    }

    @Sendable private func listScopes(_ reading: RequestReading, _ peer: PartyName) async throws -> Response {
        let limit = try reading.limit(max: self.center.context.limits.listingMax)
        let after = try reading.queryDigest("after")
        let page = try await self.center.scopes.list(ownedBy: peer, after: after, limit: limit)
        return try .json(ScopeListDocument(page.descriptors, next: page.next))
    }

    /// Reads a body in JSON.
    func document<Value: Decodable>(
        _ type: Value.Type,
        _ reading: RequestReading
    ) async throws -> Value {
        try reading.requireType("application/json")
        let limit = self.center.context.limits.documentBytesMax
        return try await self.budget.withBody(of: reading.request, upTo: limit, from: reading.context.origin) { bytes in
            do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch {
                throw CenterRefusal.refused(.malformedBody, "the body is not the JSON that this route takes")
            }
        }
    }
}
