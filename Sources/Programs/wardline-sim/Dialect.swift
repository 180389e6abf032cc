import ArgumentParser

/// A way of saying the same vital signs; `DIALECTS.md` has an example of each.
enum Dialect: String, ExpressibleByArgument, CaseIterable {
    case json
    case csv
    case hl7
    case senml
    case scalar

    /// The topic level that names the kind of device.
    var topicLevel: String {
        switch self {
        case .json: "monitor"
        case .scalar: "thermometer"
        case .csv, .hl7, .senml: rawValue
        }
    }

    /// Serial numbers start with this.
    var serialPrefix: String {
        switch self {
        case .json: "WSM"
        case .csv: "WSC"
        case .hl7: "WSH"
        case .senml: "WSS"
        case .scalar: "WST"
        }
    }

    /// The payload that says `measurement`.
    func payload(_ measurement: Measurement) -> [UInt8] {
        let text =
            switch self {
            case .json: measurement.json
            case .csv: measurement.csv
            case .hl7: measurement.hl7
            case .senml: measurement.senml
            case .scalar: measurement.minute.temperature
            }
        return Array(text.utf8)
    }
}

/// What one device has measured at one instant.
struct Measurement {
    let ward: String
    let bed: Int
    let serial: String
    let sequence: Int
    let time: DeviceTime
    let minute: RecordedMinute

    fileprivate var json: String {
        "{\"ts\":\"\(time.rfc3339)\",\"seq\":\(sequence),\"serial\":\"\(serial)\",\"model\":\"WSM-4\",\"fw\":\"1.4.2\","
            + "\"hr\":\(minute.heartRate),\"spo2\":\(minute.saturation),\"rr\":\(minute.respiration),"
            + "\"temp\":\(minute.temperature),\"battery\":87,"
            + "\"leads\":{\"ecg\":\"on\",\"pleth\":\"on\",\"resp\":\"on\"},\"alarm\":\"none\"}"
    }

    fileprivate var csv: String {
        ([
            time.rfc3339, String(sequence), minute.heartRate, minute.pulse, minute.saturation, minute.respiration,
        ] + minute.arterial + minute.cuff).joined(separator: ",")
    }

    /// A pack by RFC 8428: base name and base time in the first record hold for all.
    fileprivate var senml: String {
        "[{\"bn\":\"urn:dev:ops:wardline-\(serial):\",\"bt\":\(time.unixSeconds),"
            + "\"n\":\"hr\",\"u\":\"beat/min\",\"v\":\(minute.heartRate)},"
            + "{\"n\":\"spo2\",\"u\":\"%\",\"v\":\(minute.saturation)},"
            + "{\"n\":\"rr\",\"u\":\"1/min\",\"v\":\(minute.respiration)},"
            + "{\"n\":\"temp\",\"u\":\"Cel\",\"v\":\(minute.temperature)},"
            + "{\"n\":\"seq\",\"u\":\"count\",\"v\":\(sequence)}]"
    }
}
