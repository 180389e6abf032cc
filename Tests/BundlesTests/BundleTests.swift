import CanonicalBytes
import Testing

@testable import Bundles

@Suite struct BundleTests {
    private static let monitor = Bundle.Profile(id: "acme-m100", version: "1.2.0")
    private static let pump = Bundle.Profile(id: "acme-pump", version: "0.9.1")

    /// Three messages of two profiles with four Observations.
    private static func sample(_ writer: BundleWriter) throws -> [UInt8] {
        writer.begin("a/1", "{\"hr\":61}", at: 10, profile: self.monitor)
        writer.add(observation: Array("{\"id\":\"1\"}".utf8)[...])
        writer.add(observation: Array("{\"id\":\"2\"}".utf8)[...])
        writer.begin("b/2", "\u{0}\u{1}", at: 11, flags: .retained, profile: self.pump)
        writer.add(observation: Array("{\"id\":\"3\"}".utf8)[...])
        writer.begin("a/1", "", at: -1, profile: self.monitor)
        writer.add(observation: Array("{\"id\":\"4\"}".utf8)[...])
        return try writer.finish()
    }

    @Test("a bundle opens to what was put in, also the second one of a writer")
    func roundTrip() throws {
        let writer = try BundleWriter()
        _ = try Self.sample(writer)
        let data = try Self.sample(writer)
        let bundle = try Bundle(data: data)
        #expect(bundle.profiles == [Self.monitor, Self.pump])
        #expect(bundle.messages.map(\.profile) == [0, 1, 0])
        #expect(bundle.messages.map(\.receivedNs) == [10, 11, -1])
        #expect(bundle.messages.map(\.flags) == [[], .retained, []])
        #expect(bundle.messages.map(\.topic) == ["a/1", "b/2", "a/1"].map { Array($0.utf8) })
        #expect(bundle.messages[1].payload == [0, 1])
        #expect(bundle.observations.map(\.message) == [0, 0, 1, 2])
        #expect(bundle.observations.map(\.json) == (1...4).map { Array("{\"id\":\"\($0)\"}".utf8) })
        #expect(data.count == SizeClass.least)
        #expect(writer.observationCount == 0)
    }

    @Test("any amount of content survives, and the length is always the smallest class that holds it")
    func sizes() throws {
        let writer = try BundleWriter()
        var generator = SystemRandomNumberGenerator()
        var lengths: Set<Int> = []
        for count in [1, 900, 1_000, 1_100, 1_400, 2_000, 3_000, 70_000, 1 << 20] {
            // Random bytes do not shrink, so that every class up to the largest is met.
            let json = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            writer.begin("t", "p", at: 0, profile: Self.monitor)
            writer.add(observation: json[...])
            let data = try writer.finish()
            #expect(try Bundle(data: data).observations.map(\.json) == [json])
            lengths.insert(data.count)
        }
        #expect(lengths.count >= 6)
    }

    @Test("size classes are the powers of the root of two from 1 KiB, rounded up")
    func classes() {
        #expect((0...6).map(SizeClass.bytes(at:)) == [1_024, 1_449, 2_048, 2_897, 4_096, 5_793, 8_192])
        #expect(SizeClass.smallest(holding: 0) == 1_024)
        #expect(SizeClass.smallest(holding: 1_024) == 1_024)
        #expect(SizeClass.smallest(holding: 1_025) == 1_449)
        #expect(SizeClass.smallest(holding: 1 << 31) == 1 << 31)
        #expect(SizeClass.smallest(holding: 1 << 31 + 1) == nil)
    }

    @Test("cutting, lengthening or changing a bundle is noticed or changes what it holds")
    func damage() throws {
        let data = try Self.sample(BundleWriter())
        let original = try Bundle(data: data)
        for length in [0, 3, 4, 100, data.count - 1] {
            #expect(throws: ProtocolFailure.self) { try Bundle(data: Array(data[..<length])) }
        }
        #expect(throws: ProtocolFailure.self) { try Bundle(data: data + [0]) }
        // A bundle in the next class is not the smallest.
        #expect(throws: ProtocolFailure.self) { try Bundle(data: data + [UInt8](repeating: 0, count: 425)) }
        for index in data.indices {
            var changed = data
            changed[index] ^= 0x10
            if let opened = try? Bundle(data: changed) { #expect(opened != original, "byte \(index)") }
        }
    }

    /// An encoding and why it is refused.
    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let encoded: [UInt8]

        init(_ why: String, _ write: (inout CanonicalWriter) -> Void) {
            self.testDescription = why
            var writer = CanonicalWriter()
            writer.magic("WLM1")
            write(&writer)
            self.encoded = writer.bytes
        }
    }

    private static let refusals = [
        Refusal("a profile twice") {
            $0.profiles(["p", "p"])
            $0.messages([0, 1])
            $0.observations([0, 1])
        },
        Refusal("profiles in another order than their use") {
            $0.profiles(["p", "q"])
            $0.messages([1, 0])
            $0.observations([0, 1])
        },
        Refusal("a profile that is not used") {
            $0.profiles(["p", "q"])
            $0.messages([0])
            $0.observations([0])
        },
        Refusal("a profile that is missing") {
            $0.profiles([])
            $0.messages([0])
            $0.observations([0])
        },
        Refusal("unknown flags") {
            $0.profiles(["p"])
            $0.messages([0], flags: 2)
            $0.observations([0])
        },
        Refusal("a message without an Observation") {
            $0.profiles(["p"])
            $0.messages([0, 0])
            $0.observations([0])
        },
        Refusal("a message left out") {
            $0.profiles(["p"])
            $0.messages([0, 0])
            $0.observations([1])
        },
        Refusal("Observations out of order") {
            $0.profiles(["p"])
            $0.messages([0, 0])
            $0.observations([0, 1, 0])
        },
        Refusal("a count beyond the end") {
            $0.profiles(["p"])
            $0.u32(.max)
        },
        Refusal("bytes left over") {
            $0.profiles(["p"])
            $0.messages([0])
            $0.observations([0])
            $0.u8(0)
        },
    ]

    @Test("an encoding that no agent writes is refused", arguments: refusals)
    func refused(_ refusal: Refusal) {
        let failure = #expect(throws: ProtocolFailure.self) { try Bundle(encoded: refusal.encoded) }
        #expect(failure?.code == .format)
    }

    @Test("a small input that expands without end stops at the limit")
    func bomb() throws {
        let writer = try BundleWriter()
        writer.begin("t", "p", at: 0, profile: Self.monitor)
        writer.add(observation: [UInt8](repeating: 32, count: 8 << 20)[...])
        let data = try writer.finish()
        #expect(data.count < 64 << 10)
        #expect(throws: ProtocolFailure.self) {
            try Bundle(data: data, limits: BundleLimits(inflatedBytesMax: 1 << 20))
        }
        #expect(try Bundle(data: data).observations[0].json.count == 8 << 20)
    }
}

extension BundleWriter {
    fileprivate func begin(
        _ topic: String,
        _ payload: String,
        at time: Int64,
        flags: Bundle.Flags = [],
        profile: Bundle.Profile
    ) {
        self.beginMessage(
            topic: Array(topic.utf8)[...],
            payload: Array(payload.utf8)[...],
            receivedNs: time,
            flags: flags,
            profile: profile
        )
    }
}

extension CanonicalWriter {
    fileprivate mutating func profiles(_ names: [String]) {
        self.u16(UInt16(names.count))
        for name in names {
            self.lengthPrefixed(name)
            self.lengthPrefixed("1")
        }
    }

    fileprivate mutating func messages(_ profiles: [UInt16], flags: UInt8 = 0) {
        self.u32(UInt32(profiles.count))
        for profile in profiles {
            self.u64(0)
            self.u8(flags)
            self.u16(profile)
            self.lengthPrefixed("t")
            self.lengthPrefixed("p")
        }
    }

    fileprivate mutating func observations(_ messages: [UInt32]) {
        self.u32(UInt32(messages.count))
        for message in messages {
            self.u32(message)
            self.lengthPrefixed("{}")
        }
    }
}
