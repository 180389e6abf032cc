internal import Units

extension GATTDecoder {
    /// Glucose Measurement, 0x2A18 (Glucose Service).
    ///
    /// ```
    /// { "characteristic": "glucose_measurement", "flags": 11, "sequence_number": 7,
    ///   "time": "2026-04-17T20:41:59",                  // base time moved by the offset: what the user's clock said
    ///   "base_time": "2026-04-17T19:41:59",             // only with an offset
    ///   "time_offset_min": 60,                          // absent infinity when it is out of range
    ///   "concentration": 0.00105, "unit": "kg/L",       // or "mol/L"
    ///   "type": "capillary_whole_blood", "type_code": 1, "location": "finger", "location_code": 1,
    ///   "status": { "battery_low": false, … },          // glucoseStatusBits
    ///   "context_follows": false }
    /// ```
    static func glucose(
        _ flags: UInt8,
        _ cursor: inout BinaryCursor,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        try tree.addWhole(try cursor.u16("sequence number"), key: "sequence_number")
        let base = try GATTDateTime(&cursor)
        if flags.hasFlag(0) {
            try self.offsetTime(base, Int16(bitPattern: try cursor.u16("time offset")), &tree)
        } else {
            try base.write(to: &tree)
        }
        if flags.hasFlag(1) {
            try tree.addMedical(try cursor.sfloat("glucose concentration"), key: "concentration")
            try tree.addWord(flags.hasFlag(2) ? "mol/L" : "kg/L", key: "unit")
            try self.sample(try cursor.u8("type and sample location"), &tree)
        }
        if flags.hasFlag(3) {
            let word = UInt32(try cursor.u16("sensor status annunciation"))
            try self.addStatus(word, named: self.glucoseStatusBits, key: "status", &tree)
        }
        try tree.add(flags.hasFlag(4), key: "context_follows")
    }

    /// Writes the time of the user's clock; 0x7FFF and 0x8000 say that the offset does not fit, and then
    /// only the base time is known.
    private static func offsetTime(
        _ base: GATTDateTime,
        _ minutes: Int16,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        if minutes == .max || minutes == .min {
            try tree.add(minutes == .max ? .positiveInfinity : .negativeInfinity, key: "time_offset_min")
        } else {
            try tree.addWhole(minutes, key: "time_offset_min")
        }
        guard base.unknown == nil else {
            try base.write(to: &tree)
            return
        }
        try tree.addString(base.text, key: "base_time")
        if minutes != .max, minutes != .min { try base.adding(minutes: Int(minutes)).write(to: &tree) }
    }

    private static func sample(_ octet: UInt8, _ tree: inout PayloadTree) throws(DecodeFailure) {
        let type = Int(octet & 0x0F)
        let location = Int(octet >> 4)
        if type > 0, type <= self.sampleTypes.count { try tree.addWord(self.sampleTypes[type - 1], key: "type") }
        try tree.addWhole(type, key: "type_code")
        if let name = self.sampleLocation(location) { try tree.addWord(name, key: "location") }
        try tree.addWhole(location, key: "location_code")
    }

    /// Type codes 1...10.
    private static let sampleTypes: [StaticString] = [
        "capillary_whole_blood", "capillary_plasma", "venous_whole_blood", "venous_plasma", "arterial_whole_blood",
        "arterial_plasma", "undetermined_whole_blood", "undetermined_plasma", "interstitial_fluid",
        "control_solution",
    ]

    private static func sampleLocation(_ code: Int) -> StaticString? {
        switch code {
        case 1: "finger"
        case 2: "alternate_site"
        case 3: "earlobe"
        case 4: "control_solution"
        case 15: "not_available"
        default: nil
        }
    }

    /// Sensor Status Annunciation, bits 0...11.
    private static let glucoseStatusBits: [StaticString] = [
        "battery_low", "sensor_malfunction", "sample_insufficient", "strip_insertion_error", "strip_type_incorrect",
        "result_too_high", "result_too_low", "temperature_too_high", "temperature_too_low", "read_interrupted",
        "device_fault", "time_fault",
    ]
}
