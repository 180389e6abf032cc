internal import Certificates
internal import Hummingbird
internal import Merkle
internal import PrivacyCenterStore
internal import Receipts
internal import Records
internal import SecureHTTP

extension CenterInterface {
    /// Heads and proofs of the tree, for everyone: whoever holds a receipt can watch the center.
    var treeRoutes: [CenterRoute] {
        [
            CenterRoute(.get, "/v1/tree/head", forStrangersAnd: Self.everyone, answers: [200], self.head),
            CenterRoute(
                .get,
                "/v1/tree/inclusion",
                forStrangersAnd: Self.everyone,
                query: ["h1", "leaf", "size"],
                answers: [200, 404],
                self.inclusion
            ),
            CenterRoute(
                .get,
                "/v1/tree/consistency",
                forStrangersAnd: Self.everyone,
                query: ["first", "second"],
                answers: [200, 404],
                self.consistency
            ),
        ]
    }

    @Sendable private func head(_ reading: RequestReading, _ peer: PartyName?) async throws -> Response {
        .bytes(try await self.center.tree.head().bytes)
    }

    @Sendable private func inclusion(_ reading: RequestReading, _ peer: PartyName?) async throws -> Response {
        let size = try reading.queryNumber("size")
        switch (try reading.queryDigest("h1"), try reading.queryNumber("leaf")) {
        case (let h1?, nil):
            if let found = try await self.center.tree.inclusion(of: h1, treeSize: size) {
                return try .json(InclusionDocument(found))
            }
            // Denied only when it is in no tree at all: a smaller tree than its own has it not either.
            if try await self.center.context.store.envelope(h1) == nil { throw CenterRefusal.missingEnvelope(h1) }
        case (nil, let leaf?):
            if let found = try await self.center.tree.inclusion(ofLeaf: leaf, treeSize: size) {
                return try .json(InclusionDocument(found))
            }
        default: throw CenterRefusal.refused(.malformedParameter, "name either h1 or leaf")
        }
        throw CenterRefusal.refused(.notFound, "there is no such leaf in a tree of that size")
    }

    @Sendable private func consistency(_ reading: RequestReading, _ peer: PartyName?) async throws -> Response {
        guard let first = try reading.queryNumber("first"), let second = try reading.queryNumber("second") else {
            throw CenterRefusal.refused(.malformedParameter, "name first and second, the sizes of two trees")
        }
        return try .json(ConsistencyDocument(await self.center.tree.consistency(from: first, to: second)))
    }
}
