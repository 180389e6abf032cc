import IBTP
import Testing

/// The pair `h:<from>:s<n>` to `h:<to>:t<n>`.
func pair(_ from: String, _ to: String, _ number: Int = 1) throws -> ServicePair {
    ServicePair(
        from: try ServiceID(hub: "h", chain: from, service: "s\(number)"),
        to: try ServiceID(hub: "h", chain: to, service: "t\(number)")
    )
}

extension World {
    /// Calls in both directions, of ordered and unordered services, some with a limit.
    func makeTraffic(calls: Int, every ticks: UInt64 = 3, timeout: Int64 = 0) throws {
        let pairs = [try pair("a", "b"), try pair("b", "a"), try pair("a", "b", 2), try pair("b", "a", 3)]
        self.setUnordered(pairs[2])
        self.setUnordered(pairs[3])
        for number in 0..<calls {
            let pair = pairs[number % pairs.count]
            let blocks = number % 3 == 0 ? timeout : 0
            self.at(5 + UInt64(number) * ticks) { self.application(pair.from.chain).call(pair, timeout: blocks) }
        }
    }
}
