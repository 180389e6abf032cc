internal import Certificates
internal import Credentials
internal import Hummingbird
internal import SecureHTTP
internal import Uplink

extension RegistrationDesk {
    private static let requestBytesMax = 64 << 10
    private static let questionBytesMax = 32 << 10
    /// Who gets pseudonyms.
    private static let users: Set<PartyRole> = [.researcher, .clinician]

    private struct RevokedUser: Decodable { let user: String }
    private struct RevokedCount: Encodable { let certificates: Int }

    /// The HTTP interface of a registration authority.
    ///
    /// - Parameters:
    ///   - metrics: Prometheus text.
    ///   - obstacles: what keeps it from its work.
    ///   - changed: called when there is something to tell the authority of pseudonyms.
    /// - Returns: all routes with their document.
    func interface(
        metrics: @escaping @Sendable () -> String,
        obstacles: @escaping @Sendable () -> [String],
        changed: @escaping @Sendable () -> Void
    ) -> ServiceInterface {
        ServiceInterface(
            title: "Wardline registration authority",
            summary: "Knows who asks for pseudonyms, and none of the pseudonyms.",
            metrics: metrics,
            obstacles: obstacles,
            routes: self.requestRoutes(changed) + [self.traceRoute, self.revocationRoute(changed)]
        )
    }

    private func requestRoutes(_ changed: @escaping @Sendable () -> Void) -> [ServiceRoute] {
        [
            ServiceRoute(
                .get,
                "/v1/status",
                "The authority's name, the running epoch and how many pseudonyms a user gets.",
                for: ServiceRoute.everyone,
                gives: .json("name, epoch, epoch_seconds, count_per_epoch.")
            ) { _, _ in
                try .json(
                    RegistrationClient.Status(
                        name: self.party.description,
                        epoch: self.epochs.epoch(at: self.now()),
                        epochSeconds: self.epochs.seconds,
                        countPerEpoch: self.countPerEpoch
                    )
                )
            },
            ServiceRoute(
                .post,
                "/v1/requests",
                "Ask for pseudonym certificates; the same request again changes nothing.",
                for: Self.users,
                takes: .octets("WLPR."),
                gives: .none,
                refusals: [409]
            ) { reading, peer in
                try self.accept(await reading.bytes(upTo: Self.requestBytesMax), from: peer.name)
                changed()
                return Response(status: .noContent)
            },
            ServiceRoute(
                .get,
                "/v1/requests/{id}/responses",
                "The boxed certificates of one's own request; 404 not-ready until they are issued.",
                for: Self.users,
                gives: .octets("WLPX, index by index."),
                refusals: [404, 410]
            ) { reading, peer in .bytes(try self.responses(to: reading.identifier(), for: peer.name).bytes) },
            ServiceRoute(
                .post,
                "/v1/requests/{id}/receipt",
                "Say that the certificates are kept: the boxes are dropped here.",
                for: Self.users,
                gives: .none,
                refusals: [404]
            ) { reading, peer in
                try self.confirm(reading.identifier(), for: peer.name)
                return Response(status: .noContent)
            },
        ]
    }

    private var traceRoute: ServiceRoute {
        ServiceRoute(
            .post,
            "/v1/traces",
            "Tell whose cocoon key it is, under an order of the chain.",
            for: [.tracingAuthority],
            takes: .octets("WLQ2."),
            gives: .octets("WLE2."),
            refusals: [404]
        ) { reading, peer in
            let bytes = try await reading.bytes(upTo: Self.questionBytesMax)
            return .bytes(try await self.trace(bytes, for: peer.name).bytes)
        }
    }

    private func revocationRoute(_ changed: @escaping @Sendable () -> Void) -> ServiceRoute {
        ServiceRoute(
            .post,
            "/v1/revoked-users",
            "Give a user no more pseudonyms and have those of the running epoch and the next revoked.",
            for: [.operator],
            takes: .json("user, organization:role:name."),
            gives: .json("certificates: how many that concerns.")
        ) { reading, peer in
            guard peer.name.organization.utf8.elementsEqual(self.party.organization.utf8) else {
                throw PseudonymityRefusal(.anotherRequester, "an operator of \(self.party.organization) does this")
            }
            let text = try await reading.document(RevokedUser.self).user
            guard let user = PartyName(text) else {
                throw PseudonymityRefusal(.malformedBody, "a user is organization:role:name")
            }
            let count = try self.revoke(user)
            changed()
            return try .json(RevokedCount(certificates: count))
        }
    }
}
