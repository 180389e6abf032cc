import CanonicalBytes
import Certificates
import Credentials
import Testing

@testable import PeerTransport

@Suite struct HelloTests {
    private let hello = PeerHello(chain: [1, 2, 3], genesis: TestSite.genesis, number: 513, session: 9)

    @Test func `a hello has the fixed encoding`() throws {
        let expected =
            Array("WLPH".utf8) + [0, 1, 0, 0, 0, 3, 1, 2, 3] + TestSite.genesis + [2, 1] + [0, 0, 0, 0, 0, 0, 0, 9]
        #expect(self.hello.bytes == expected)
        #expect(try PeerHello(bytes: expected) == self.hello)
    }

    @Test func `no part of a hello is one`() {
        let bytes = self.hello.bytes
        for count in 0..<bytes.count {
            #expect(throws: ProtocolFailure.self) { try PeerHello(bytes: Array(bytes[..<count])) }
        }
        #expect(throws: ProtocolFailure.self) { try PeerHello(bytes: bytes + [0]) }
    }

    @Test func `of another version only the version is read`() throws {
        #expect(try PeerHello(bytes: Array("WLPH".utf8) + [0, 2, 99]).version == 2)
    }

    @Test func `a hello is short`() {
        let long = PeerHello(chain: [UInt8](repeating: 1, count: 500), genesis: TestSite.genesis, number: 1, session: 1)
        #expect(throws: ProtocolFailure.self) { try PeerHello(bytes: long.bytes) }
    }

    @Test(arguments: 0..<300 as Range<UInt64>)
    func `a changed hello is refused or says what it encodes`(seed: UInt64) throws {
        var seeded = SeededGenerator(seed: seed)
        var bytes = self.hello.bytes
        for _ in 0..<Int.random(in: 1...4, using: &seeded) {
            let index = Int.random(in: 0..<bytes.count, using: &seeded)
            bytes[index] = UInt8.random(in: 0...255, using: &seeded)
        }
        guard let read = try? PeerHello(bytes: bytes), read.version == PeerHello.currentVersion else { return }
        #expect(read.bytes == bytes)
    }

    @Test(arguments: 0..<300 as Range<UInt64>)
    func `any bytes as a control frame are none or encode to themselves`(seed: UInt64) {
        var seeded = SeededGenerator(seed: seed)
        let count = Int.random(in: 0...3, using: &seeded)
        let frame = Frame(kind: UInt8.random(in: 0xEF...0xF5, using: &seeded), bytes: seeded.bytes(count))
        #expect(ControlFrame(frame).map { $0.frame == frame } ?? true)
    }

    @Test(arguments: PeerRefusal.allCases)
    func `every refusal says why and what to do`(refusal: PeerRefusal) {
        #expect(ControlFrame(ControlFrame.refusal(refusal).frame) == .refusal(refusal))
        #expect(!refusal.description.isEmpty && !refusal.advice.isEmpty)
    }
}

@Suite struct AdmissionTests {
    private let site: TestSite
    private let two: Identity

    init() throws {
        self.site = try TestSite()
        self.two = try self.site.identity(2)
    }

    private func refusal(
        _ hello: PeerHello,
        dialed: UInt16? = nil,
        expecting: UInt16? = 2,
        by identity: Identity? = nil,
        revoked: [[UInt8]] = [],
        at now: UInt64 = TestSite.now
    ) throws -> PeerRefusal? {
        Admission(own: TestSite.hello(1), revocations: Revoked(revoked)).refusal(
            of: hello,
            by: (identity ?? self.two).peer,
            dialed: dialed,
            expecting: try expecting.map { try TestSite.name($0) },
            at: now
        )
    }

    @Test func `the right validator is let in`() throws {
        #expect(try self.refusal(TestSite.hello(2)) == nil)
        #expect(try self.refusal(TestSite.hello(2), dialed: 2) == nil)
    }

    @Test func `each difference has its own reason`() throws {
        let chain = Array("test-chain".utf8)
        let genesis = TestSite.genesis
        let version = PeerHello(version: 2, chain: chain, genesis: genesis, number: 2, session: 1)
        let otherChain = PeerHello(chain: [1], genesis: genesis, number: 2, session: 1)
        let otherGenesis = PeerHello(chain: chain, genesis: Array(genesis.dropLast()) + [0], number: 2, session: 1)
        #expect(try self.refusal(version) == .version)
        #expect(try self.refusal(otherChain) == .chain)
        #expect(try self.refusal(otherGenesis) == .genesis)
        #expect(try self.refusal(TestSite.hello(1)) == .ownNumber)
        #expect(try self.refusal(TestSite.hello(2), by: self.site.identity(2, .gateway)) == .role)
        #expect(try self.refusal(TestSite.hello(2), expecting: nil) == .unknownNumber)
        #expect(try self.refusal(TestSite.hello(3), expecting: 3) == .otherName)
        #expect(try self.refusal(TestSite.hello(2), dialed: 3) == .otherNumber)
        #expect(try self.refusal(TestSite.hello(2), revoked: [self.two.peer.fingerprint]) == .revoked)
        #expect(try self.refusal(TestSite.hello(2), at: self.two.peer.notAfter + 1) == .expired)
    }
}
