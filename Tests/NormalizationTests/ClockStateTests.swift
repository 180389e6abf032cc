import Records
import Testing

@testable import Normalization

@Suite struct ClockStateTests {
    private func ledger(devices: Int, offsetSeconds: Int64 = -7200) -> ClockLedger {
        var ledger = ClockLedger()
        for device in 0..<devices {
            _ = ledger.observe(
                device: "M-\(device)",
                sentAt: Samples.time(-offsetSeconds),
                receivedAt: Samples.start + Int64(device),
                policy: ClockPolicy()
            )
        }
        return ledger
    }

    @Test("estimates and counts survive a restart")
    func roundTrip() throws {
        let before = self.ledger(devices: 12)
        var after = try #require(ClockLedger(encoded: before.encoded()))
        #expect(after.encoded() == before.encoded())
        #expect(after.entries.map(\.deviceID).sorted() == before.entries.map(\.deviceID).sorted())
        #expect(after.correction(device: "M-3", policy: ClockPolicy()).offsetNs == -7200 * Samples.second + 3)
        #expect(!after.changed)
        #expect(ClockLedger(encoded: ClockLedger().encoded())?.entries.isEmpty == true)
    }

    @Test("equal states in another order give equal bytes")
    func canonicalOrder() {
        var forward = ClockLedger()
        var backward = ClockLedger()
        for device in ["b", "a", "ä", "aa"] {
            _ = forward.observe(
                device: device,
                sentAt: Samples.time(),
                receivedAt: Samples.start,
                policy: ClockPolicy()
            )
        }
        for device in ["aa", "ä", "a", "b"] {
            _ = backward.observe(
                device: device,
                sentAt: Samples.time(),
                receivedAt: Samples.start,
                policy: ClockPolicy()
            )
        }
        #expect(forward.encoded() == backward.encoded())
    }

    @Test("a state that is cut short anywhere, or goes on, is refused")
    func strictLength() {
        let bytes = self.ledger(devices: 3).encoded()
        for count in 0..<bytes.count { #expect(ClockLedger(encoded: Array(bytes[..<count])) == nil) }
        #expect(ClockLedger(encoded: bytes + [0]) == nil)
    }

    @Test("wrong magic, too many devices, repeated or invalid names and flags are refused")
    func strictContent() {
        let bytes = self.ledger(devices: 2).encoded()
        func damaged(_ index: Int, _ value: UInt8) -> ClockLedger? {
            var copy = bytes
            copy[index] = value
            return ClockLedger(encoded: copy)
        }
        let nameAt = 14
        let secondNameAt = nameAt + 3 + 53 + 2
        #expect(bytes[nameAt] == UInt8(ascii: "M"))
        #expect(bytes[secondNameAt] == UInt8(ascii: "M"))
        #expect(damaged(0, UInt8(ascii: "X")) == nil)
        #expect(damaged(10, 2) == nil)
        #expect(damaged(nameAt, 0xFF) == nil)
        #expect(damaged(secondNameAt + 2, UInt8(ascii: "0")) == nil)
        #expect(damaged(nameAt + 3, 2) == nil)
        #expect(damaged(nameAt + 3, 0) == nil)
    }

    @Test("arbitrary bytes neither trap nor are taken for a state that differs from its own encoding")
    func arbitraryBytes() {
        var generator = SplitMix(state: 11)
        let valid = self.ledger(devices: 2).encoded()
        for _ in 0..<20_000 {
            var bytes = valid
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8(truncatingIfNeeded: generator.next())
            }
            if let ledger = ClockLedger(encoded: bytes) { #expect(ledger.encoded() == bytes) }
        }
    }

    @Test("only what a restart must remember asks to be saved")
    func changes() {
        var ledger = ClockLedger()
        func observe(_ offsetMs: Int64, _ second: Int64) {
            let receivedAt = Samples.start + second * Samples.second
            let sentAt = DateTime(
                nanosecondsSinceEpoch: receivedAt - offsetMs * 1_000_000,
                offsetMinutes: 0,
                fractionDigits: 3
            )
            _ = ledger.observe(device: "M-1", sentAt: sentAt, receivedAt: receivedAt, policy: ClockPolicy())
        }
        #expect(!ledger.changed)
        observe(50, 0)
        #expect(ledger.changed, "a first estimate")
        ledger.markSaved()
        for second in Int64(1)..<100 { observe(50 + second % 7, second) }
        #expect(!ledger.changed, "samples of a right clock")
        observe(-1100, 100)
        #expect(ledger.changed, "a move of more than a second")
        ledger.markSaved()
        for second in Int64(101)..<106 { observe(-3_600_000, second) }
        #expect(ledger.changed, "a jump")
    }

    @Test("when the ledger is full, the devices that have been silent longest are forgotten")
    func bounded() {
        var ledger = self.ledger(devices: ClockLedger.devicesMax)
        #expect(ledger.entries.count == ClockLedger.devicesMax)
        _ = ledger.observe(
            device: "new",
            sentAt: Samples.time(7200),
            receivedAt: Samples.start,
            policy: ClockPolicy()
        )
        #expect(ledger.entries.count == ClockLedger.devicesMax / 2 + 1)
        let newest = "M-\(ClockLedger.devicesMax - 1)"
        #expect(ledger.correction(device: newest, policy: ClockPolicy()).offsetNs != 0)
        #expect(ledger.correction(device: "M-0", policy: ClockPolicy()).offsetNs == 0)
        #expect(ledger.correction(device: "new", policy: ClockPolicy()).offsetNs != 0)
    }
}
