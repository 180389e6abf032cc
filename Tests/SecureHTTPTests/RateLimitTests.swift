import Synchronization
import Testing

@testable import SecureHTTP

@Suite struct RateLimitTests {
    @Test func `tokens come back with time up to the burst`() {
        let clock = Mutex(0.0)
        let limit = RateLimit(perSecond: 2, burst: 3) { clock.withLock { $0 } }
        for _ in 0..<3 { #expect(limit.take("a") == nil) }
        #expect(limit.take("a") == 0.5)
        clock.withLock { $0 = 0.5 }
        #expect(limit.take("a") == nil)
        #expect(limit.take("a") != nil)
        clock.withLock { $0 = 100 }
        for _ in 0..<3 { #expect(limit.take("a") == nil) }
        #expect(limit.take("a") != nil)
    }

    @Test func `a flood of names leaves the known peers their buckets`() {
        let clock = Mutex(0.0)
        let limit = RateLimit(perSecond: 1, burst: 1) { clock.withLock { $0 } }
        #expect(limit.take("known") == nil)
        for name in 0..<9_999 { #expect(limit.take("\(name)") == nil) }
        #expect(limit.take("one too many") != nil)
        clock.withLock { $0 = 1 }
        #expect(limit.take("known") == nil)
        #expect(limit.take("one too many") == nil)
    }
}
