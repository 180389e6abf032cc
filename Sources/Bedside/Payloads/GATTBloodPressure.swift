internal import Units

extension GATTDecoder {
    /// Blood Pressure Measurement, 0x2A35 (Blood Pressure Service).
    ///
    /// ```
    /// { "characteristic": "blood_pressure_measurement", "flags": 30, "systolic": 138, "diastolic": 88,
    ///   "mean_arterial": 120, "unit": "mm[Hg]",                     // or "kPa"
    ///   "time": "2026-04-17T20:41:59", "pulse_rate": 60,            // per minute
    ///   "user_id": 1,
    ///   "status": { "body_movement": true, "cuff_too_loose": true, "irregular_pulse": true,
    ///               "pulse_rate_out_of_range": false, "pulse_rate_range": "within",  // "above", "below", "reserved"
    ///               "improper_position": true } }
    /// ```
    static func bloodPressure(
        _ flags: UInt8,
        _ cursor: inout BinaryCursor,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        try tree.addMedical(try cursor.sfloat("systolic pressure"), key: "systolic")
        try tree.addMedical(try cursor.sfloat("diastolic pressure"), key: "diastolic")
        try tree.addMedical(try cursor.sfloat("mean arterial pressure"), key: "mean_arterial")
        try self.pressureDetails(flags, &cursor, &tree)
    }

    /// Intermediate Cuff Pressure, 0x2A36 (Blood Pressure Service): a blood pressure measurement of which
    /// only the first value is used.
    ///
    /// ```
    /// { "characteristic": "intermediate_cuff_pressure", "flags": 0, "cuff_pressure": 104, "unit": "mm[Hg]", … }
    /// ```
    static func cuffPressure(
        _ flags: UInt8,
        _ cursor: inout BinaryCursor,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        try tree.addMedical(try cursor.sfloat("cuff pressure"), key: "cuff_pressure")
        _ = try cursor.sfloat("diastolic pressure")
        _ = try cursor.sfloat("mean arterial pressure")
        try self.pressureDetails(flags, &cursor, &tree)
    }

    private static func pressureDetails(
        _ flags: UInt8,
        _ cursor: inout BinaryCursor,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        try tree.addWord(flags.hasFlag(0) ? "kPa" : "mm[Hg]", key: "unit")
        if flags.hasFlag(1) { try GATTDateTime(&cursor).write(to: &tree) }
        if flags.hasFlag(2) { try tree.addMedical(try cursor.sfloat("pulse rate"), key: "pulse_rate") }
        if flags.hasFlag(3) { try self.addUser(&cursor, &tree) }
        if flags.hasFlag(4) { try self.pressureStatus(try cursor.u16("measurement status"), &tree) }
    }

    private static func pressureStatus(_ word: UInt16, _ tree: inout PayloadTree) throws(DecodeFailure) {
        let ranges: [StaticString] = ["within", "above", "below", "reserved"]
        let range = Int(word >> 3 & 3)
        try tree.openContainer(.object, key: "status")
        try tree.add(word & 1 != 0, key: "body_movement")
        try tree.add(word & 2 != 0, key: "cuff_too_loose")
        try tree.add(word & 4 != 0, key: "irregular_pulse")
        try tree.add(range == 1 || range == 2, key: "pulse_rate_out_of_range")
        try tree.addWord(ranges[range], key: "pulse_rate_range")
        try tree.add(word & 32 != 0, key: "improper_position")
        tree.closeContainer()
    }
}
