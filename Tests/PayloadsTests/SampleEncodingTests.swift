import Testing
import Units

@testable import Payloads

@Suite struct SampleEncodingTests {
    /// Writes samples as the encodings say, by another way than the decoder reads them.
    static func encoded(_ samples: [Int64], as encoding: SampleEncoding) -> [UInt8] {
        let words = samples.map { UInt64(bitPattern: $0) & (1 << UInt64(encoding.bits) - 1) }
        let isLittle = encoding.rawValue.hasSuffix("le")
        guard encoding.bits == 12 else {
            let width = encoding.bits / 8
            return words.flatMap { word in
                let bytes = (0..<width).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) }
                return isLittle ? bytes : bytes.reversed()
            }
        }
        var bits: [UInt8] = []
        var bytes: [UInt8] = []
        guard isLittle else {
            for word in words { bits += (0..<12).reversed().map { UInt8(word >> UInt64($0) & 1) } }
            while bits.count % 8 != 0 { bits.append(0) }
            for start in stride(from: 0, to: bits.count, by: 8) {
                bytes.append(bits[start..<start + 8].reduce(0) { $0 << 1 | $1 })
            }
            return bytes
        }
        for start in stride(from: 0, to: words.count, by: 2) {
            let (first, second) = (words[start], start + 1 < words.count ? words[start + 1] : 0)
            bytes.append(UInt8(truncatingIfNeeded: first))
            bytes.append(UInt8(truncatingIfNeeded: first >> 8 | (second >> 8) << 4))
            if start + 1 < words.count { bytes.append(UInt8(truncatingIfNeeded: second)) }
        }
        return bytes
    }

    private static func range(_ encoding: SampleEncoding) -> ClosedRange<Int64> {
        let span: Int64 = 1 << Int64(encoding.bits)
        return encoding.isSigned ? 0 - span / 2...span / 2 - 1 : 0...span - 1
    }

    @Test(arguments: SampleEncoding.allCases)
    func everySampleComesBackAsItWas(encoding: SampleEncoding) throws {
        let range = Self.range(encoding)
        var generator = SeededGenerator(state: 0x5EED ^ UInt64(encoding.bits))
        for count in [0, 1, 2, 3, 7, 500] {
            var samples = (0..<count).map { _ in Int64.random(in: range, using: &generator) }
            if count > 2 { samples.replaceSubrange(0..<2, with: [range.lowerBound, range.upperBound]) }
            let bytes = Self.encoded(samples, as: encoding)
            #expect(try encoding.decode(bytes[...], samplesMax: 500) == samples, "\(encoding) \(count)")
            // A slice that begins elsewhere is read from its own beginning.
            let inside = [0xAA] + bytes
            #expect(try encoding.decode(inside.dropFirst(), samplesMax: 500) == samples)
        }
    }

    @Test func wfdbFormat212IsReadAsItsManualSays() throws {
        // signal(5): the first sample's high bits are the low half of the second byte.
        let bytes: [UInt8] = [0xE3, 0xF3, 0x33, 0x00, 0x08, 0x00]
        #expect(try SampleEncoding.i12le.decode(bytes[...], samplesMax: 9) == [0x3E3, -205, -2048, 0])
    }

    @Test(arguments: SampleEncoding.allCases.filter { $0.bits > 8 })
    func aBlockThatEndsWithinASampleIsRefused(encoding: SampleEncoding) {
        #expect(throws: DecodeFailure.self) { try encoding.decode([1], samplesMax: 9) }
        #expect(throws: DecodeFailure.self) { try encoding.decode([1, 2, 3, 4, 5, 6, 7], samplesMax: 9) }
    }

    @Test func tooManySamplesAreRefused() throws {
        #expect(try SampleEncoding.u8.decode([1, 2, 3], samplesMax: 3) == [1, 2, 3])
        #expect(throws: DecodeFailure.self) { try SampleEncoding.u8.decode([1, 2, 3, 4], samplesMax: 3) }
    }
}

@Suite struct SampleTextTests {
    private static func words(_ text: String, _ separator: Character = ",") throws -> [String] {
        try SampleText.decode(Array(text.utf8)[...], separator: separator.asciiValue ?? 0, samplesMax: 8).map {
            switch $0 {
            case .value(let number): number.description
            case .gap: "gap"
            case .above: "above"
            case .below: "below"
            }
        }
    }

    @Test(arguments: [
        ("", []), ("  ", []), ("1", ["1"]), ("1,-2,0.50", ["1", "-2", "0.50"]), ("1,,3", ["1", "gap", "3"]),
        ("1, E ,U,L", ["1", "gap", "above", "below"]), (",", ["gap", "gap"]), ("1,\r\n2\n", ["1", "2"]),
    ])
    func listsAreReadWithTheirDigits(text: String, wanted: [String]) throws {
        #expect(try Self.words(text) == wanted)
    }

    @Test func runsOfBlanksDivideOnce() throws {
        #expect(try Self.words(" 1  2   E 3 ", " ") == ["1", "2", "gap", "3"])
        #expect(try Self.words("1;2", ";") == ["1", "2"])
        #expect(try Self.words("1^^3", "^") == ["1", "gap", "3"])
    }

    @Test(arguments: ["1;2", "1,x", "1,2e", "1,--2", "1,2,3,4,5,6,7,8,9"])
    func whatIsNoListIsRefused(text: String) {
        #expect(throws: DecodeFailure.self) { try Self.words(text) }
    }
}
