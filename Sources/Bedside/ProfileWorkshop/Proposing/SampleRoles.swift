internal import Units

/// Which values of a sample name the device, the bed and the patient.
struct SampleRoles {
    var device: String?
    /// The device's identifier in the sample, to find it in the topic.
    var deviceText: String?
    var bed: String?
    var patient: String?

    /// The most telling first.
    private static let devices = [
        "deviceid", "device", "deviceserial", "serial", "serialnumber", "serialno", "sn", "monitorid", "monitor",
        "sensorid", "hwid", "mac", "macaddress", "imei", "deveui", "eui", "bn", "unitid", "nodeid",
        "sendingapplication",
        "deviceidentifier", "devid", "id",
    ]
    private static let patients: Set<String> = [
        "patientid", "mrn", "pid", "patient", "patientnumber", "medicalrecordnumber", "recordnumber",
        "patientidentifier",
    ]
    private static let wards: Set<String> = ["ward", "department", "wardid", "pointofcare", "careunit"]
    private static let beds: Set<String> = ["bed", "bedid", "bednumber", "bedlabel"]

    init(_ leaves: [SampleLeaf], format: String) {
        if format == "hl7v2" {
            self = Self(hl7: leaves)
            return
        }
        var device: SampleLeaf?
        for name in Self.devices where device == nil {
            device = leaves.first { Words.joined($0.names.last ?? "") == name && $0.isIdentifier }
        }
        self.device = device?.rootPath
        self.deviceText = device?.identifier
        func path(_ names: Set<String>) -> String? {
            leaves.first { $0.each == nil && names.contains(Words.joined($0.names.last ?? "")) && $0.isIdentifier }?
                .rootPath
        }
        self.patient = path(Self.patients)
        if let ward = path(Self.wards), let bed = path(Self.beds) { self.bed = "{\(ward)}/{\(bed)}" }
    }

    private init(hl7 leaves: [SampleLeaf]) {
        func has(_ names: [String]) -> Bool { leaves.contains { $0.each == nil && $0.names == names } }
        if has(["sending_application"]) { self.device = "$.sending_application" }
        if has(["patient", "id"]) { self.patient = "$.patient.id" }
        if has(["visit", "point_of_care"]), has(["visit", "bed"]) {
            self.bed = "{$.visit.point_of_care}/{$.visit.bed}"
        }
    }
}

extension SampleLeaf {
    /// Text, or a whole number: what identifiers are.
    var isIdentifier: Bool { self.identifier != nil }

    var identifier: String? {
        switch self.value {
        case .text(let text): text.isEmpty ? nil : text
        case .number(let number): number.isInteger ? number.description : nil
        case .truth: nil
        }
    }
}

/// Makes a topic template of the topic of one sample.
enum TopicGuess {
    private static let places: Set<String> = [
        "ward", "bed", "room", "device", "devices", "monitor", "sensor", "station", "unit", "gateway", "hub", "site",
    ]

    /// Levels behind `ward`, `bed` and their like become captures, as do the device's own and levels of digits.
    static func template(_ topic: String, device: String?) -> String {
        var names: [String] = []
        func capture(_ wanted: String) -> String {
            var name = wanted
            var number = 2
            while names.contains(name) {
                name = "\(wanted)\(number)"
                number += 1
            }
            names.append(name)
            return "{\(name)}"
        }
        let levels = topic.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        var out: [String] = []
        for (index, level) in levels.enumerated() {
            let before = index > 0 ? levels[index - 1].lowercased() : ""
            if level == device {
                out.append(capture("device"))
            } else if Self.places.contains(before), !Self.places.contains(level.lowercased()) {
                let name = before == "devices" ? "device" : before
                out.append(capture(["monitor", "sensor"].contains(name) ? "device" : name))
            } else if !level.isEmpty, level.contains(where: \.isNumber), level.contains(where: { !$0.isLetter }) {
                out.append(capture(names.contains("device") ? "level" : "device"))
            } else {
                out.append(level)
            }
        }
        return out.joined(separator: "/")
    }
}
