package import CanonicalBytes

/// A gateway that carries messages from one chain to another.
package struct RouteLink: Sendable, Hashable {
    package let from: String
    package let to: String
    package let gateway: String
    package let credibility: Credibility

    package init(from: String, to: String, gateway: String, credibility: Credibility) {
        self.from = from
        self.to = to
        self.gateway = gateway
        self.credibility = credibility
    }
}

/// A way from chain to chain.
package struct Route: Sendable, Hashable {
    /// In order; no chain occurs twice.
    package let links: [RouteLink]
    /// The product of the links' credibilities, rounded down at every link.
    package let credibility: Credibility
}

/// What a route must keep to.
package struct RouteBounds: Sendable, Hashable {
    /// 1 to ``PathProof/hopsMax``.
    package let hopsMax: Int
    /// No hop is less credible.
    package let credibilityMin: Credibility

    /// - Throws: `FORMAT` for a number of hops that no path has.
    package init(hopsMax: Int = PathProof.hopsMax, credibilityMin: Credibility) throws(ProtocolFailure) {
        let isWithin = (1...PathProof.hopsMax).contains(hopsMax)
        try require(isWithin, .format, "a path has 1 to \(PathProof.hopsMax) hops")
        self.hopsMax = hopsMax
        self.credibilityMin = credibilityMin
    }
}

/// The links that a gateway knows of, to find the most credible way.
///
/// A route is a gateway's own choice, not a matter of consensus, and credibility never stands in for signatures.
package struct RouteGraph: Sendable {
    /// The most links.
    package static let linksMax = 4_096
    /// The most chains.
    package static let chainsMax = 256

    /// One of all links between two chains.
    struct Edge {
        let target: Int
        let cost: UInt64
        let link: RouteLink
    }

    /// Names of the chains, ascending by their bytes.
    private let chains: [String]
    /// Of every chain its links, ascending by target.
    private let edges: [[Edge]]

    /// Takes the best of all links that lead from one chain to another; of equals the one whose gateway's name comes
    /// first.
    ///
    /// - Throws: `FORMAT` for too many links or chains, names out of bounds and a link to its own chain.
    package init(_ links: [RouteLink]) throws(ProtocolFailure) {
        try require(links.count <= Self.linksMax, .format, "more than \(Self.linksMax) links")
        for link in links {
            for name in [link.from, link.to, link.gateway] { try NameBounds.check(name) }
            try require(!link.from.hasBytes(of: link.to), .format, "a link that leads nowhere")
        }
        let chains = Self.distinct(links.flatMap { [$0.from, $0.to] })
        try require(chains.count <= Self.chainsMax, .format, "more than \(Self.chainsMax) chains")
        let places = Dictionary(uniqueKeysWithValues: chains.enumerated().map { (Array($1.utf8), $0) })
        var edges = [[Edge]](repeating: [], count: chains.count)
        for link in links.sorted(by: Self.isBetter) {
            guard let cost = link.credibility.routeCost, let source = places[Array(link.from.utf8)],
                let target = places[Array(link.to.utf8)], !edges[source].contains(where: { $0.target == target })
            else { continue }
            edges[source].append(Edge(target: target, cost: cost, link: link))
        }
        self.chains = chains
        self.edges = edges.map { $0.sorted { $0.target < $1.target } }
    }

    private static func isBetter(_ a: RouteLink, _ b: RouteLink) -> Bool {
        a.credibility == b.credibility ? a.gateway.isBefore(b.gateway) : a.credibility > b.credibility
    }

    private static func distinct(_ names: [String]) -> [String] {
        let sorted = names.sorted { $0.isBefore($1) }
        return sorted.enumerated().filter { $0 == 0 || !sorted[$0 - 1].hasBytes(of: $1) }.map(\.element)
    }

    /// The most credible route: the one with the greatest product of credibilities; of equals the shortest, of those the
    /// one whose chains' names come first.
    ///
    /// - Returns: nil when no route keeps to the bounds, or the two chains are one.
    package func bestRoute(from source: String, to destination: String, within bounds: RouteBounds) -> Route? {
        guard let start = self.place(of: source), let end = self.place(of: destination), start != end else {
            return nil
        }
        var search = RouteSearch(chainCount: self.chains.count, start: start, hopsMax: bounds.hopsMax)
        while let label = search.settleNext() {
            if label.chain == end { return self.route(label.steps) }
            guard label.steps.count <= bounds.hopsMax else { continue }
            for edge in self.edges[label.chain] where edge.link.credibility >= bounds.credibilityMin {
                search.reach(edge.target, cost: edge.cost, from: label)
            }
        }
        return nil
    }

    private func place(of chain: String) -> Int? { self.chains.firstIndex { $0.hasBytes(of: chain) } }

    private func route(_ steps: [Int]) -> Route {
        let links = zip(steps, steps.dropFirst()).compactMap { source, target in
            self.edges[source].first { $0.target == target }?.link
        }
        return Route(links: links, credibility: links.reduce(.full) { $0 * $1.credibility })
    }
}
