/// How the samples of a block lie in its bytes: whole numbers of 8 to 32 bits, without anything between them.
///
/// Pairs of 12-bit samples share three bytes. In `i12le` and `u12le` (WFDB format 212) the low halves of the second byte
/// belong to the first sample and the high halves to the second; in `i12be` and `u12be` the bits follow each other, most
/// significant first.
package enum SampleEncoding: String, Sendable, CaseIterable {
    case i8, u8
    case i12le, i12be, u12le, u12be
    case i16le, i16be, u16le, u16be
    case i24le, i24be, u24le, u24be
    case i32le, i32be, u32le, u32be

    /// Bits of a sample.
    package var bits: Int {
        switch self {
        case .i8, .u8: 8
        case .i12le, .i12be, .u12le, .u12be: 12
        case .i16le, .i16be, .u16le, .u16be: 16
        case .i24le, .i24be, .u24le, .u24be: 24
        case .i32le, .i32be, .u32le, .u32be: 32
        }
    }

    /// Whether samples are two's complement.
    package var isSigned: Bool {
        switch self {
        case .i8, .i12le, .i12be, .i16le, .i16be, .i24le, .i24be, .i32le, .i32be: true
        case .u8, .u12le, .u12be, .u16le, .u16be, .u24le, .u24be, .u32le, .u32be: false
        }
    }

    private var order: BinaryField.ByteOrder {
        switch self {
        case .i8, .u8, .i12be, .u12be, .i16be, .u16be, .i24be, .u24be, .i32be, .u32be: .big
        case .i12le, .u12le, .i16le, .u16le, .i24le, .u24le, .i32le, .u32le: .little
        }
    }

    /// The samples of a block.
    ///
    /// - Parameters:
    ///   - bytes: nothing but samples; an odd number of 12-bit samples ends with two bytes.
    ///   - samplesMax: more are refused.
    /// - Returns: the samples in their order.
    /// - Throws: ``DecodeFailure`` when the bytes end within a sample, or hold too many.
    package func decode(_ bytes: ArraySlice<UInt8>, samplesMax: Int) throws(DecodeFailure) -> [Int64] {
        guard bytes.count * 8 / self.bits <= samplesMax else {
            throw DecodeFailure(.tooLarge, "a block of more than \(samplesMax) samples")
        }
        return try self.bits == 12 ? self.decodePairs(bytes) : self.decodeWhole(bytes)
    }

    private func decodeWhole(_ bytes: ArraySlice<UInt8>) throws(DecodeFailure) -> [Int64] {
        let width = self.bits / 8
        guard bytes.count.isMultiple(of: width) else {
            throw DecodeFailure(.truncated, "the block ends within a sample of \(width) bytes", offset: bytes.count)
        }
        var samples: [Int64] = []
        samples.reserveCapacity(bytes.count / width)
        for start in stride(from: bytes.startIndex, to: bytes.endIndex, by: width) {
            var raw: UInt64 = 0
            for place in 0..<width {
                raw = raw << 8 | UInt64(bytes[start + (self.order == .big ? place : width - 1 - place)])
            }
            samples.append(self.value(raw))
        }
        return samples
    }

    private func decodePairs(_ bytes: ArraySlice<UInt8>) throws(DecodeFailure) -> [Int64] {
        guard bytes.count % 3 != 1 else {
            throw DecodeFailure(.truncated, "the block ends within a sample of 12 bits", offset: bytes.count)
        }
        var samples: [Int64] = []
        samples.reserveCapacity(bytes.count * 2 / 3)
        for start in stride(from: bytes.startIndex, to: bytes.endIndex, by: 3) {
            let (first, middle) = (UInt64(bytes[start]), UInt64(bytes[start + 1]))
            let isLittle = self.order == .little
            samples.append(self.value(isLittle ? (middle & 15) << 8 | first : first << 4 | middle >> 4))
            guard start + 2 < bytes.endIndex else { break }
            let last = UInt64(bytes[start + 2])
            samples.append(self.value(isLittle ? (middle >> 4) << 8 | last : (middle & 15) << 8 | last))
        }
        return samples
    }

    private func value(_ raw: UInt64) -> Int64 {
        guard self.isSigned else { return Int64(raw) }
        let unused = UInt64(64 - self.bits)
        return Int64(bitPattern: raw << unused) >> Int64(unused)
    }
}
