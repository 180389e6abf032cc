import CanonicalBytes
import Testing

@testable import IBTP

@Suite struct CodecTests {
    @Test func everyMessageIsReadBackAsItWasWritten() throws {
        var chance = Chance(seed: 1)
        for _ in 0..<300 {
            let message = try chance.message()
            #expect(try InterchainMessage(bytes: message.bytes) == message)
            let payload = InterchainPayload(
                isEncrypted: chance.flag(),
                content: chance.bytes(),
                hash: chance.bytes()
            )
            #expect(try InterchainPayload(bytes: payload.bytes) == payload)
            let content = InterchainContent(
                function: String(chance.number(), radix: 36),
                arguments: (0..<chance.below(4)).map { _ in chance.bytes() }
            )
            #expect(try InterchainContent(bytes: content.bytes) == content)
            let count = chance.below(4)
            let result = InterchainResult(
                data: (0..<count).map { _ in (0..<chance.below(3)).map { _ in chance.bytes() } },
                statuses: (0..<count).map { _ in chance.flag() }
            )
            #expect(try InterchainResult(bytes: result.bytes) == result)
            let record = TransactionRecord(height: chance.number(), status: TransactionStatus.allCases[chance.below(6)])
            #expect(try TransactionRecord(bytes: record.bytes) == record)
            let attestation = RelayAttestation(
                status: TransactionStatus.allCases[chance.below(6)],
                signatures: (0..<chance.below(4)).map { _ in chance.bytes() }
            )
            #expect(try RelayAttestation(bytes: attestation.bytes) == attestation)
        }
        let batch = MessageBatch(messages: try (0..<20).map { _ in try chance.message() })
        #expect(try MessageBatch(bytes: batch.bytes) == batch)
    }

    @Test func aMessageWithoutValuesHasNoBytes() throws {
        let empty = InterchainMessage(from: "", to: "", index: 0)
        #expect(empty.bytes.isEmpty)
        #expect(try InterchainMessage(bytes: []) == empty)
        // A group is there although nothing is in it.
        var grouped = empty
        grouped.group = try ServiceIndices([])
        #expect(grouped.bytes == [0x42, 0])
        #expect(try InterchainMessage(bytes: [0x42, 0]).group?.entries == [])
    }

    @Test func aNegativeNumberTakesTenBytes() throws {
        let message = InterchainMessage(from: "", to: "", index: 0, timeoutHeight: -1)
        #expect(message.bytes == [0x28] + [UInt8](repeating: 0xFF, count: 9) + [1])
        #expect(try InterchainMessage(bytes: message.bytes).timeoutHeight == -1)
    }

    /// Encodings that protobuf allows and that are not the one of their values.
    @Test(arguments: [
        ("a field that nobody published", "18 05 68 01"),
        ("fields that do not ascend", "20 01 18 05"),
        ("a default written out", "18 05 20 00"),
        ("a number with a needless byte", "18 85 00"),
        ("a field twice", "18 04 18 05"),
        ("numbers of a list that are not packed", "18 05 42 05 0a 01 61 10 07"),
        ("a list in two parts", "42 03 0a 01 61 42 02 10 07"),
        ("a truth other than 1", "60 02"),
    ])
    func anotherEncodingIsReadTolerantlyOnly(_ name: String, _ hex: String) throws {
        let bytes = try #require([UInt8](hex: hex.filter { $0 != " " }))
        #expect(try refusal { try InterchainMessage(bytes: bytes) } == .format, "\(name)")
        let message = try InterchainMessage(bytes: bytes, .tolerant)
        #expect(try InterchainMessage(bytes: message.bytes) == message)
    }

    @Test func fieldsThatNobodyPublishedAreInNoHash() throws {
        var chance = Chance(seed: 2)
        let message = try chance.message()
        let foreign = [0xC0, 0x3E, 7] + message.bytes + [0xCA, 0x3E, 2, 1, 2]
        let read = try InterchainMessage(bytes: foreign, .tolerant)
        #expect(read == message)
        #expect(read.hash == message.hash)
    }

    @Test(arguments: [
        ("cut off in a tag", "80"),
        ("cut off in a number", "18 80"),
        ("cut off in bytes", "0a 05 61"),
        ("a length of 2^64 - 1", "3a ff ff ff ff ff ff ff ff ff 01"),
        ("a number of 65 bits", "18 ff ff ff ff ff ff ff ff ff 02"),
        ("a number of eleven bytes", "18 ff ff ff ff ff ff ff ff ff ff 01"),
        ("field 0", "00 01"),
        ("a group of protobuf 1", "1b 1c"),
        ("a wire type that does not exist", "1f"),
        ("text in a number's field", "1a 01 61"),
        ("a number in a text's field", "08 01"),
        ("a text that is not UTF-8", "0a 01 ff"),
        ("type 5", "20 05"),
        ("type -1", "20 ff ff ff ff ff ff ff ff ff 01"),
        ("more services than numbers", "42 03 0a 01 61"),
        ("more numbers than services", "42 03 12 01 07"),
        ("a number cut off in a list", "42 06 0a 01 61 12 01 80"),
        ("a version of 33 bytes", "4a 21" + String(repeating: " 61", count: 33)),
    ])
    func hostileBytesAreRefused(_ name: String, _ hex: String) throws {
        let bytes = try #require([UInt8](hex: hex.filter { $0 != " " }))
        for reading in WireReading.allCases {
            #expect(try refusal { try InterchainMessage(bytes: bytes, reading) } == .format, "\(name)")
        }
    }

    @Test func aServiceTwiceInAGroupIsRefused() throws {
        let bytes: [UInt8] = [0x42, 10, 0x0A, 1, 0x61, 0x0A, 1, 0x61, 0x12, 2, 7, 7]
        #expect(try refusal { try InterchainMessage(bytes: bytes) } == .duplicate)
    }

    @Test func everyListHasABound() throws {
        let argument: [UInt8] = [0x12, 0]
        let arguments = { (count: Int) in [[UInt8]](repeating: argument, count: count).flatMap { $0 } }
        #expect(try InterchainContent(bytes: arguments(256)).arguments.count == 256)
        #expect(try refusal { try InterchainContent(bytes: arguments(257)) } == .format)
        #expect(try RelayAttestation(bytes: arguments(256)).signatures.count == 256)
        #expect(try refusal { try RelayAttestation(bytes: arguments(257)) } == .format)
        #expect(try refusal { try InterchainResult(bytes: arguments(65)) } == .format)
        #expect(
            try refusal { try MessageBatch(bytes: arguments(0) + [UInt8](repeating: 0, count: 9 << 20)) } == .format
        )
        let packed: [UInt8] = [0x42, 68, 0x12, 66] + [UInt8](repeating: 1, count: 66)
        #expect(try refusal { try InterchainMessage(bytes: packed) } == .format)
        let unknown = [[UInt8]](repeating: [0xC0, 0x3E, 7], count: 4_097).flatMap { $0 }
        #expect(try refusal { try InterchainMessage(bytes: unknown, .tolerant) } == .format)
        let long = [0x32, 0x80, 0x80, 0x40] + [UInt8](repeating: 1, count: 1 << 20)
        #expect(try refusal { try InterchainMessage(bytes: long) } == .format)
        let batch = [[UInt8]](repeating: [0x0A, 0], count: 1_025).flatMap { $0 }
        #expect(try refusal { try MessageBatch(bytes: batch) } == .format)
        #expect(try MessageBatch(bytes: Array(batch.dropLast(2))).messages.count == 1_024)
    }

    @Test func damagedMessagesAreRefusedOrReadAsAnother() throws {
        var chance = Chance(seed: 3)
        var refused = 0
        for _ in 0..<2_000 {
            var bytes = try chance.message().bytes
            guard !bytes.isEmpty else { continue }
            bytes[chance.below(bytes.count)] ^= 1 << UInt8(chance.below(8))
            if chance.flag() { bytes.removeLast(chance.below(bytes.count)) }
            if let message = try? InterchainMessage(bytes: bytes) {
                #expect(message.bytes == bytes)
            } else {
                refused += 1
            }
        }
        #expect(refused > 200)
    }
}
