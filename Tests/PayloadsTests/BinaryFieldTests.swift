internal import Testing

@testable internal import Payloads

@Suite("Fields of private binary layouts")
struct BinaryFieldTests {
    /// A slice that does not start at 0, as slices of the arena do not.
    private let bytes = ([0xEE, 0xEE] + hex("01 82 f3 84 05 fe ff 7f"))[2...]

    @Test("whole numbers in both byte orders")
    func wholeNumbers() {
        #expect(BinaryField.u8(self.bytes, at: 1) == 0x82)
        #expect(BinaryField.i8(self.bytes, at: 1) == 0x82 - 0x100)
        #expect(BinaryField.u16(self.bytes, at: 0, .little) == 0x8201)
        #expect(BinaryField.u16(self.bytes, at: 0, .big) == 0x0182)
        #expect(BinaryField.i16(self.bytes, at: 0, .little) == 0x8201 - 0x1_0000)
        #expect(BinaryField.u24(self.bytes, at: 1, .little) == 0x84_F382)
        #expect(BinaryField.u24(self.bytes, at: 1, .big) == 0x82_F384)
        #expect(BinaryField.i24(self.bytes, at: 1, .big) == 0x82_F384 - 0x100_0000)
        #expect(BinaryField.u32(self.bytes, at: 0, .little) == 0x84F3_8201)
        #expect(BinaryField.i32(self.bytes, at: 0, .little) == 0x84F3_8201 - 0x1_0000_0000)
        #expect(BinaryField.unsigned(self.bytes, at: 0, width: 8, .big) == 0x0182_F384_05FE_FF7F)
        #expect(BinaryField.signed(self.bytes, at: 5, width: 2, .little) == -2)
    }

    @Test("IEEE 754 numbers")
    func realNumbers() {
        #expect(BinaryField.f32(hex("0000c442")[...], at: 0, .little) == 98)
        #expect(BinaryField.f32(hex("42c40000")[...], at: 0, .big) == 98)
        #expect(BinaryField.f64(hex("4058800000000000")[...], at: 0, .big) == 98)
        #expect(BinaryField.f32(hex("7fc00000")[...], at: 0, .big)?.isNaN == true)
    }

    @Test("single bits and runs of bits")
    func bits() {
        #expect(BinaryField.bit(self.bytes, at: 1, bit: 7) == true)
        #expect(BinaryField.bit(self.bytes, at: 1, bit: 0) == false)
        #expect(BinaryField.bits(self.bytes, at: 0, low: 0, count: 8) == 1)
        #expect(BinaryField.bits(self.bytes, at: 1, low: 4, count: 8) == 0x38)
        #expect(BinaryField.bits(self.bytes, at: 7, low: 3, count: 5) == 0x0F)
        #expect(BinaryField.bits(self.bytes, at: 3, low: 31, count: 2) == 3)
    }

    @Test(
        "nothing is read outside the slice or with an impossible width",
        arguments: [(-1, 1), (8, 1), (7, 2), (5, 4), (0, 0), (0, 9), (Int.max, 1), (Int.min, 1)]
    )
    func outOfRange(offset: Int, width: Int) {
        #expect(BinaryField.unsigned(self.bytes, at: offset, width: width, .little) == nil)
        #expect(BinaryField.signed(self.bytes, at: offset, width: width, .big) == nil)
    }

    @Test("bits outside the slice or the range are nil")
    func bitsOutOfRange() {
        #expect(BinaryField.bit(self.bytes, at: 8, bit: 0) == nil)
        #expect(BinaryField.bit(self.bytes, at: 0, bit: 8) == nil)
        #expect(BinaryField.bit(self.bytes, at: 0, bit: -1) == nil)
        #expect(BinaryField.bits(self.bytes, at: 7, low: 4, count: 5) == nil)
        #expect(BinaryField.bits(self.bytes, at: 0, low: 32, count: 1) == nil)
        #expect(BinaryField.bits(self.bytes, at: 0, low: 0, count: 33) == nil)
        #expect(BinaryField.bits(self.bytes, at: 0, low: 0, count: 0) == nil)
        #expect(BinaryField.sfloat(self.bytes, at: 7, .little) == nil)
        #expect(BinaryField.float11073(self.bytes, at: 5, .little) == nil)
        #expect(BinaryField.f64(self.bytes, at: 1, .little) == nil)
    }

    @Test("the decoder gives the bytes and their number", arguments: [("", "h''", 0), ("00ff10", "h'00ff10'", 3)])
    func decoder(payload: String, text: String, length: Int) throws {
        let tree = try decoded(hex(payload)) { (bytes, tree) throws(DecodeFailure) in
            try BinaryDecoder.decode(bytes, into: &tree)
        }
        #expect(TreeText.of(tree) == "{bytes: \(text), length: \(length)}")
    }
}
