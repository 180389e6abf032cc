internal import Units

/// Writes one Sparkplug value as its datatype means it.
struct SparkplugValueWriter {
    let datatype: SparkplugDatatype
    /// Where the metric starts in the payload, for failures.
    let offset: Int

    /// Adds the value under `key`.
    ///
    /// - Returns: false when nothing was added, because Wardline does not read values of the datatype.
    func write(
        _ value: SparkplugValue,
        key: PayloadTree.Span,
        to tree: inout PayloadTree
    ) throws(DecodeFailure) -> Bool {
        switch self.datatype {
        case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .dateTime:
            try tree.add(ExactDecimal(significand: try self.whole(value), exponent: 0), key: key)
        case .float, .double:
            try self.writeReal(value, key: key, to: &tree)
        case .boolean:
            guard case .boolean(let flag) = value else { throw self.mismatch() }
            try tree.add(flag, key: key)
        case .string, .text, .uuid:
            guard case .string(let text) = value else { throw self.mismatch() }
            let content = tree.append(text)
            try tree.addString(content, key: key)
        case .bytes, .file:
            guard case .bytes(let bytes) = value else { throw self.mismatch() }
            let content = tree.append(bytes)
            try tree.addBytes(content, key: key)
        case .dataSet, .template, .propertySet, .propertySetList, .booleanArray, .stringArray:
            return false
        case .int8Array, .int16Array, .int32Array, .int64Array, .uint8Array, .uint16Array, .uint32Array,
            .uint64Array, .floatArray, .doubleArray, .dateTimeArray:
            guard case .bytes(let bytes) = value else { throw self.mismatch() }
            try self.writeArray(bytes, key: key, to: &tree)
        }
        return true
    }

    private func writeReal(
        _ value: SparkplugValue,
        key: PayloadTree.Span,
        to tree: inout PayloadTree
    ) throws(DecodeFailure) {
        switch value {
        case .float(let float):
            // The shortest decimal of the binary32 itself: widened to a Double, 36.6 would become 36.599998….
            try self.writeReal(ExactDecimal(float), isNaN: float.isNaN, isNegative: float < 0, key, &tree)
        case .double(let double):
            try self.writeReal(ExactDecimal(double), isNaN: double.isNaN, isNegative: double < 0, key, &tree)
        default:
            throw self.mismatch()
        }
    }

    private func writeReal(
        _ number: ExactDecimal?,
        isNaN: Bool,
        isNegative: Bool,
        _ key: PayloadTree.Span,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        if let number {
            try tree.add(number, key: key)
        } else {
            try tree.add(isNaN ? .notANumber : isNegative ? .negativeInfinity : .positiveInfinity, key: key)
        }
    }

    /// The whole number that int_value or long_value holds for this type.
    ///
    /// Signed types are two's complement, and publishers extend the sign either to the type's own width (200 is the
    /// Int8 -56) or to the field's; both are read, anything outside the type is refused. Some publishers put 32-bit
    /// types into long_value, so either field is accepted.
    private func whole(_ value: SparkplugValue) throws(DecodeFailure) -> Int128 {
        guard let (bits, isSigned) = self.datatype.integer else { throw self.mismatch() }
        let raw: UInt64
        let extended: Int64
        switch value {
        case .int(let int): (raw, extended) = (UInt64(int), Int64(Int32(bitPattern: int)))
        case .long(let long): (raw, extended) = (long, Int64(bitPattern: long))
        default: throw self.mismatch()
        }
        let unused = 64 - bits
        let fitsUnsigned = (raw << unused) >> unused == raw
        if isSigned {
            if (extended << unused) >> unused == extended { return Int128(extended) }
            if fitsUnsigned { return Int128((Int64(bitPattern: raw) << unused) >> unused) }
        } else if fitsUnsigned {
            return Int128(raw)
        }
        throw DecodeFailure(
            .malformed,
            "a metric's value does not fit its datatype \(self.datatype.name)",
            offset: self.offset
        )
    }

    /// Packed little-endian elements (Sparkplug 3.0 §6.4).
    private func writeArray(
        _ bytes: UnsafeRawBufferPointer,
        key: PayloadTree.Span,
        to tree: inout PayloadTree
    ) throws(DecodeFailure) {
        let width = (self.datatype.integer?.bits ?? (self.datatype == .floatArray ? 32 : 64)) / 8
        guard bytes.count % width == 0 else {
            throw DecodeFailure(
                .malformed,
                "an array of \(self.datatype.name) has \(bytes.count) bytes",
                offset: self.offset
            )
        }
        try tree.openContainer(.array, key: key)
        for start in stride(from: 0, to: bytes.count, by: width) {
            var raw: UInt64 = 0
            for position in 0..<width { raw |= UInt64(bytes[start + position]) << UInt64(8 * position) }
            try self.writeElement(raw, to: &tree)
        }
        tree.closeContainer()
    }

    private func writeElement(_ raw: UInt64, to tree: inout PayloadTree) throws(DecodeFailure) {
        switch self.datatype {
        case .floatArray:
            try self.writeReal(.float(Float(bitPattern: UInt32(truncatingIfNeeded: raw))), key: .none, to: &tree)
        case .doubleArray:
            try self.writeReal(.double(Double(bitPattern: raw)), key: .none, to: &tree)
        default:
            try tree.add(ExactDecimal(significand: try self.whole(.long(raw)), exponent: 0))
        }
    }

    private func mismatch() -> DecodeFailure {
        DecodeFailure(
            .malformed,
            "a metric's value is not of its datatype \(self.datatype.name)",
            offset: self.offset
        )
    }
}
