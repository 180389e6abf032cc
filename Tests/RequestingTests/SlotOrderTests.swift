import Testing

@testable import Requesting

@Suite struct SlotOrderTests {
    @Test("Every slot is tried once", arguments: [1, 2, 32, 1_000] as [UInt64])
    func all(_ limit: UInt64) {
        #expect(SlotOrder.slots(limit).sorted() == Array(0..<UInt32(limit)))
    }

    @Test("Those that ask at the same time begin at different slots")
    func spread() {
        let first = Set((0..<64).compactMap { _ in SlotOrder.slots(65_536).first })
        #expect(first.count > 32)
        #expect(SlotOrder.slots(0).isEmpty)
    }
}
