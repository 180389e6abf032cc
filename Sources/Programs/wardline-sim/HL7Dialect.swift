extension Measurement {
    /// An ORU^R01 message in the style of IHE PCD-01, segments ended by CR.
    var hl7: String {
        let ward = ward.uppercased()
        let head = [
            "MSH|^~\\&|WARDLINE-SIM^\(serial)^L|\(ward)|||\(time.hl7)||ORU^R01^ORU_R01|\(serial)-\(sequence)|P|2.6",
            "PV1|1|I|\(ward)^^\(bed)",
            "OBR|1||\(sequence)|69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|||\(time.hl7)",
        ]
        let observations = segments.enumerated().map { $0.element.text(number: $0.offset + 1) }
        return (head + observations).map { $0 + "\r" }.joined()
    }

    private var segments: [ObservationSegment] {
        let now = time.hl7
        var list = [
            ObservationSegment("147842^MDC_ECG_HEART_RATE", "1.1.1.1", minute.heartRate, Self.beatPerMinute, now),
            ObservationSegment("150456^MDC_PULS_OXIM_SAT_O2", "1.2.1.1", minute.saturation, Self.percent, now),
            ObservationSegment("151562^MDC_RESP_RATE", "1.3.1.1", minute.respiration, Self.breathPerMinute, now),
        ]
        list += zip(Self.arterialCodes, minute.arterial).enumerated().map {
            ObservationSegment($0.element.0, "1.4.1.\($0.offset + 1)", $0.element.1, Self.mercury, now)
        }
        guard minute.hasCuff else { return list }
        // A cuff takes half a minute: its time is its own, older than the message's.
        let cuffTime = DeviceTime(milliseconds: time.milliseconds - 30_000).hl7
        list += zip(Self.cuffCodes, minute.cuff).enumerated().map {
            ObservationSegment($0.element.0, "1.5.1.\($0.offset + 1)", $0.element.1, Self.mercury, cuffTime)
        }
        return list
    }

    private static let beatPerMinute = "264864^MDC_DIM_BEAT_PER_MIN"
    private static let breathPerMinute = "264928^MDC_DIM_RESP_PER_MIN"
    private static let percent = "262688^MDC_DIM_PERCENT"
    private static let mercury = "266016^MDC_DIM_MMHG"
    private static let arterialCodes = [
        "150037^MDC_PRESS_BLD_ART_ABP_SYS", "150038^MDC_PRESS_BLD_ART_ABP_DIA", "150039^MDC_PRESS_BLD_ART_ABP_MEAN",
    ]
    private static let cuffCodes = [
        "150021^MDC_PRESS_BLD_NONINV_SYS", "150022^MDC_PRESS_BLD_NONINV_DIA", "150023^MDC_PRESS_BLD_NONINV_MEAN",
    ]
}

/// One OBX segment; a value of 0 or none becomes an empty value with result status X.
private struct ObservationSegment {
    let code: String
    let subId: String
    let value: String
    let unit: String
    let time: String

    init(_ code: String, _ subId: String, _ value: String, _ unit: String, _ time: String) {
        self.code = code
        self.subId = subId
        self.value = value
        self.unit = unit
        self.time = time
    }

    func text(number: Int) -> String {
        let isAbsent = value.isEmpty || value == "0"
        let shown = isAbsent ? "" : value
        let status = isAbsent ? "X" : "F"
        return "OBX|\(number)|NM|\(code)^MDC|\(subId)|\(shown)|\(unit)^MDC|||||\(status)|||\(time)"
    }
}
