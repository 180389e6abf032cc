package import Units

/// One place of a series of samples.
package enum BlockSample: Sendable, Equatable {
    case value(ExactDecimal)
    /// The device has no sample here.
    case gap
    /// Above what the device can measure.
    case above
    /// Below what the device can measure.
    case below
}

/// Samples written as text, divided by one character.
///
/// Blanks around a sample are ignored, and between blanks as dividers there may be several. An empty place is a gap. `E`,
/// `U` and `L` mean what they mean in FHIR SampledData: error, above and below the limits of detection.
package enum SampleText {
    /// The samples of a block.
    ///
    /// - Parameters:
    ///   - text: UTF-8.
    ///   - separator: what divides samples; an ASCII character.
    ///   - samplesMax: more are refused.
    /// - Returns: the samples in their order; numbers keep their digits.
    /// - Throws: ``DecodeFailure`` for what is no number, and for too many samples.
    package static func decode(
        _ text: ArraySlice<UInt8>,
        separator: UInt8,
        samplesMax: Int
    ) throws(DecodeFailure) -> [BlockSample] {
        let text = self.trimmed(text)
        var samples: [BlockSample] = []
        guard !text.isEmpty else { return samples }
        var start = text.startIndex
        while start <= text.endIndex {
            let end = text[start...].firstIndex(of: separator) ?? text.endIndex
            let word = self.trimmed(text[start..<end])
            // Runs of blanks divide once.
            if !(word.isEmpty && self.isBlank(separator)) {
                guard samples.count < samplesMax else {
                    throw DecodeFailure(.tooLarge, "a block of more than \(samplesMax) samples")
                }
                samples.append(try self.sample(word, at: start - text.startIndex))
            }
            start = end + 1
        }
        return samples
    }

    private static func sample(_ word: ArraySlice<UInt8>, at offset: Int) throws(DecodeFailure) -> BlockSample {
        if word.isEmpty { return .gap }
        if word.count == 1, let letter = word.first {
            switch letter {
            case UInt8(ascii: "E"): return .gap
            case UInt8(ascii: "U"): return .above
            case UInt8(ascii: "L"): return .below
            default: break
            }
        }
        guard let number = ExactDecimal(parsing: word) else {
            throw DecodeFailure(.malformed, "a sample is no number", offset: offset)
        }
        return .value(number)
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var text = text
        while let first = text.first, self.isBlank(first) { text.removeFirst() }
        while let last = text.last, self.isBlank(last) { text.removeLast() }
        return text
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
