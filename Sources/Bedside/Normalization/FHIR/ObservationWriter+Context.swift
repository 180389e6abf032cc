internal import Records
internal import Units

/// Whom, when and how: everything around the measured value.
extension ObservationWriter {
    /// `"meta":{…},` with profile and tags; nothing when there is neither.
    static func writeMeta(_ observation: Observation, profile: [UInt8], to output: inout [UInt8]) {
        let isHistorical = observation.isHistorical
        let isTagged = isHistorical || observation.isLiveAlarm
        guard isTagged || !profile.isEmpty else { return }
        output.append(#""meta":{"#)
        output.append(contentsOf: profile)
        if isTagged {
            if !profile.isEmpty { output.append(",") }
            output.append(#""tag":[{"system":"urn:wardline:tag","code":""#)
            output.append(isHistorical ? "historical" : "live-alarm")
            output.append(#""}]"#)
        }
        output.append("},")
    }

    /// The extensions after the provenance, each with a comma before it.
    static func writeExtensions(of observation: Observation, to output: inout [UInt8]) {
        if observation.isFlagged {
            observation.forEachFlag { flag in
                output.append(",")
                self.writeQuality(flag, to: &output)
            }
        }
        if observation.effective.basis != .device { self.writeClock(of: observation, to: &output) }
        if let channel = observation.reading.channel, !channel.isEmpty {
            output.append(#",{"url":"urn:wardline:fhir:channel","valueString":"#)
            JSONText.appendQuoted(channel, to: &output)
            output.append("}")
        }
        if let sequence = observation.reading.sequence, !sequence.isEmpty {
            output.append(#",{"url":"urn:wardline:fhir:sequence","valueString":"#)
            JSONText.appendQuoted(sequence, to: &output)
            output.append("}")
        }
        self.writeSamples(of: observation, to: &output)
    }

    /// Where a block of samples stands, and the scale that FHIR cannot hold exactly.
    private static func writeSamples(of observation: Observation, to output: inout [UInt8]) {
        guard case .sampled(let series) = observation.reading.value else { return }
        var parts: [(name: StaticString, value: ExactDecimal)] = []
        if let place = observation.place {
            if let position = place.position {
                parts.append(("position", ExactDecimal(significand: Int128(position), exponent: 0)))
                let deviation = ExactDecimal(significand: Int128(place.deviationNs), exponent: -9).normalized
                parts.append(("deviationSeconds", place.deviationNs == 0 ? .zero : deviation))
            }
            if place.lost > 0 { parts.append(("lost", ExactDecimal(significand: Int128(place.lost), exponent: 0))) }
        }
        if let rate = series.exactRate { parts.append(("rate", rate)) }
        if let gain = series.exactGain { parts.append(("gain", gain)) }
        guard !parts.isEmpty else { return }
        output.append(#",{"url":"urn:wardline:fhir:samples","extension":["#)
        for (index, part) in parts.enumerated() {
            output.append(index == 0 ? #"{"url":""# : #",{"url":""#)
            output.append(part.name)
            output.append(#"","valueDecimal":"#)
            part.value.write(to: &output)
            output.append("}")
        }
        output.append("]}")
    }

    /// `"extension":[…],` of a component.
    static func writeComponentFlags(_ flags: [QualityFlag], to output: inout [UInt8]) {
        guard !flags.isEmpty else { return }
        output.append(#""extension":["#)
        for (index, flag) in flags.enumerated() {
            if index > 0 { output.append(",") }
            self.writeQuality(flag, to: &output)
        }
        output.append("],")
    }

    private static func writeQuality(_ flag: QualityFlag, to output: inout [UInt8]) {
        output.append(#"{"url":"urn:wardline:fhir:quality","valueCode":"#)
        JSONText.appendQuoted(flag.code, to: &output)
        output.append("}")
    }

    /// The device's own time beside an effective time that differs from it.
    private static func writeClock(of observation: Observation, to output: inout [UInt8]) {
        guard let deviceTime = observation.reading.deviceTime else { return }
        output.append(#",{"url":"urn:wardline:fhir:clock","extension":[{"url":"deviceTime","valueDateTime":""#)
        deviceTime.write(to: &output)
        output.append(#""}"#)
        if observation.effective.basis == .corrected {
            output.append(#",{"url":"offsetSeconds","valueDecimal":"#)
            let milliseconds = observation.clockOffsetNs / 1_000_000
            ExactDecimal(significand: Int128(milliseconds), exponent: -3).write(to: &output)
            output.append("}")
        }
        output.append("]}")
    }

    /// Appends the subject with a comma before it.
    static func writeSubject(of observation: Observation, to output: inout [UInt8]) {
        output.append(#","subject":{"type":"Patient","identifier":{"system":"#)
        switch observation.subject {
        case .pseudonym(let pseudonym):
            output.append(#""urn:wardline:patient","value":"#)
            JSONText.appendQuoted(pseudonym, to: &output)
            output.append("}}")
        case .recordNumber(let patient):
            output.append(#""urn:wardline:record-number"#)
            if !patient.assigner.isEmpty {
                output.append(":")
                self.writeNamespaceString(patient.assigner, to: &output)
            }
            output.append(#"","value":"#)
            JSONText.appendQuoted(patient.recordNumber, to: &output)
            output.append("}}")
        case .unassociated:
            output.append(#""urn:wardline:unassociated""#)
            if !observation.source.deviceID.isEmpty {
                output.append(#","value":"#)
                JSONText.appendQuoted(observation.source.deviceID, to: &output)
            }
            output.append(#"},"display":"unassociated"}"#)
        }
    }

    /// Text inside a URN: everything but unreserved characters is percent-encoded (RFC 8141 §2.2, RFC 3986 §2.1).
    private static func writeNamespaceString(_ text: String, to output: inout [UInt8]) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                output.append(byte)
            default:
                output.append(UInt8(ascii: "%"))
                for digit in [JSONText.hexDigit(byte >> 4), JSONText.hexDigit(byte & 15)] {
                    output.append(digit >= UInt8(ascii: "a") ? digit - 32 : digit)
                }
            }
        }
    }
}
