internal import Relaying

/// How it stands with a gateway: the document of `/v1/status`.
package struct GatewayStatus: Codable, Sendable, Hashable {
    /// One of the two chains.
    package struct ChainStatus: Codable, Sendable, Hashable {
        package var name: String
        package var height: UInt64
        /// Blocks that were not looked at yet.
        package var blocksBehind: UInt64
        /// Everything up to this block is with the other chain.
        package var settledHeight: UInt64
        /// When the chain was last reached, milliseconds since 1970; 0: never.
        package var reachedMilliseconds: UInt64
        /// The newest committee, and the one that the other chain knows; nil: not read yet.
        package var committeeEpoch: UInt64?
        package var committeeKnown: UInt64?
        /// Whether the other chain's trust in this one is more than a third of its period old.
        package var isTrustOld: Bool

        enum CodingKeys: String, CodingKey {
            case name, height
            case blocksBehind = "blocks_behind"
            case settledHeight = "settled_height"
            case reachedMilliseconds = "reached_ms"
            case committeeEpoch = "committee_epoch"
            case committeeKnown = "committee_known"
            case isTrustOld = "trust_old"
        }
    }

    /// A verification node that is asked for signatures.
    package struct AttesterStatus: Codable, Sendable, Hashable {
        package var address: String
        /// As its chain's list names it; nil: it was not reached.
        package var node: String?
        /// Empty: it signed last, or was not asked yet.
        package var trouble: String
    }

    /// A relay chain over which the application chain is reached, as that chain's state has it.
    package struct RouteStatus: Codable, Sendable, Hashable {
        package var relay: String
        /// Millionths, of the relay chain's list of verification nodes; nil: the application chain knows none yet.
        package var credibility: UInt32?
        /// Since the newest header that the application chain was shown.
        package var silenceSeconds: UInt64
        /// Whether the application chain's trust period for it lasts.
        package var isTrusted: Bool
        /// Whether it is the best of them.
        package var isBest: Bool
        /// Whether this gateway carries over it.
        package var isOwn: Bool

        enum CodingKeys: String, CodingKey {
            case relay, credibility
            case silenceSeconds = "silence_s"
            case isTrusted = "trusted"
            case isBest = "best"
            case isOwn = "own"
        }
    }

    package struct TroubleStatus: Codable, Sendable, Hashable {
        package var step: String
        package var text: String
        package var count: UInt64
        package var timeMilliseconds: UInt64

        enum CodingKeys: String, CodingKey {
            case step, text, count
            case timeMilliseconds = "time_ms"
        }
    }

    package var account: String
    /// `mine`, `another` or `none`.
    package var lease: String
    /// Whether nothing is left to carry.
    package var isQuiet: Bool
    package var held: Int
    package var fresh: Int
    package var underWay: Int
    package var refused: Int
    package var accepted: UInt64
    package var found: UInt64
    package var abandoned: UInt64
    package var chains: [ChainStatus]
    package var attesters: [AttesterStatus]
    /// The best first; empty before they were read, and for chains of other makes.
    package var routes: [RouteStatus]
    package var troubles: [TroubleStatus]
    /// Leaves that a contract refused for good, the newest last.
    package var abandonedLeaves: [String]

    enum CodingKeys: String, CodingKey {
        case account, lease, held, fresh, refused, accepted, found, abandoned, chains, attesters, routes, troubles
        case isQuiet = "quiet"
        case underWay = "under_way"
        case abandonedLeaves = "abandoned_leaves"
    }
}

extension GatewayStatus {
    init(
        _ picture: GatewayBoard.Picture,
        names: [String],
        account: String,
        panel: AttesterPanel,
        routes: [RouteStatus] = []
    ) {
        self.routes = routes
        self.account = account
        self.lease = picture.lease
        self.isQuiet = picture.isQuiet
        self.held = picture.load.held
        self.fresh = picture.load.fresh
        self.underWay = picture.load.underWay
        self.refused = picture.load.refused
        self.accepted = picture.load.accepted
        self.found = picture.load.found
        self.abandoned = picture.load.abandoned
        self.chains = zip(Shore.allCases, names).map { shore, name in
            let place = shore == .application ? 0 : 1
            let reading = picture.successions[ChainSuccession(.committee, of: shore)]
            return ChainStatus(
                name: name,
                height: picture.heights[place],
                blocksBehind: picture.load.blocksBehind[place],
                settledHeight: picture.settled[place],
                reachedMilliseconds: picture.reached[place],
                committeeEpoch: reading?.newest,
                committeeKnown: reading?.known,
                isTrustOld: reading?.isTrustOld ?? false
            )
        }
        self.attesters = panel.answers.map { AttesterStatus(address: $0.url, node: $0.node, trouble: $0.trouble) }
        self.troubles = picture.troubles.values.sorted { $0.step < $1.step }.map {
            TroubleStatus(step: $0.step, text: $0.text, count: $0.count, timeMilliseconds: $0.time)
        }
        self.abandonedLeaves = picture.abandoned
    }

    /// What keeps the gateway from carrying; empty when nothing does.
    func obstacles(at now: UInt64) -> [String] {
        var obstacles: [String] = []
        for chain in self.chains where chain.reachedMilliseconds + 60_000 < now {
            obstacles.append("\(chain.name): not reached for a minute")
        }
        return obstacles
    }

    /// Prometheus text exposition, format 0.0.4.
    func metrics(_ submissions: [String: UInt64]) -> String {
        var text = ""
        func gauge(_ name: String, _ help: String, _ rows: [(labels: String, value: UInt64)], _ type: String = "gauge")
        {
            text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
            for row in rows { text += "\(name)\(row.labels) \(row.value)\n" }
        }
        gauge("wardline_relay_leaves_held", "Leaves on their way.", [("", UInt64(self.held))])
        gauge("wardline_relay_leaves_refused", "Leaves that a contract refuses.", [("", UInt64(self.refused))])
        gauge("wardline_relay_actions", "Questions and submissions under way.", [("", UInt64(self.underWay))])
        gauge("wardline_relay_accepted_total", "Leaves brought.", [("", self.accepted)], "counter")
        gauge("wardline_relay_found_total", "Leaves that were there already.", [("", self.found)], "counter")
        gauge("wardline_relay_abandoned_total", "Leaves given up.", [("", self.abandoned)], "counter")
        gauge("wardline_relay_lease", "Whether this gateway has the lease.", [("", self.lease == "mine" ? 1 : 0)])
        let chains = self.chains
        gauge("wardline_relay_height", "Newest block.", chains.map { ("{chain=\"\($0.name)\"}", $0.height) })
        gauge(
            "wardline_relay_blocks_behind",
            "Blocks not read.",
            chains.map { ("{chain=\"\($0.name)\"}", $0.blocksBehind) }
        )
        gauge(
            "wardline_relay_attester_silent",
            "Whether a verification node did not sign when it was asked last.",
            self.attesters.map { ("{address=\"\($0.address)\"}", $0.trouble.isEmpty ? 0 : 1) }
        )
        let routes = self.routes.map { ("{relay=\"\($0.relay)\"}", $0) }
        gauge(
            "wardline_relay_route_credibility",
            "What the relay chain's list is worth, millionths.",
            routes.map { ($0, UInt64($1.credibility ?? 0)) }
        )
        gauge(
            "wardline_relay_route_silence_seconds",
            "Age of the relay chain's newest header at the application chain.",
            routes.map { ($0, $1.silenceSeconds) }
        )
        gauge("wardline_relay_route_best", "Whether it is the best route.", routes.map { ($0, $1.isBest ? 1 : 0) })
        gauge(
            "wardline_relay_troubles_total",
            "Failed attempts, by step.",
            self.troubles.map { ("{step=\"\($0.step)\"}", $0.count) },
            "counter"
        )
        gauge(
            "wardline_relay_submissions_total",
            "Submissions, by kind of leaf and outcome.",
            submissions.sorted { $0.key < $1.key }.map { key, value in
                let parts = key.split(separator: ",")
                return ("{kind=\"\(parts.first ?? "")\",outcome=\"\(parts.last ?? "")\"}", value)
            },
            "counter"
        )
        return text
    }
}
