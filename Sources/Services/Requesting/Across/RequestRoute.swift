internal import CanonicalBytes
internal import ChainReading
internal import Contracts
internal import IBTP
internal import Ledger
internal import PathProofs

/// To what the routes of a share's requests must keep, as `home.json` keeps it.
package struct RoutePreference: Sendable, Codable, Hashable {
    /// 1 to 4; nil: 4.
    package let hopsMax: Int?
    /// Millionths, of each hop; nil: nothing is demanded.
    package let credibilityMin: UInt32?
    /// Since the newest header that both chains were shown; nil: nothing is demanded.
    package let silenceSecondsMax: UInt64?

    package init(hopsMax: Int? = nil, credibilityMin: UInt32? = nil, silenceSecondsMax: UInt64? = nil) {
        self.hopsMax = hopsMax
        self.credibilityMin = credibilityMin
        self.silenceSecondsMax = silenceSecondsMax
    }

    /// - Throws: `FORMAT` for numbers out of bounds.
    func rules() throws(ProtocolFailure) -> RouteRules {
        RouteRules(
            bounds: try RouteBounds(
                hopsMax: self.hopsMax ?? PathProof.hopsMax,
                credibilityMin: try Credibility(self.credibilityMin ?? 0)
            ),
            silenceSecondsMax: self.silenceSecondsMax
        )
    }
}

/// Over which relay chain a request goes, and in whose name.
///
/// Chosen once for every request, before it is sealed to the asked service, whose name has the relay chain in it; what was
/// opened is never moved.
struct RequestRoute: Sendable {
    let from: ServiceID
    let to: ServiceID
    /// For people: what was chosen, and why.
    let text: String
}

/// Chooses routes by what the two chains at the ends prove.
struct RouteReading: Sendable {
    let home: any RequesterChain
    let data: any RequesterChain
    let rules: RouteRules
    /// Milliseconds since 1970.
    let now: UInt64

    /// A relay chain that both ends are connected to.
    private struct Shared {
        let home: ConnectedRelay
        let data: ConnectedRelay
    }

    /// The route of a new request.
    ///
    /// - Parameter service: of both chains.
    /// - Returns: the chosen one.
    /// - Throws: ``ShareTrouble`` with `not-connected`, `another-hub` or `no-route`; what keeps a chain from being read.
    func choose(_ service: String) async throws -> RequestRoute {
        let shared = try await self.shared()
        var candidates: [RouteCandidate] = []
        for relay in shared { candidates.append(try await self.candidate(relay)) }
        let choice = try RouteChoice(among: candidates, by: self.rules)
        let all = choice.routes.map(Self.text).joined(separator: "; ")
        guard let chosen = choice.chosen,
            let relay = shared.first(where: { $0.home.link.hub.isSame(as: chosen.candidate.relay) })
        else {
            throw ShareTrouble(.request, isWaiting: true, code: "no-route", "no route keeps to the bounds: \(all)")
        }
        let (from, to) = (relay.home.link, relay.data.link)
        return RequestRoute(
            from: try ServiceID(hub: from.hub, chain: from.name, service: service),
            to: try ServiceID(hub: to.hub, chain: to.name, service: service),
            text: choice.routes.count == 1 ? all + ", the only one" : all
        )
    }

    private func shared() async throws -> [Shared] {
        let here = try await Self.relays(of: self.home, "home")
        let there = try await Self.relays(of: self.data, "data's")
        let shared = here.compactMap { relay -> Shared? in
            let other = there.first { $0.link.hub.isSame(as: relay.link.hub) }
            guard let other, !other.link.name.isSame(as: relay.link.name) else { return nil }
            return Shared(home: relay, data: other)
        }
        guard !shared.isEmpty else { throw Self.apart }
        return shared
    }

    /// That two chains have no relay chain in common.
    static var apart: ShareTrouble {
        ShareTrouble(
            .request,
            isWaiting: false,
            code: "another-hub",
            "the home chain and the data's are not two chains of one relay chain"
        )
    }

    /// The relay chains of a chain.
    ///
    /// - Throws: ``ShareTrouble`` with `not-connected`.
    static func relays(of chain: any RequesterChain, _ which: String) async throws -> [ConnectedRelay] {
        let relays = try await RelayReader { try await chain.fact(of: $0, on: .access).value }.relays()
        guard !relays.isEmpty else {
            throw ShareTrouble(
                .request,
                isWaiting: true,
                code: "not-connected",
                "the \(which) chain is not connected to a relay chain"
            )
        }
        return relays
    }

    /// The request's hops as the data's chain will judge them: by the home chain's list, then by the relay chain's.
    private func candidate(_ relay: Shared) async throws -> RouteCandidate {
        let (home, data) = (self.home, self.data)
        let here = RelayReader { try await home.fact(of: $0, on: .access).value }
        let there = RelayReader { try await data.fact(of: $0, on: .access).value }
        let ends = [
            try await here.standing(of: relay.home, at: self.now),
            try await there.standing(of: relay.data, at: self.now),
        ]
        return RouteCandidate(
            relay: relay.home.link.hub,
            hops: [
                try await there.credibility(of: relay.home.link.name, at: relay.data),
                try await there.credibility(of: relay.home.link.hub, at: relay.data),
            ],
            silenceSeconds: ends.map(\.silenceSeconds).max() ?? .max,
            isTrusted: ends.allSatisfy(\.isTrusted)
        )
    }

    private static func text(_ route: RankedRoute) -> String {
        let candidate = route.candidate
        let hops = candidate.hops.map { $0.map { "\($0.value)" } ?? "unknown" }.joined(separator: " x ")
        let credibility = route.credibility.map { "\(hops) = \($0.value) millionths" } ?? hops
        let trust = candidate.isTrusted ? "newest header \(candidate.silenceSeconds) s old" : "not trusted any more"
        let obstacle = route.obstacle.map { ", passed by: \($0.rawValue)" } ?? ""
        return "\(candidate.relay) (credibility \(credibility), \(trust)\(obstacle))"
    }
}
