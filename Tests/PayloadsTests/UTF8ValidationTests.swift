import Testing

@testable import Payloads

@Suite("UTF-8 validation")
struct UTF8ValidationTests {
    private func isValid(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { UTF8Validation.firstInvalid($0) == nil } }

    @Test("every sequence of up to three bytes is judged as the standard library does", arguments: 0x80...0xFF)
    func shortSequences(_ lead: UInt8) {
        for second in stride(from: UInt8(0), through: 0xFF, by: 1) {
            for third: UInt8 in [0x00, 0x41, 0x7F, 0x80, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF] {
                for sequence in [[lead], [lead, second], [lead, second, third], [lead, second, third, 0x80]] {
                    #expect(self.isValid(sequence) == (String(validating: sequence, as: UTF8.self) != nil))
                }
            }
        }
    }

    @Test("a fault is found at every place of a long text")
    func places() {
        for place in 0..<40 {
            var bytes = [UInt8](repeating: 0x41, count: 40)
            bytes[place] = 0xC0
            #expect(bytes.withUnsafeBytes { UTF8Validation.firstInvalid($0) } == place)
        }
    }
}
