internal import Units

extension GATTDecoder {
    /// Weight Measurement, 0x2A9D (Weight Scale Service).
    ///
    /// ```
    /// { "characteristic": "weight_measurement", "flags": 14, "weight": 70.000, "unit": "kg",   // or "[lb_av]"
    ///   "time": "2026-04-17T20:41:59", "user_id": 1,
    ///   "bmi": 22.5,                                       // kg/m2
    ///   "height": 1.764, "height_unit": "m" }              // or "[in_i]"
    /// ```
    ///
    /// A weight of 0xFFFF says that the measurement failed; it is an absent value with the reason `error`.
    static func weight(
        _ flags: UInt8,
        _ cursor: inout BinaryCursor,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        let isImperial = flags.hasFlag(0)
        let raw = try cursor.u16("weight")
        if raw == 0xFFFF {
            try tree.add(PayloadTree.Absence.error, key: "weight")
        } else if isImperial {
            try tree.add(ExactDecimal(significand: Int128(raw), exponent: -2), key: "weight")
        } else {
            // One unit is 5 g: the value keeps the three decimals of that resolution.
            try tree.add(ExactDecimal(significand: Int128(raw) * 5, exponent: -3), key: "weight")
        }
        try tree.addWord(isImperial ? "[lb_av]" : "kg", key: "unit")
        if flags.hasFlag(1) { try GATTDateTime(&cursor).write(to: &tree) }
        if flags.hasFlag(2) { try self.addUser(&cursor, &tree) }
        guard flags.hasFlag(3) else { return }
        try tree.add(ExactDecimal(significand: Int128(try cursor.u16("BMI")), exponent: -1), key: "bmi")
        let height = Int128(try cursor.u16("height"))
        try tree.add(ExactDecimal(significand: height, exponent: isImperial ? -1 : -3), key: "height")
        try tree.addWord(isImperial ? "[in_i]" : "m", key: "height_unit")
    }
}
