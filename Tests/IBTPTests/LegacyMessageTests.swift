import CanonicalBytes
import IBTP
import Testing

@Suite struct LegacyMessageTests {
    /// from "a", to "b", index 3, type 3, field 5 = 7, group {c: 1}, and a version.
    private static func bytes(_ version: String) -> [UInt8] {
        [0x0A, 1, 0x61, 0x12, 1, 0x62, 0x18, 3, 0x20, 3, 0x28, 7, 0x42, 6, 0x0A, 1, 0x63, 0x12, 1, 1]
            + (version.isEmpty ? [] : [0x4A, UInt8(version.utf8.count)] + Array(version.utf8)) + [0x52, 1, 9]
    }

    @Test(arguments: ["1.1", "1.2.0", "v1.6.5", "1.6"])
    func anOldMessageIsReadAsOne(_ version: String) throws {
        guard case .legacy(let message) = try VersionedMessage(bytes: Self.bytes(version)) else {
            Issue.record("not read as an old message")
            return
        }
        #expect(message.from == "a")
        #expect(message.to == "b")
        #expect(message.index == 3)
        #expect(message.kind == .rollback)
        #expect(message.timestamp == 7)
        #expect(message.group?["c"] == 1)
        #expect(message.extra == [9])
    }

    @Test(arguments: ["", "2", "2.8.0", "v1.28.0", "1.20"])
    func aMessageOfToDayIsReadAsOne(_ version: String) throws {
        guard case .current(let message) = try VersionedMessage(bytes: Self.bytes(version)) else {
            Issue.record("not read as a message of version 2")
            return
        }
        #expect(message.type == .receiptRollback)
        #expect(message.timeoutHeight == 7)
    }

    @Test(arguments: ["1.0.0", "1.7", "1.19.9", "3", "0.9", "x", "1.", ".1", "1.2.3.4.5", "1.+2", "99999999999"])
    func whatMayBeEitherIsNotGuessedAt(_ version: String) throws {
        #expect(try refusal { try VersionedMessage(bytes: Self.bytes(version)) } == .format)
    }

    @Test func theChainsVersionCountsBeforeTheMessages() throws {
        guard case .legacy(let message) = try VersionedMessage(bytes: Self.bytes("2.8.0"), version: "1.6") else {
            Issue.record("not read as an old message")
            return
        }
        #expect(message.version == "2.8.0")
    }

    @Test func aTypeThatTheVersionDoesNotHaveIsRefused() throws {
        #expect(try refusal { try VersionedMessage(bytes: [0x20, 9], version: "1.6") } == .format)
        #expect(try refusal { try VersionedMessage(bytes: [0x20, 5], version: "2.0") } == .format)
    }

    @Test func anOldCallIsRead() throws {
        let bytes: [UInt8] = [
            0x0A, 1, 0x61, 0x12, 1, 0x62, 0x1A, 1, 0x63, 0x22, 1, 1, 0x22, 1, 2, 0x2A, 1, 0x64, 0x32, 1, 3, 0x3A, 1,
            0x65,
            0x42, 1, 4,
        ]
        let content = try LegacyContent(bytes: bytes)
        #expect(content.sourceContract == "a")
        #expect(content.destinationContract == "b")
        #expect(content.function == "c")
        #expect(content.arguments == [[1], [2]])
        #expect(content.callback == "d")
        #expect(content.callbackArguments == [[3]])
        #expect(content.rollback == "e")
        #expect(content.rollbackArguments == [[4]])
        #expect(try refusal { try LegacyContent(bytes: [0x0A, 5, 1]) } == .format)
    }
}
