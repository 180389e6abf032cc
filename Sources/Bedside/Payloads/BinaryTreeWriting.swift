internal import Units

/// Members of a tree that binary formats write often.
extension PayloadTree {
    mutating func addWhole(_ value: some BinaryInteger, key: StaticString) throws(DecodeFailure) {
        try self.add(ExactDecimal(significand: Int128(value), exponent: 0), key: key)
    }

    mutating func addMedical(_ value: IEEE11073Number, key: StaticString) throws(DecodeFailure) {
        switch value {
        case .number(let number): try self.add(number, key: key)
        case .absent(let reason): try self.add(reason, key: key)
        }
    }

    mutating func addWord(_ text: StaticString, key: StaticString) throws(DecodeFailure) {
        try self.addString(
            UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount),
            key: key
        )
    }
}
