internal import Synchronization

/// How a request ended.
package struct RequestOutcome: Sendable, Hashable {
    /// The route's template, never the path itself; `unmatched` when there is none.
    package let route: String
    package let method: String
    package let status: Int
    package let seconds: Double
}

/// Counts requests by route, method and status, for `/metrics`; with it stands what the server says of itself.
package final class RequestMetrics: Sendable {
    private let sums = Mutex<[Key: Sum]>([:])
    private let server = Mutex<ServerFigures?>(nil)

    package init() {}

    /// Says from now on what a server says of itself.
    func add(_ figures: ServerFigures) { self.server.withLock { $0 = figures } }

    package func record(_ outcome: RequestOutcome) {
        let key = Key(route: outcome.route, method: Self.known(outcome.method), status: outcome.status)
        self.sums.withLock {
            $0[key, default: Sum()].count += 1
            $0[key, default: Sum()].seconds += outcome.seconds
        }
    }

    /// Prometheus text exposition, format 0.0.4.
    package var text: String {
        let rows = self.sums.withLock { Array($0) }.map { (labels: $0.key.labels, sum: $0.value) }
            .sorted { $0.labels < $1.labels }
        let own = self.server.withLock { $0 }?.text ?? ""
        guard !rows.isEmpty else { return own }
        let counts = rows.map { "wardline_http_requests_total{\($0.labels)} \($0.sum.count)\n" }.joined()
        let seconds = rows.map { "wardline_http_request_seconds_total{\($0.labels)} \($0.sum.seconds)\n" }.joined()
        return """
            # HELP wardline_http_requests_total Requests answered.
            # TYPE wardline_http_requests_total counter
            \(counts)# HELP wardline_http_request_seconds_total Time spent on requests.
            # TYPE wardline_http_request_seconds_total counter
            \(seconds)\(own)
            """
    }

    /// A client chooses its method's name: others than the usual ones share one row.
    private static func known(_ method: String) -> String {
        ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"].contains(method) ? method : "other"
    }

    private struct Key: Hashable {
        let route: String
        let method: String
        let status: Int

        var labels: String { #"route="\#(self.route)",method="\#(self.method)",status="\#(self.status)""# }
    }

    private struct Sum {
        var count: UInt64 = 0
        var seconds = 0.0
    }
}
