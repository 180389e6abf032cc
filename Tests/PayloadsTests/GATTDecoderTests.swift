internal import Foundation
internal import Testing
internal import Units

@testable internal import Payloads

@Suite("GATT health characteristics")
struct GATTDecoderTests {
    /// One example of each shape: characteristic, value, tree without the `characteristic` member.
    static let examples: [(GATTCharacteristic, String, String)] = [
        (
            .heartRateMeasurement, "17 5a00 2003 2b03",
            "{flags: 23, heart_rate: 90, unit: \"/min\", sensor_contact_supported: true, sensor_contact: true, "
                + "rr_intervals: [0.78125, 0.7919921875]}"
        ),
        (
            .bloodPressureMeasurement, "1e 8a00 5800 7800 0000 04 11 14 29 3b 3c00 01 2700",
            "{flags: 30, systolic: 138, diastolic: 88, mean_arterial: 120, unit: \"mm[Hg]\", time_unknown: \"year\", "
                + "time_parts: {year: 0, month: 4, day: 17, hour: 20, minute: 41, second: 59}, pulse_rate: 60, "
                + "user_id: 1, status: {body_movement: true, cuff_too_loose: true, irregular_pulse: true, "
                + "pulse_rate_out_of_range: false, pulse_rate_range: \"within\", improper_position: true}}"
        ),
        (
            .bloodPressureMeasurement, "1f b8f0 75f0 ff07 ea07 04 11 14 29 3b 3cf0 ff 1000",
            "{flags: 31, systolic: 18.4, diastolic: 11.7, mean_arterial: !not-a-number, unit: \"kPa\", "
                + "time: \"2026-04-17T20:41:59\", pulse_rate: 6.0, "
                + "status: {body_movement: false, cuff_too_loose: false, irregular_pulse: false, "
                + "pulse_rate_out_of_range: true, pulse_rate_range: \"below\", improper_position: false}}"
        ),
        (
            .intermediateCuffPressure, "00 6800 ff07 ff07", "{flags: 0, cuff_pressure: 104, unit: \"mm[Hg]\"}"
        ),
        (
            .temperatureMeasurement, "06 b00e00fe ea07 04 11 14 29 3b 03",
            "{flags: 6, temperature: 37.60, unit: \"Cel\", time: \"2026-04-17T20:41:59\", site: \"ear\", site_code: 3}"
        ),
        (
            .intermediateTemperature, "05 ffff7f00 0a",
            "{flags: 5, temperature: !not-a-number, unit: \"[degF]\", "
                + "site_code: 10}"
        ),
        (
            .plxSpotCheckMeasurement, "1f 6100 3d00 ea07 04 11 14 29 3b 2080 010080 57f0",
            "{flags: 31, spo2: 97, unit: \"%\", pulse_rate: 61, time: \"2026-04-17T20:41:59\", "
                + "device_clock_not_set: true, status: {measurement_ongoing: true, early_estimated_data: false, "
                + "validated_data: false, fully_qualified_data: false, data_from_measurement_storage: false, "
                + "data_for_demonstration: false, data_for_testing: false, calibration_ongoing: false, "
                + "measurement_unavailable: false, questionable_measurement: false, invalid_measurement: true}, "
                + "sensor_status: {extended_display_update_ongoing: true, equipment_malfunction: false, "
                + "signal_processing_irregularity: false, inadequate_signal: false, poor_signal: false, "
                + "low_perfusion: false, erratic_signal: false, nonpulsatile_signal: false, "
                + "questionable_pulse: false, signal_analysis_ongoing: false, sensor_interference: false, "
                + "sensor_unconnected_to_user: false, unknown_sensor_connected: false, sensor_displaced: false, "
                + "sensor_malfunctioning: false, sensor_disconnected: false}, pulse_amplitude_index: 8.7}"
        ),
        (
            .plxContinuousMeasurement, "03 5f00 5a00 6000 5b00 5e00 0008",
            "{flags: 3, spo2: 95, unit: \"%\", pulse_rate: 90, fast: {spo2: 96, pulse_rate: 91}, "
                + "slow: {spo2: 94, pulse_rate: !error}}"
        ),
        (
            .glucoseMeasurement, "0b 0700 ea07 02 1c 17 3b 00 0200 69b0 11 0108",
            "{flags: 11, sequence_number: 7, time_offset_min: 2, base_time: \"2026-02-28T23:59:00\", "
                + "time: \"2026-03-01T00:01:00\", concentration: 0.00105, unit: \"kg/L\", "
                + "type: \"capillary_whole_blood\", type_code: 1, location: \"finger\", location_code: 1, "
                + "status: {battery_low: true, sensor_malfunction: false, sample_insufficient: false, "
                + "strip_insertion_error: false, strip_type_incorrect: false, result_too_high: false, "
                + "result_too_low: false, temperature_too_high: false, temperature_too_low: false, "
                + "read_interrupted: false, device_fault: false, time_fault: true}, context_follows: false}"
        ),
        (
            .glucoseMeasurement, "17 0800 ea07 01 01 00 00 00 ff7f 3ad0 fb",
            "{flags: 23, sequence_number: 8, time_offset_min: !positive-infinity, "
                + "base_time: \"2026-01-01T00:00:00\", concentration: 0.058, unit: \"mol/L\", type_code: 11, "
                + "location: \"not_available\", location_code: 15, context_follows: true}"
        ),
        (
            .weightMeasurement, "0e b036 ea07 04 11 14 29 3b 02 e100 e406",
            "{flags: 14, weight: 70.000, unit: \"kg\", time: \"2026-04-17T20:41:59\", user_id: 2, bmi: 22.5, "
                + "height: 1.764, height_unit: \"m\"}"
        ),
        (
            .weightMeasurement, "09 ffff 0000 b602",
            "{flags: 9, weight: !error, unit: \"[lb_av]\", bmi: 0.0, height: 69.4, height_unit: \"[in_i]\"}"
        ),
    ]

    private func tree(
        _ bytes: [UInt8],
        _ characteristic: GATTCharacteristic,
        padded: Bool = false
    ) throws(DecodeFailure) -> PayloadTree {
        try decoded(bytes) { (bytes, tree) throws(DecodeFailure) in
            try GATTDecoder.decode(bytes, as: characteristic, into: &tree, allowingTrailingBytes: padded)
        }
    }

    private func refused(_ bytes: [UInt8], _ characteristic: GATTCharacteristic) -> DecodeFailure.Reason? {
        refusal(bytes) { (bytes, tree) throws(DecodeFailure) in
            try GATTDecoder.decode(bytes, as: characteristic, into: &tree)
        }
    }

    @Test("each characteristic with its optional fields", arguments: examples.indices)
    func wholeTree(index: Int) throws {
        let (characteristic, value, text) = Self.examples[index]
        let tree = try self.tree(hex(value), characteristic)
        let expected = "{characteristic: \"\(characteristic.name)\", " + text.dropFirst()
        #expect(TreeText.of(tree) == expected)
    }

    @Test("every shorter value is refused as truncated", arguments: examples.indices)
    func truncation(index: Int) {
        let (characteristic, value, _) = Self.examples[index]
        let bytes = hex(value)
        for length in bytes.indices {
            let reason = self.refused(Array(bytes.prefix(length)), characteristic)
            // RR intervals fill the rest of the value, so only whole ones missing are no error.
            let isWholeInterval = characteristic == .heartRateMeasurement && length == 5
            #expect(reason == (isWholeInterval ? nil : .truncated), "\(characteristic) cut to \(length)")
        }
    }

    @Test("octets after the announced fields are refused unless allowed", arguments: examples.indices.dropFirst())
    func trailing(index: Int) throws {
        let (characteristic, value, _) = Self.examples[index]
        #expect(self.refused(hex(value) + [0], characteristic) == .trailingBytes)
        let padded = try self.tree(hex(value) + [0], characteristic, padded: true)
        #expect(try TreeText.of(padded) == TreeText.of(self.tree(hex(value), characteristic)))
    }

    @Test("published vectors: the numbers of their sources")
    func publishedVectors() throws {
        let data = Data(try PayloadFixture.bytes("ble/vectors.json"))
        let vectors = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
        #expect(vectors.count == 8)
        for vector in vectors {
            let characteristic = try #require((vector["uuid"] as? String).flatMap { GATTCharacteristic($0) })
            let bytes = try #require((vector["hex"] as? String).map { hex($0) })
            if vector["disposition"] as? String == "dead-letter" {
                #expect(self.refused(bytes, characteristic) == .truncated)
                continue
            }
            let tree = try self.tree(bytes, characteristic)
            for expected in try #require(vector["expected"] as? [[String: Any]]) {
                try self.check(expected, tree)
                for component in expected["components"] as? [[String: Any]] ?? [] { try self.check(component, tree) }
            }
        }
    }

    private func check(_ expected: [String: Any], _ tree: PayloadTree) throws {
        let members = [
            "8867-4": ["heart_rate", "pulse_rate"], "8480-6": ["systolic"], "8462-4": ["diastolic"],
            "8478-0": ["mean_arterial"], "2708-6": ["spo2"], "29463-7": ["weight"],
            "150488": ["pulse_amplitude_index"],
        ]
        let codes = (expected["loinc"] ?? expected["mdc"]) as? [String]
        let names = try #require(codes?.first.flatMap { $0 == "85354-9" ? [] : members[$0] })
        if !names.isEmpty {
            let node = try #require(names.lazy.compactMap { tree.member(.root, named: $0) }.first)
            let wanted = try #require(expected["value"].flatMap { ExactDecimal("\($0)") })
            #expect(tree.number(node) == wanted)
        }
        if let energy = expected["energy_kJ"] { #expect(TreeText.of(tree, "energy_expended_kj") == "\(energy)") }
        if expected["contact"] != nil { #expect(TreeText.of(tree, "sensor_contact") == "true") }
        if expected["rr_s"] != nil { #expect(TreeText.of(tree, "rr_intervals") == "[2, 4]") }
    }

    @Test(
        "an unusable date time keeps its parts",
        arguments: [
            ("0000 04 11 14 29 3b", "year"), ("ea07 00 11 14 29 3b", "month"), ("ea07 04 00 14 29 3b", "day"),
            ("ea07 02 1d 00 00 00", "invalid"), ("ea07 0d 01 00 00 00", "invalid"), ("ea07 04 1f 00 00 00", "invalid"),
            ("ea07 04 11 18 00 00", "invalid"), ("ea07 04 11 00 3c 00", "invalid"), ("ea07 04 11 00 00 3c", "invalid"),
            ("ffff ff ff ff ff ff", "invalid"), ("0100 01 01 00 00 00", "invalid"),
        ]
    )
    func unusableTime(octets: String, reason: String) throws {
        let tree = try self.tree(hex("02 b00e00fe" + octets), .temperatureMeasurement)
        #expect(TreeText.of(tree, "time_unknown") == "\"\(reason)\"")
        #expect(TreeText.of(tree, "time_parts/minute") == String(hex(octets)[5]))
        #expect(TreeText.of(tree, "time") == nil)
        #expect(TreeText.of(tree, "temperature") == "37.60")
    }

    @Test(
        "the glucose offset moves the base time over days, months and years",
        arguments: [
            ("e807 02 1c 17 3b 0a", 1, "2024-02-29T00:00:10"), ("ea07 01 01 00 00 00", -1, "2025-12-31T23:59:00"),
            ("ea07 0c 1f 17 3b 00", 1, "2027-01-01T00:00:00"), ("ea07 03 01 00 00 00", -32767, "2026-02-06T05:53:00"),
            ("ea07 0c 14 00 00 00", 32766, "2027-01-11T18:06:00"),
            ("ea07 06 0f 0c 00 00", -1440, "2026-06-14T12:00:00"),
        ]
    )
    func offset(base: String, minutes: Int, expected: String) throws {
        let raw = UInt16(bitPattern: Int16(minutes))
        let bytes = hex("01 0000" + base) + [UInt8(raw & 0xFF), UInt8(raw >> 8)]
        #expect(TreeText.of(try self.tree(bytes, .glucoseMeasurement), "time") == "\"\(expected)\"")
    }

    @Test("reserved flags are ignored")
    func reservedFlags() throws {
        #expect(TreeText.of(try self.tree(hex("e0 55"), .heartRateMeasurement), "heart_rate") == "85")
    }

    @Test(
        "names of characteristics",
        arguments: [
            "2A37", "2a37", "0x2A37", "0X2a37", "00002a37-0000-1000-8000-00805f9b34fb",
            "00002A3700001000800000805F9B34FB", "heart_rate_measurement", "Heart Rate Measurement",
        ]
    )
    func knownName(text: String) {
        #expect(GATTCharacteristic(text) == .heartRateMeasurement)
    }

    @Test(
        "what names no characteristic",
        arguments: ["", "2a38", "2a3", "12a37", "00012a37-0000-1000-8000-00805f9b34fb", "heart rate", "0x", "2a37 x"]
    )
    func unknownName(text: String) {
        #expect(GATTCharacteristic(text) == nil)
    }

    @Test("mutated values are decoded or refused, never a trap", arguments: GATTCharacteristic.allCases)
    func mutation(characteristic: GATTCharacteristic) {
        let seeds = Self.examples.filter { $0.0 == characteristic }.map { hex($0.1) }
        let counts = fuzz(seeds, seed: 7) { (bytes, tree) throws(DecodeFailure) in
            try GATTDecoder.decode(bytes, as: characteristic, into: &tree)
        }
        #expect(counts.decoded > 0 && counts.refused > 0)
    }
}
