internal import Units

/// Decodes the value of one Bluetooth GATT health characteristic.
///
/// Every tree is an object with `characteristic` (``GATTCharacteristic/name``), `flags` (the flags octet as a number)
/// and the members that the flags announce. Numbers keep the device's unit, stated as UCUM text beside them; a special
/// IEEE 11073 code is an absent value. `time` is "yyyy-MM-ddTHH:mm:ss", without a zone because GATT knows none; a date
/// time that is unknown or impossible gives `time_unknown` and `time_parts` instead (``GATTDateTime``). Status words
/// are objects of booleans, one for each bit that the service specification names. The shape of each characteristic is
/// documented at its function.
///
/// Reserved flag and status bits are ignored, as the service specifications ask of a collector; octets after the
/// announced fields are refused, because a shifted layout would turn into wrong vital signs.
package enum GATTDecoder {
    /// Writes the root object.
    ///
    /// - Parameters:
    ///   - bytes: the characteristic's value.
    ///   - characteristic: which characteristic it is; the bytes do not say so.
    ///   - tree: an empty tree.
    ///   - allowingTrailingBytes: accepts octets after the announced fields, for devices that pad.
    /// - Throws: `truncated` when the flags announce more than there is, `trailing-bytes` when less.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer,
        as characteristic: GATTCharacteristic,
        into tree: inout PayloadTree,
        allowingTrailingBytes: Bool = false
    ) throws(DecodeFailure) {
        try self.decodeValue(
            bytes,
            as: characteristic,
            key: .none,
            into: &tree,
            allowingTrailingBytes: allowingTrailingBytes
        )
    }

    /// Adds the object under the open container.
    package static func decodeValue(
        _ bytes: UnsafeRawBufferPointer,
        as characteristic: GATTCharacteristic,
        key: PayloadTree.Span,
        into tree: inout PayloadTree,
        allowingTrailingBytes: Bool = false
    ) throws(DecodeFailure) {
        var cursor = BinaryCursor(bytes)
        try tree.openContainer(.object, key: key)
        try tree.addWord(characteristic.name, key: "characteristic")
        let flags = try cursor.u8("flags")
        try tree.addWhole(flags, key: "flags")
        switch characteristic {
        case .heartRateMeasurement: try self.heartRate(flags, &cursor, &tree)
        case .bloodPressureMeasurement: try self.bloodPressure(flags, &cursor, &tree)
        case .intermediateCuffPressure: try self.cuffPressure(flags, &cursor, &tree)
        case .temperatureMeasurement, .intermediateTemperature: try self.temperature(flags, &cursor, &tree)
        case .plxSpotCheckMeasurement: try self.plxSpotCheck(flags, &cursor, &tree)
        case .plxContinuousMeasurement: try self.plxContinuous(flags, &cursor, &tree)
        case .glucoseMeasurement: try self.glucose(flags, &cursor, &tree)
        case .weightMeasurement: try self.weight(flags, &cursor, &tree)
        }
        guard cursor.remaining == 0 || allowingTrailingBytes else {
            throw DecodeFailure(
                .trailingBytes,
                "\(cursor.remaining) bytes after the fields that the flags announce",
                offset: cursor.offset
            )
        }
        tree.closeContainer()
    }

    /// Adds an object with one boolean for each named bit; an empty name is a reserved bit.
    static func addStatus(
        _ word: UInt32,
        named names: [StaticString],
        key: StaticString,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        try tree.openContainer(.object, key: key)
        for (bit, name) in names.enumerated() where name.utf8CodeUnitCount > 0 {
            try tree.add(word >> UInt32(bit) & 1 == 1, key: name)
        }
        tree.closeContainer()
    }

    /// Adds `user_id`, unless it is 255, the code of an unknown user (Blood Pressure and Weight Scale Service).
    static func addUser(_ cursor: inout BinaryCursor, _ tree: inout PayloadTree) throws(DecodeFailure) {
        let user = try cursor.u8("user id")
        if user != 0xFF { try tree.addWhole(user, key: "user_id") }
    }
}

extension UInt8 {
    /// Whether the flag numbered `bit` (0 is the least significant) is set.
    func hasFlag(_ bit: Int) -> Bool { self >> UInt8(bit) & 1 == 1 }
}
