internal import Units

extension GATTDecoder {
    /// Temperature Measurement, 0x2A1C, and Intermediate Temperature, 0x2A1E (Health Thermometer Service).
    ///
    /// ```
    /// { "characteristic": "temperature_measurement", "flags": 6, "temperature": 36.60, "unit": "Cel",  // or "[degF]"
    ///   "time": "2026-04-17T20:41:59",
    ///   "site": "ear", "site_code": 3 }     // site only for the codes 1...9 of Temperature Type, 0x2A1D
    /// ```
    static func temperature(
        _ flags: UInt8,
        _ cursor: inout BinaryCursor,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        try tree.addMedical(try cursor.float("temperature"), key: "temperature")
        try tree.addWord(flags.hasFlag(0) ? "[degF]" : "Cel", key: "unit")
        if flags.hasFlag(1) { try GATTDateTime(&cursor).write(to: &tree) }
        guard flags.hasFlag(2) else { return }
        let code = try cursor.u8("temperature type")
        if let site = self.temperatureSite(code) { try tree.addWord(site, key: "site") }
        try tree.addWhole(code, key: "site_code")
    }

    private static func temperatureSite(_ code: UInt8) -> StaticString? {
        switch code {
        case 1: "armpit"
        case 2: "body"
        case 3: "ear"
        case 4: "finger"
        case 5: "gastrointestinal_tract"
        case 6: "mouth"
        case 7: "rectum"
        case 8: "toe"
        case 9: "tympanum"
        default: nil
        }
    }
}
