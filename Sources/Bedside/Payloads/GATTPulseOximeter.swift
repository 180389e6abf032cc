internal import Units

extension GATTDecoder {
    /// PLX Spot-Check Measurement, 0x2A5E (Pulse Oximeter Service).
    ///
    /// ```
    /// { "characteristic": "plx_spot_check_measurement", "flags": 31, "spo2": 97, "unit": "%", "pulse_rate": 61,
    ///   "time": "2026-04-17T20:41:59", "device_clock_not_set": false,
    ///   "status": { "measurement_ongoing": true, … },               // measurementStatusBits
    ///   "sensor_status": { "low_perfusion": false, … },             // sensorStatusBits
    ///   "pulse_amplitude_index": 8.7 }                              // in %
    /// ```
    static func plxSpotCheck(
        _ flags: UInt8,
        _ cursor: inout BinaryCursor,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        try self.saturation(&cursor, &tree)
        if flags.hasFlag(0) { try GATTDateTime(&cursor).write(to: &tree) }
        try tree.add(flags.hasFlag(4), key: "device_clock_not_set")
        try self.oximeterStatus(flags, firstFlag: 1, &cursor, &tree)
    }

    /// PLX Continuous Measurement, 0x2A5F (Pulse Oximeter Service).
    ///
    /// ```
    /// { "characteristic": "plx_continuous_measurement", "flags": 31, "spo2": 95, "unit": "%", "pulse_rate": 90,
    ///   "fast": { "spo2": 95, "pulse_rate": 90 }, "slow": { "spo2": 95, "pulse_rate": 90 },
    ///   "status": { … }, "sensor_status": { … }, "pulse_amplitude_index": 8.7 }   // as for the spot check
    /// ```
    static func plxContinuous(
        _ flags: UInt8,
        _ cursor: inout BinaryCursor,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        try self.saturation(&cursor, &tree)
        if flags.hasFlag(0) { try self.averaged("fast", &cursor, &tree) }
        if flags.hasFlag(1) { try self.averaged("slow", &cursor, &tree) }
        try self.oximeterStatus(flags, firstFlag: 2, &cursor, &tree)
    }

    private static func saturation(_ cursor: inout BinaryCursor, _ tree: inout PayloadTree) throws(DecodeFailure) {
        try tree.addMedical(try cursor.sfloat("SpO2"), key: "spo2")
        try tree.addWord("%", key: "unit")
        try tree.addMedical(try cursor.sfloat("pulse rate"), key: "pulse_rate")
    }

    private static func averaged(
        _ key: StaticString,
        _ cursor: inout BinaryCursor,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        try tree.openContainer(.object, key: key)
        try tree.addMedical(try cursor.sfloat("SpO2"), key: "spo2")
        try tree.addMedical(try cursor.sfloat("pulse rate"), key: "pulse_rate")
        tree.closeContainer()
    }

    /// The three optional fields at the end of both characteristics; their flags are adjacent.
    private static func oximeterStatus(
        _ flags: UInt8,
        firstFlag: Int,
        _ cursor: inout BinaryCursor,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        if flags.hasFlag(firstFlag) {
            let word = UInt32(try cursor.u16("measurement status"))
            try self.addStatus(word, named: self.measurementStatusBits, key: "status", &tree)
        }
        if flags.hasFlag(firstFlag + 1) {
            let word = try cursor.u24("device and sensor status")
            try self.addStatus(word, named: self.sensorStatusBits, key: "sensor_status", &tree)
        }
        if flags.hasFlag(firstFlag + 2) {
            try tree.addMedical(try cursor.sfloat("pulse amplitude index"), key: "pulse_amplitude_index")
        }
    }

    /// Measurement Status, bits 0...15 (Pulse Oximeter Service); 0...4 are reserved.
    private static let measurementStatusBits: [StaticString] = [
        "", "", "", "", "", "measurement_ongoing", "early_estimated_data", "validated_data", "fully_qualified_data",
        "data_from_measurement_storage", "data_for_demonstration", "data_for_testing", "calibration_ongoing",
        "measurement_unavailable", "questionable_measurement", "invalid_measurement",
    ]

    /// Device and Sensor Status, bits 0...15 (Pulse Oximeter Service); 16...23 are reserved.
    private static let sensorStatusBits: [StaticString] = [
        "extended_display_update_ongoing", "equipment_malfunction", "signal_processing_irregularity",
        "inadequate_signal", "poor_signal", "low_perfusion", "erratic_signal", "nonpulsatile_signal",
        "questionable_pulse", "signal_analysis_ongoing", "sensor_interference", "sensor_unconnected_to_user",
        "unknown_sensor_connected", "sensor_displaced", "sensor_malfunctioning", "sensor_disconnected",
    ]
}
