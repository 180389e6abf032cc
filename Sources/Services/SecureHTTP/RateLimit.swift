internal import Certificates
package import Hummingbird
internal import Synchronization

/// A token bucket per peer: 429 with `Retry-After` for who asks too often.
///
/// A client without a certificate is known by its address.
package final class RateLimit: RouterMiddleware {
    package typealias Context = SecureRequestContext
    /// Buckets kept; beyond it, those that are full again are dropped, then everyone unknown is refused.
    private static let bucketsMax = 10_000

    private let perSecond: Double
    private let burst: Double
    private let seconds: @Sendable () -> Double
    private let buckets = Mutex<[String: Bucket]>([:])

    /// - Parameters:
    ///   - perSecond: requests that a peer may make in the long run, above 0.
    ///   - burst: requests that it may make at once, at least 1.
    package convenience init(perSecond: Double, burst: Double) {
        let origin = ContinuousClock.now
        self.init(perSecond: perSecond, burst: burst) { (ContinuousClock.now - origin).seconds }
    }

    /// - Parameters:
    ///   - perSecond: requests that a peer may make in the long run, above 0.
    ///   - burst: requests that it may make at once, at least 1.
    ///   - seconds: a clock that never goes back.
    package init(perSecond: Double, burst: Double, seconds: @escaping @Sendable () -> Double) {
        precondition(perSecond > 0 && burst >= 1)
        self.perSecond = perSecond
        self.burst = burst
        self.seconds = seconds
    }

    package func handle(
        _ request: Request,
        context: SecureRequestContext,
        next: (Request, SecureRequestContext) async throws -> Response
    ) async throws -> Response {
        if let wait = self.take(context.peer?.description ?? context.remoteAddress) {
            var problem = Problem(.tooManyRequests, code: "too-many-requests", detail: "wait before asking again")
            problem.headers[.retryAfter] = "\(max(1, Int(wait.rounded(.up))))"
            throw problem
        }
        return try await next(request, context)
    }

    /// Takes a token.
    ///
    /// - Returns: nil when there was one, otherwise the seconds until there is.
    func take(_ peer: String) -> Double? {
        let now = self.seconds()
        return self.buckets.withLock { buckets in
            if buckets[peer] == nil, buckets.count >= Self.bucketsMax {
                buckets = buckets.filter { self.tokens(in: $0.value, at: now) < self.burst }
                guard buckets.count < Self.bucketsMax else { return 1 }
            }
            let tokens = buckets[peer].map { self.tokens(in: $0, at: now) } ?? self.burst
            guard tokens >= 1 else {
                buckets[peer] = Bucket(tokens: tokens, at: now)
                return (1 - tokens) / self.perSecond
            }
            buckets[peer] = Bucket(tokens: tokens - 1, at: now)
            return nil
        }
    }

    private func tokens(in bucket: Bucket, at now: Double) -> Double {
        min(self.burst, bucket.tokens + (now - bucket.at) * self.perSecond)
    }

    private struct Bucket {
        let tokens: Double
        let at: Double
    }
}
