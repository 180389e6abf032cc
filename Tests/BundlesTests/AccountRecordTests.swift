import CanonicalBytes
import Testing

@testable import Bundles

@Suite struct AccountRecordTests {
    static func line(_ hour: Int64, _ device: String, received: Int64 = 9) -> AccountRecord.Line {
        AccountRecord.Line(
            hour: hour,
            device: device,
            received: received,
            normalized: received - 4,
            deadLettered: 2,
            merged: 1,
            ignored: 1,
            observations: 20,
            late: 3
        )
    }

    private let record = AccountRecord(
        number: 2,
        previous: [UInt8](repeating: 7, count: 32),
        fromHour: 498_000,
        toHour: 498_002,
        lines: [line(498_001, "B"), line(498_000, "Ä"), line(498_000, "A"), line(497_900, "A")]
    )

    @Test("a record opens to what was stated, sorted by hour and device, in a padded size")
    func roundTrip() throws {
        let data = try self.record.data()
        #expect(data.count == SizeClass.smallest(holding: data.count))
        let opened = try AccountRecord(data: data)
        #expect(opened == self.record)
        #expect(opened.lines.map(\.device) == ["A", "A", "Ä", "B"])
        #expect(opened.lines.allSatisfy { $0.balance == 0 })
        #expect(opened.digest == self.record.digest)
    }

    @Test("cutting or lengthening a record is refused, and a changed one has another digest")
    func damage() throws {
        let data = try self.record.data()
        for length in [0, 3, 8, 60, data.count - 1] {
            #expect(throws: ProtocolFailure.self) { try AccountRecord(data: Array(data[..<length])) }
        }
        #expect(throws: ProtocolFailure.self) { try AccountRecord(data: data + [0]) }
        for index in data.indices {
            var changed = data
            changed[index] ^= 1
            if let opened = try? AccountRecord(data: changed) {
                #expect(opened.digest != self.record.digest, "byte \(index)")
            }
        }
    }

    @Test(
        "what no agent writes is refused",
        arguments: [
            AccountRecord(number: 0, previous: [UInt8](repeating: 0, count: 32), fromHour: 1, toHour: 2, lines: []),
            AccountRecord(number: 1, previous: [UInt8](repeating: 0, count: 32), fromHour: 3, toHour: 2, lines: []),
            AccountRecord(
                number: 1,
                previous: [UInt8](repeating: 0, count: 32),
                fromHour: 1,
                toHour: 2,
                lines: [line(2, "A")]
            ),
            AccountRecord(
                number: 1,
                previous: [UInt8](repeating: 0, count: 32),
                fromHour: 1,
                toHour: 2,
                lines: [line(1, "A"), line(1, "A")]
            ),
            AccountRecord(
                number: 1,
                previous: [UInt8](repeating: 0, count: 32),
                fromHour: 1,
                toHour: 2,
                lines: [line(1, "A", received: -1)]
            ),
        ]
    )
    func malformed(_ record: AccountRecord) throws {
        let data = try record.data()
        #expect(throws: ProtocolFailure.self) { try AccountRecord(data: data) }
    }
}
