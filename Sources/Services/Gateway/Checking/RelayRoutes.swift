internal import CanonicalBytes
internal import ChainReading
internal import Contracts
internal import PathProofs

/// The relay chains over which a chain is reached, as its own state ranks them.
///
/// The last hop alone, which that chain judges: who asks knows the hop before it, too, and chooses by both (`share request`).
struct RelayRoutes: Sendable {
    let reader: RelayReader

    /// - Parameter now: milliseconds since 1970.
    /// - Returns: the routes, the best first.
    /// - Throws: when the chain does not say.
    func choice(at now: UInt64) async throws -> RouteChoice {
        var candidates: [RouteCandidate] = []
        for relay in try await self.reader.relays() {
            let standing = try await self.reader.standing(of: relay, at: now)
            candidates.append(
                RouteCandidate(
                    relay: relay.link.hub,
                    hops: [try await self.reader.credibility(of: relay.link.hub, at: relay)],
                    silenceSeconds: standing.silenceSeconds,
                    isTrusted: standing.isTrusted
                )
            )
        }
        return try RouteChoice(
            among: candidates,
            by: RouteRules(bounds: try RouteBounds(credibilityMin: Credibility(0)))
        )
    }

    /// What people read of a route.
    static func text(of route: RankedRoute) -> String {
        let credibility = route.credibility.map { "credibility \($0.value) millionths" } ?? "no list of it is known"
        let candidate = route.candidate
        guard candidate.isTrusted else { return credibility + ", not trusted any more" }
        return credibility + ", newest header \(candidate.silenceSeconds) s old"
    }
}
