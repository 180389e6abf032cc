internal import Payloads
internal import Units

extension Function {
    /// The functions over byte strings; offsets count bytes from the first one.
    func applyBinary(_ values: [Value], _ tree: PayloadTree) -> Value {
        guard let bytes = values[0].bytes(in: tree) else { return .absent }
        if self == .hex { return Self.hexadecimal(bytes) }
        guard let offset = values[1].wholeNumber else { return .absent }
        switch self {
        case .f32le, .f32be:
            return Self.floatValue(BinaryField.f32(bytes, at: offset, self == .f32le ? .little : .big))
        case .sfloat: return Self.deviceNumber(BinaryField.sfloat(bytes, at: offset, .little))
        case .float: return Self.deviceNumber(BinaryField.float11073(bytes, at: offset, .little))
        case .bitat:
            let bit = values[2].wholeNumber.flatMap { BinaryField.bit(bytes, at: offset, bit: $0) }
            return bit.map { .number($0 ? .one : .zero) } ?? .absent
        default: return self.integer(bytes, at: offset).map { .number(ExactDecimal(Int($0))) } ?? .absent
        }
    }

    private func integer(_ bytes: ArraySlice<UInt8>, at offset: Int) -> Int64? {
        switch self {
        case .u8: BinaryField.u8(bytes, at: offset)
        case .i8: BinaryField.i8(bytes, at: offset)
        case .u16le: BinaryField.u16(bytes, at: offset, .little)
        case .u16be: BinaryField.u16(bytes, at: offset, .big)
        case .i16le: BinaryField.i16(bytes, at: offset, .little)
        case .i16be: BinaryField.i16(bytes, at: offset, .big)
        case .u24le: BinaryField.u24(bytes, at: offset, .little)
        case .u24be: BinaryField.u24(bytes, at: offset, .big)
        case .u32le: BinaryField.u32(bytes, at: offset, .little)
        case .u32be: BinaryField.u32(bytes, at: offset, .big)
        case .i32le: BinaryField.i32(bytes, at: offset, .little)
        case .i32be: BinaryField.i32(bytes, at: offset, .big)
        default: nil
        }
    }

    /// A binary32 as the shortest decimal that reads back as it; what is no number is unavailable.
    private static func floatValue(_ float: Float?) -> Value {
        guard let float else { return .absent }
        if float.isNaN { return .unavailable(.notANumber) }
        if float.isInfinite { return .unavailable(float < 0 ? .negativeInfinity : .positiveInfinity) }
        return ExactDecimal(float).map(Value.number) ?? .absent
    }

    private static func deviceNumber(_ number: IEEE11073Number?) -> Value {
        switch number {
        case .number(let number): .number(number)
        case .absent(let reason): .unavailable(reason)
        case nil: .absent
        }
    }

    private static func hexadecimal(_ bytes: ArraySlice<UInt8>) -> Value {
        guard bytes.count <= ExpressionBounds.resultTextMax / 2 else { return .absent }
        let digits = Array("0123456789abcdef".utf8)
        return .text(
            String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
        )
    }
}
