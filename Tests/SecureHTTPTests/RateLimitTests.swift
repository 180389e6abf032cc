import Certificates
import Synchronization
import Testing

@testable import SecureHTTP

@Suite struct RateLimitTests {
    @Test func `tokens come back with time up to the burst`() {
        let clock = Mutex(0.0)
        let limit = RateLimit(perSecond: 2, burst: 3) { clock.withLock { $0 } }
        for _ in 0..<3 { #expect(limit.take(.stranger(network: "a")) == nil) }
        #expect(limit.take(.stranger(network: "a")) == 0.5)
        clock.withLock { $0 = 0.5 }
        #expect(limit.take(.stranger(network: "a")) == nil)
        #expect(limit.take(.stranger(network: "a")) != nil)
        clock.withLock { $0 = 100 }
        for _ in 0..<3 { #expect(limit.take(.stranger(network: "a")) == nil) }
        #expect(limit.take(.stranger(network: "a")) != nil)
    }

    @Test func `a flood of networks leaves the known ones their buckets`() {
        let clock = Mutex(0.0)
        let limit = RateLimit(perSecond: 1, burst: 1) { clock.withLock { $0 } }
        #expect(limit.take(.stranger(network: "known")) == nil)
        for name in 0..<9_999 { #expect(limit.take(.stranger(network: "\(name)")) == nil) }
        #expect(limit.take(.stranger(network: "one too many")) != nil)
        clock.withLock { $0 = 1 }
        #expect(limit.take(.stranger(network: "known")) == nil)
        #expect(limit.take(.stranger(network: "one too many")) == nil)
    }

    @Test func `strangers together have one budget and a party has its own`() throws {
        let rates = StrangerRates(each: Rate(perSecond: 1, burst: 2), together: Rate(perSecond: 1, burst: 3))
        let limit = RateLimit(perSecond: 1, burst: 4, strangers: rates) { 0 }
        let party = RequestOrigin.party(try #require(PartyName("clinic:gateway:one")))
        let (one, other, third) = ("a", "b", "c")
        for _ in 0..<2 { #expect(limit.take(.stranger(network: one)) == nil) }
        for _ in 0..<50 { #expect(limit.take(.stranger(network: one)) != nil) }
        #expect(limit.take(.stranger(network: other)) == nil, "who asks too often takes nothing from the others")
        #expect(limit.take(.stranger(network: third)) != nil)
        for _ in 0..<4 { #expect(limit.take(party) == nil) }
        #expect(limit.take(party) != nil)
    }

    @Test func `a flood of unknown networks leaves parties their buckets`() throws {
        let limit = RateLimit(perSecond: 1, burst: 1) { 0 }
        for number in 0..<20_000 { _ = limit.take(.stranger(network: "\(number)")) }
        #expect(limit.take(.stranger(network: "late")) != nil)
        #expect(limit.take(.party(try #require(PartyName("clinic:gateway:one")))) == nil)
    }

    @Test(
        arguments: [
            ("10.1.2.3", "10.1.2.3"), ("::ffff:10.1.2.3", "10.1.2.3"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::6", "2001:db8:1:2::/64"), ("2001:db8::6", "2001:db8:0:0::/64"), ("::1", "0:0:0:0::/64"),
            ("fe80::1%eth0", "fe80:0:0:0::/64"), ("2001:0:0:2:3::", "2001:0:0:2::/64"), ("", ""),
        ]
    )
    func `an address belongs to a network`(address: String, network: String) {
        #expect(RequestOrigin.network(of: address) == network)
    }
}
