internal import Units

extension GATTDecoder {
    /// Heart Rate Measurement, 0x2A37 (Heart Rate Service).
    ///
    /// ```
    /// { "characteristic": "heart_rate_measurement", "flags": 22, "heart_rate": 85, "unit": "/min",
    ///   "sensor_contact_supported": true, "sensor_contact": true,   // the latter only if supported
    ///   "energy_expended_kj": 128,
    ///   "rr_intervals": [0.8125, 0.79296875] }                      // seconds, oldest first, exact
    /// ```
    static func heartRate(
        _ flags: UInt8,
        _ cursor: inout BinaryCursor,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        let rate = flags.hasFlag(0) ? try cursor.u16("heart rate") : UInt16(try cursor.u8("heart rate"))
        try tree.addWhole(rate, key: "heart_rate")
        try tree.addWord("/min", key: "unit")
        try tree.add(flags.hasFlag(2), key: "sensor_contact_supported")
        if flags.hasFlag(2) { try tree.add(flags.hasFlag(1), key: "sensor_contact") }
        if flags.hasFlag(3) { try tree.addWhole(try cursor.u16("energy expended"), key: "energy_expended_kj") }
        guard flags.hasFlag(4) else { return }
        try tree.openContainer(.array, key: "rr_intervals")
        // The flag promises one interval or more; they fill the rest of the value.
        repeat {
            try tree.add(self.seconds(try cursor.u16("RR interval")))
        } while cursor.remaining > 0
        tree.closeContainer()
    }

    /// An interval in units of 1/1024 s, which is exactly 0.0009765625 s, without trailing zeros.
    private static func seconds(_ units: UInt16) -> ExactDecimal {
        var significand = Int128(units) * 9_765_625
        var exponent = -10
        while exponent < 0, significand % 10 == 0 {
            significand /= 10
            exponent += 1
        }
        return ExactDecimal(significand: significand, exponent: exponent)
    }
}
