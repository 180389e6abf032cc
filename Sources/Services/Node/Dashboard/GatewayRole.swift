internal import Dashboard
internal import Foundation
internal import Gateway
internal import Logging
internal import ServiceLifecycle

/// `wardline node` in the role `relay`, with its page.
enum GatewayRole {
    /// What belongs in one service group.
    ///
    /// - Throws: an error whose description says what to do.
    static func services(
        _ configuration: GatewayConfiguration,
        logger: Logger,
        dashboard: DashboardParts
    ) throws -> [any Service] {
        let services = try GatewayService.services(configuration, logger: logger)
        for case let gateway as GatewayService in services {
            dashboard.add(.relay { RelayView(gateway.status, gateway.nodeLists, at: Self.milliseconds()) })
        }
        return services
    }

    /// The same for a chain with an EVM.
    ///
    /// - Throws: an error whose description says what to do.
    static func services(
        _ configuration: EVMGatewayConfiguration,
        logger: Logger,
        dashboard: DashboardParts
    ) throws -> [any Service] {
        let services = try EVMGatewayService.services(configuration, logger: logger)
        for case let gateway as EVMGatewayService in services {
            dashboard.add(.relay { RelayView(gateway.status, gateway.nodeLists, at: Self.milliseconds()) })
        }
        return services
    }

    private static func milliseconds() -> Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }
}

extension RelayView {
    /// - Parameters:
    ///   - status: of a gateway.
    ///   - lists: of the chains that it joins.
    ///   - now: ms since 1970.
    init(_ status: GatewayStatus, _ lists: NodeListsStatus, at now: Int64) {
        self.init(
            now: now,
            account: status.account,
            lease: status.lease,
            isQuiet: status.isQuiet,
            held: status.held,
            fresh: status.fresh,
            underWay: status.underWay,
            refused: status.refused,
            accepted: status.accepted,
            found: status.found,
            abandoned: status.abandoned,
            chains: status.chains.map {
                Chain(
                    name: $0.name,
                    height: $0.height,
                    behind: $0.blocksBehind,
                    settled: $0.settledHeight,
                    reached: Int64(clamping: $0.reachedMilliseconds),
                    committee: $0.committeeEpoch,
                    committeeKnown: $0.committeeKnown,
                    isTrustOld: $0.isTrustOld
                )
            },
            attesters: status.attesters.map { Attester(address: $0.address, node: $0.node, trouble: $0.trouble) },
            troubles: status.troubles.map {
                Trouble(step: $0.step, text: $0.text, count: $0.count, time: Int64(clamping: $0.timeMilliseconds))
            },
            abandonedMessages: status.abandonedLeaves,
            credibility: NodeCredibilityView(lists)
        )
    }
}

extension NodeCredibilityView {
    fileprivate init(_ status: NodeListsStatus) {
        self.init(
            lists: status.lists.map { list in
                List(
                    chain: list.chain,
                    epoch: list.epoch,
                    needed: list.threshold,
                    seats: list.seats,
                    leavesBelow: list.exitCredibility,
                    nodes: list.nodes.map { node in
                        Node(
                            name: node.name,
                            organization: node.organization,
                            subgroup: node.subgroup,
                            credibility: node.credibility,
                            standing: node.standing,
                            isSeated: node.isSeated
                        )
                    }
                )
            },
            trouble: status.trouble
        )
    }
}
