internal import Certificates
package import Hummingbird
internal import Synchronization

/// What those without a certificate may ask.
package struct StrangerRates: Sendable, Hashable {
    /// Of one network.
    package let each: Rate
    /// Of all of them together.
    package let together: Rate

    package init(each: Rate, together: Rate) {
        self.each = each
        self.together = together
    }

    /// One network gets half of what all of them get.
    package init(together: Rate) {
        let burst = max(1, together.burst / 2)
        self.init(each: Rate(perSecond: together.perSecond / 2, burst: burst), together: together)
    }
}

/// A token bucket per party: 429 with `Retry-After` for who asks too often.
///
/// A client without a certificate is known by its network. Parties and strangers are counted apart, so that no flood of
/// strangers takes a party's share.
package final class RateLimit: RouterMiddleware {
    package typealias Context = SecureRequestContext

    private struct State {
        var parties: TokenBuckets<PartyName>
        var networks: TokenBuckets<String>
        var strangers: TokenBuckets<Int>?
    }

    private static let bucketsMax = 10_000

    private let seconds: @Sendable () -> Double
    private let state: Mutex<State>

    /// - Parameters:
    ///   - perSecond: requests that a party may make in the long run, above 0.
    ///   - burst: requests that it may make at once, at least 1.
    ///   - strangers: what clients without a certificate may; nil: each network as much as a party.
    package convenience init(perSecond: Double, burst: Double, strangers: StrangerRates? = nil) {
        let origin = ContinuousClock.now
        self.init(perSecond: perSecond, burst: burst, strangers: strangers) { (ContinuousClock.now - origin).seconds }
    }

    /// - Parameters:
    ///   - perSecond: requests that a party may make in the long run, above 0.
    ///   - burst: requests that it may make at once, at least 1.
    ///   - strangers: what clients without a certificate may; nil: each network as much as a party.
    ///   - seconds: a clock that never goes back.
    package init(
        perSecond: Double,
        burst: Double,
        strangers: StrangerRates? = nil,
        seconds: @escaping @Sendable () -> Double
    ) {
        let rate = Rate(perSecond: perSecond, burst: burst)
        self.seconds = seconds
        self.state = Mutex(
            State(
                parties: TokenBuckets(rate, bucketsMax: Self.bucketsMax),
                networks: TokenBuckets(strangers?.each ?? rate, bucketsMax: Self.bucketsMax),
                strangers: strangers.map { TokenBuckets($0.together, bucketsMax: 1) }
            )
        )
    }

    package func handle(
        _ request: Request,
        context: SecureRequestContext,
        next: (Request, SecureRequestContext) async throws -> Response
    ) async throws -> Response {
        try self.admit(context.origin)
        return try await next(request, context)
    }

    /// Counts a request.
    ///
    /// - Throws: ``Problem`` 429 when it is one too many.
    package func admit(_ origin: RequestOrigin) throws {
        guard let wait = self.take(origin) else { return }
        var problem = Problem(.tooManyRequests, code: "too-many-requests", detail: "wait before asking again")
        problem.headers[.retryAfter] = "\(max(1, Int(wait.rounded(.up))))"
        throw problem
    }

    /// Takes a token.
    ///
    /// - Returns: nil when there was one, otherwise the seconds until there is.
    func take(_ origin: RequestOrigin) -> Double? {
        let now = self.seconds()
        return self.state.withLock { state in
            switch origin {
            case .party(let name): state.parties.take(name, at: now)
            // A network that asks too often takes nothing of what the others have together.
            case .stranger(let network):
                state.networks.take(network, at: now) ?? state.strangers?.take(0, at: now)
            }
        }
    }
}
