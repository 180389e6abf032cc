package import CanonicalBytes

/// A way from one chain to another over a relay chain, as the states of the two chains at its ends show it.
package struct RouteCandidate: Sendable, Hashable {
    /// The relay chain's identifier, 1 to 60 bytes without a colon.
    package let relay: String
    /// Of every hop, in order, what its chain's list is worth (``VerificationNodeList/credibility``); nil where the
    /// destination knows no list yet.
    package let hops: [Credibility?]
    /// Seconds since the time of the relay chain's newest header that both ends have been shown.
    package let silenceSeconds: UInt64
    /// Whether neither end's trust period for the relay chain is over.
    package let isTrusted: Bool

    package init(relay: String, hops: [Credibility?], silenceSeconds: UInt64, isTrusted: Bool) {
        self.relay = relay
        self.hops = hops
        self.silenceSeconds = silenceSeconds
        self.isTrusted = isTrusted
    }
}

/// What a chosen route must keep to.
package struct RouteRules: Sendable, Hashable {
    package let bounds: RouteBounds
    /// Seconds for which a relay chain may have been silent; nil: as long as its trust period lasts, or longer where there is
    /// no other.
    package let silenceSecondsMax: UInt64?

    package init(bounds: RouteBounds, silenceSecondsMax: UInt64? = nil) {
        self.bounds = bounds
        self.silenceSecondsMax = silenceSecondsMax
    }
}

/// A candidate with what the rules make of it.
package struct RankedRoute: Sendable, Hashable {
    /// Why a route is not taken, whatever there is besides.
    package enum Obstacle: String, Sendable, Hashable, CaseIterable {
        /// More hops than may be.
        case tooLong = "too-long"
        /// The relay chain has been silent for longer than it may be.
        case silent
        /// No list is known of one of its chains, and a least credibility is demanded.
        case unknownList = "unknown-list"
        /// A hop is worth less than is demanded.
        case lowCredibility = "low-credibility"
    }

    package let candidate: RouteCandidate
    /// The product of its hops'; nil where one of them is not known.
    package let credibility: Credibility?
    /// Nil: it may be taken.
    package let obstacle: Obstacle?
}

/// The routes between two chains, the best first: a pure function of what their states say, and of the rules.
///
/// Whoever opens an exchange chooses once, and the choice becomes part of the exchange's identifier: both services are named
/// with the relay chain. So a later choice moves nothing that is on its way; each pair of names has its own counters, on
/// all chains; and no exchange can be at two relay chains.
package struct RouteChoice: Sendable, Hashable {
    /// All candidates: first those that may be taken, the best of them first.
    ///
    /// Those whose trust period is not over come first; then the most credible (``RouteGraph``), of equals the shortest,
    /// of those the one whose relay chain's name comes first; at the end those of which something is not known, by name.
    package let routes: [RankedRoute]

    /// The one to be taken; nil: none keeps to the rules.
    package var chosen: RankedRoute? { self.routes.first.flatMap { $0.obstacle == nil ? $0 : nil } }

    /// - Parameters:
    ///   - candidates: in any order; of two with one relay chain the first counts.
    ///   - rules: to which a route must keep.
    /// - Throws: `FORMAT` for names or numbers of hops out of bounds.
    package init(among candidates: [RouteCandidate], by rules: RouteRules) throws(ProtocolFailure) {
        var distinct: [RouteCandidate] = []
        for candidate in candidates where !distinct.contains(where: { $0.relay.hasBytes(of: candidate.relay) }) {
            try require(!candidate.hops.isEmpty, .format, "a way without a hop")
            distinct.append(candidate)
        }
        let judged = distinct.sorted { $0.relay.isBefore($1.relay) }.map { ($0, Self.obstacle(of: $0, rules)) }
        var routes: [RankedRoute] = []
        for isFree in [true, false] {
            for isTrusted in [true, false] {
                let group = judged.filter { ($0.1 == nil) == isFree && $0.0.isTrusted == isTrusted }
                let ranked = try Self.ranked(group.map(\.0))
                for (candidate, credibility) in ranked {
                    let obstacle = Self.obstacle(of: candidate, rules)
                    routes.append(RankedRoute(candidate: candidate, credibility: credibility, obstacle: obstacle))
                }
            }
        }
        self.routes = routes
    }

    private static func obstacle(of candidate: RouteCandidate, _ rules: RouteRules) -> RankedRoute.Obstacle? {
        guard candidate.hops.count <= rules.bounds.hopsMax else { return .tooLong }
        guard candidate.silenceSeconds <= rules.silenceSecondsMax ?? .max else { return .silent }
        // Nothing demanded: what is not known yet is what every chain begins with.
        guard rules.bounds.credibilityMin.value > 0 else { return nil }
        for hop in candidate.hops {
            guard let hop else { return .unknownList }
            guard hop >= rules.bounds.credibilityMin else { return .lowCredibility }
        }
        return nil
    }

    /// The best first, each with its credibility.
    ///
    /// - Parameter candidates: ascending by name.
    /// - Returns: all of them.
    /// - Throws: `FORMAT` for names out of bounds.
    private static func ranked(
        _ candidates: [RouteCandidate]
    ) throws(ProtocolFailure) -> [(RouteCandidate, Credibility?)] {
        // Longer ones than any path were refused before; they only have to stand somewhere.
        var rest = candidates.filter { $0.hops.count <= PathProof.hopsMax }
        var ranked: [(RouteCandidate, Credibility?)] = []
        let bounds = try RouteBounds(credibilityMin: Credibility(0))
        while true {
            var links: [RouteLink] = []
            for candidate in rest { links += candidate.links }
            guard let best = try RouteGraph(links).bestRoute(from: Self.start, to: Self.end, within: bounds),
                let relay = best.links.first?.gateway,
                let place = rest.firstIndex(where: { $0.relay.hasBytes(of: relay) })
            else { break }
            ranked.append((rest.remove(at: place), best.credibility))
        }
        for candidate in candidates where !ranked.contains(where: { $0.0 == candidate }) {
            // A hop of credibility 0 is known, and leads nowhere as long as there is anything else.
            let known = candidate.hops.compactMap(\.self)
            let isKnown = known.count == candidate.hops.count
            ranked.append((candidate, isKnown ? known.reduce(.full) { $0 * $1 } : nil))
        }
        return ranked
    }

    // No chain's name has a colon.
    fileprivate static let start = ":from"
    fileprivate static let end = ":to"
}

extension RouteCandidate {
    /// Its hops as links of a graph; none where one is not known.
    fileprivate var links: [RouteLink] {
        let known = self.hops.compactMap(\.self)
        guard known.count == self.hops.count else { return [] }
        return known.enumerated().map { place, credibility in
            RouteLink(
                from: place == 0 ? RouteChoice.start : self.stop(place),
                to: place == known.count - 1 ? RouteChoice.end : self.stop(place + 1),
                gateway: self.relay,
                credibility: credibility
            )
        }
    }

    /// The chain at which a hop begins.
    private func stop(_ place: Int) -> String { place == 1 ? self.relay : "\(self.relay):\(place)" }
}
