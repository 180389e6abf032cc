internal import Certificates
package import Credentials
package import Hummingbird
package import Logging
package import SecureHTTP

/// The HTTP interface of a validator: for clients who believe nothing that is not proven.
///
/// What is final is open to everybody, and so is handing in a transaction, which its own signature vouches for: a
/// pseudonymous party must not have to show a certificate that names it. A certificate that is shown must be valid.
package struct ChainAPI: Sendable {
    let backend: any ChainBackend
    let limits: ChainAPILimits
    let metrics: ChainMetrics
    let waits: Allowance
    let streams: Allowance
    let listings: Allowance
    let uploads: Allowance
    /// A signature costs more to check than an answer to read.
    let strangerSubmissions: RateLimit

    /// - Parameters:
    ///   - backend: the validator.
    ///   - limits: what clients are granted.
    package init(_ backend: any ChainBackend, limits: ChainAPILimits = ChainAPILimits()) {
        self.backend = backend
        self.limits = limits
        self.metrics = ChainMetrics()
        self.waits = Allowance(total: limits.waitsMax, perParty: limits.waitsMax / 2)
        self.streams = Allowance(total: limits.streamsMax, perParty: limits.streamsMax / 4)
        self.listings = Allowance(total: limits.listingsMax, perParty: limits.listingsMax / 2)
        self.uploads = Allowance(total: limits.bodyBytesHeldMax, perParty: limits.bodyBytesHeldMax / 2)
        self.strangerSubmissions = Self.rate(limits.strangerSubmissionsPerSecond, limits.strangerSubmissionsBurst)
    }

    /// The server of this interface.
    ///
    /// - Parameters:
    ///   - address: host name or address to listen on.
    ///   - port: TCP port; 0 takes a free one.
    ///   - identity: the validator's.
    ///   - revocations: parties with these certificates are refused.
    ///   - directory: where the validator keeps its ledger, for `/metrics`.
    ///   - logger: for the server's own warnings.
    /// - Returns: the server, which runs as a service.
    /// - Throws: when the TLS configuration cannot be made.
    package func server(
        address: String,
        port: Int,
        identity: Identity,
        revocations: (any RevocationSource)?,
        directory: String? = nil,
        logger: Logger
    ) throws -> SecureHTTPServer {
        let rate = Self.rate(self.limits.requestsPerSecond, self.limits.requestsBurst)
        return try SecureHTTPServer(
            name: "wardline",
            address: address,
            port: port,
            identity: identity,
            clientCertificates: .optional,
            limits: self.limits.server,
            revocations: revocations,
            metrics: self.metrics.requests,
            directory: directory,
            router: self.router(behind: [rate]),
            logger: logger
        )
    }

    /// All strangers together may ask as often as one party.
    private static func rate(_ perSecond: Double, _ burst: Double) -> RateLimit {
        let together = Rate(perSecond: perSecond, burst: burst)
        return RateLimit(perSecond: perSecond, burst: burst, strangers: StrangerRates(together: together))
    }

    /// The router with all routes.
    ///
    /// - Parameter middleware: stands before every route, for example a rate limit.
    /// - Returns: a router to serve.
    package func router(
        behind middleware: [any MiddlewareProtocol<Request, Response, SecureRequestContext>] = []
    ) -> Router<SecureRequestContext> {
        let router = Router(context: SecureRequestContext.self)
        for middleware in middleware { router.add(middleware: middleware) }
        for route in self.routes {
            router.on(RouterPath(route.path), method: route.method) { request, context in
                try await route.respond(request, context)
            }
        }
        return router
    }

    /// All there is; the router and the document are held to this list.
    var routes: [ChainRoute] {
        self.transactionRoutes + self.ledgerRoutes + self.eventRoutes + self.operationRoutes
    }

    /// Too much is under way.
    static func busy(_ what: String) -> Problem {
        var problem = Problem(.serviceUnavailable, code: "busy", detail: "too many \(what) at once; try again later")
        problem.headers[.retryAfter] = "1"
        return problem
    }
}
