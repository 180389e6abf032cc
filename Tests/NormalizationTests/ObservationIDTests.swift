import Records
import Testing
import Units

@testable import Normalization

/// The expected ids were computed by another program from the description of ``ReadingIdentity``.
@Suite struct ObservationIDTests {
    private func id(_ reading: Reading, context: MessageContext = Samples.context()) throws -> String {
        let normalized = try #require(Samples.normalize([reading], context: context).first)
        return ObservationID(normalized.observation).description
    }

    @Test("ids are the same in every process")
    func fixedIDs() throws {
        #expect(try self.id(Samples.rate()) == "fab2dd2a4646a07133b9c43a2b6ace7f")
        #expect(try self.id(Samples.rate(channel: "pleth")) == "c0bd3c9d5578aabbf8d9490f38796a58")
        #expect(try self.id(Samples.rate(sequence: "4711")) == "deb8c5ac197c1379940d6887160407b0")
        #expect(try self.id(Samples.rate(99, sequence: "4711")) == "deb8c5ac197c1379940d6887160407b0")
        #expect(try self.id(Samples.alarm()) == "76a271d23581da52b8138d40b3272b1f")
    }

    @Test("readings without a device time are identified by their message, retained ones by its content alone")
    func timelessIDs() throws {
        let reading = Samples.rate(at: nil)
        #expect(try self.id(reading) == "061d21dfbe855e593384c6a996dfdf45")
        #expect(try self.id(reading, context: Samples.context(number: 2)) == "a2b2bf7f6f2e2935355077f23a457443")
        let retained = "1ee5f074e9c49d9579b32fece6c547bd"
        #expect(try self.id(reading, context: Samples.context(number: 3, retained: true)) == retained)
        #expect(try self.id(reading, context: Samples.context(receivedAt: 5, number: 4, retained: true)) == retained)
    }

    @Test("receive time, message, profile and clock correction do not change the id of a timed reading")
    func independence() throws {
        let other = Samples.context(receivedAt: Samples.start + 7 * Samples.second, number: 99, retained: true)
        #expect(try self.id(Samples.rate(), context: other) == "fab2dd2a4646a07133b9c43a2b6ace7f")
        let fast = Samples.rate(at: Samples.time(18_000))
        #expect(try self.id(fast) == "2d441cc5895d8ad21228e8ee42fedebf")
        let trusting = Samples.context(policy: ClockPolicy(mode: .trust))
        #expect(try self.id(fast, context: trusting) == "2d441cc5895d8ad21228e8ee42fedebf")
    }

    @Test("a reading has the same id alone and among others")
    func grouping() throws {
        let together = Samples.normalize([Samples.rate(60, channel: "ecg"), Samples.rate()])
        #expect(ObservationID(together[1].observation).description == "fab2dd2a4646a07133b9c43a2b6ace7f")
    }

    @Test(
        "everything that tells readings apart changes id and key",
        arguments: [
            Samples.rate(73), Samples.rate(at: Samples.time(1)), Samples.rate(channel: "ecg"),
            Samples.rate(sequence: "1"),
            Samples.rate(at: nil), Samples.alarm(),
            Reading(
                concept: Samples.heartRate,
                value: .quantity(ExactDecimal(significand: 720, exponent: -1), Samples.perMinute),
                deviceTime: Samples.time()
            ),
            Reading(
                concept: Samples.heartRate,
                value: .quantity(ExactDecimal(72), Samples.mmHg),
                deviceTime: Samples.time()
            ),
            Reading(concept: Samples.heartRate, value: .absent(.unknown), deviceTime: Samples.time()),
            Reading(concept: Samples.temperature, value: Samples.rate().value, deviceTime: Samples.time()),
        ]
    )
    func difference(reading: Reading) throws {
        let plain = try #require(Samples.normalize([Samples.rate()]).first)
        let other = try #require(Samples.normalize([reading]).first)
        #expect(ObservationID(plain.observation) != ObservationID(other.observation))
        #expect(plain.key != other.key)
    }

    @Test("fields cannot run into each other")
    func unambiguousFields() throws {
        let left = try self.id(Samples.rate(channel: "ab", sequence: "c"))
        let right = try self.id(Samples.rate(channel: "a", sequence: "bc"))
        #expect(left != right)
    }

    @Test("the deduplication key is the device's millisecond and a keyed hash")
    func dedupKey() throws {
        let key = try #require(Samples.normalize([Samples.rate()]).first?.key)
        #expect(key == DedupKey(timeMilliseconds: Samples.start / 1_000_000, hash: 0xd6d2_5d69_8040_0b07))
        var scratch: [UInt8] = []
        let observation = try #require(Samples.normalize([Samples.rate()]).first?.observation)
        #expect(DedupSecret(key0: 1, key1: 2).key(of: observation, scratch: &scratch).hash != key.hash)
    }

    @Test("a redelivered timed reading has the same key; an equal reading without a time in another message has not")
    func redelivery() {
        let later = Samples.context(receivedAt: Samples.start + 9 * Samples.second, number: 2)
        #expect(
            Samples.normalize([Samples.rate()]).map(\.key)
                == Samples.normalize([Samples.rate()], context: later).map(\.key)
        )
        let timeless = Samples.rate(at: nil)
        #expect(
            Samples.normalize([timeless]).map(\.key)
                != Samples.normalize([timeless], context: Samples.context(number: 2)).map(\.key)
        )
        let twice = Samples.normalize([timeless, timeless])
        #expect(twice[0].key != twice[1].key)
    }

    @Test("the broker's repetitions of a retained message without a time meet on one key per day")
    func retainedRepetition() {
        func key(_ seconds: Int64) -> [DedupKey] {
            let context = Samples.context(
                receivedAt: Samples.start + seconds * Samples.second,
                number: UInt64(seconds),
                retained: true
            )
            return Samples.normalize([Samples.rate(at: nil)], context: context).map(\.key)
        }
        #expect(key(1) == key(3600))
        #expect(key(1) != key(86_400))
    }
}
