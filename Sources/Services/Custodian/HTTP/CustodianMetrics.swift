internal import SecureHTTP

/// `/metrics` of a custodian.
///
/// Every state has its row from the start: a query for one that nothing was ever in answers 0, not nothing.
struct CustodianMetrics: Sendable {
    let requests: RequestMetrics
    /// nil for a custodian that does not share by itself.
    let desk: ShareDesk?
    var exchanges: ExchangeDesk?
    var deliveries: DeliveryDesk?

    var text: String {
        guard let desk = self.desk else { return self.requests.text }
        let counts = (try? desk.store.counts()) ?? []
        let states = counts.map { "wardline_custodian_shares{state=\"\($0.state.rawValue)\"} \($0.count)\n" }.joined()
        let across = (try? self.exchanges?.store.counts()) ?? []
        let exchanges = across.map { "wardline_custodian_exchanges{state=\"\($0.state.rawValue)\"} \($0.count)\n" }
            .joined()
        let told = (try? self.deliveries?.store.told()) ?? 0
        return self.requests.text + """
            # HELP wardline_custodian_shares Requests and permissions by what became of them.
            # TYPE wardline_custodian_shares gauge
            \(states)# HELP wardline_custodian_exchanges Requests of other chains by what became of them.
            # TYPE wardline_custodian_exchanges gauge
            \(exchanges)# HELP wardline_custodian_deliveries_told_total Deliveries that other chains were told of.
            # TYPE wardline_custodian_deliveries_told_total counter
            wardline_custodian_deliveries_told_total \(told)
            # HELP wardline_custodian_emergencies_total Emergency accesses that were told since the start.
            # TYPE wardline_custodian_emergencies_total counter
            wardline_custodian_emergencies_total \(desk.notice.count)
            # HELP wardline_custodian_rules_refused Whether the rules as the file has them now are refused.
            # TYPE wardline_custodian_rules_refused gauge
            wardline_custodian_rules_refused \(desk.rules.problem == nil ? 0 : 1)

            """
    }
}
