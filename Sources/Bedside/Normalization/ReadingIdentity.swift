internal import Records
internal import Units

/// The bytes that make a reading the same reading: both its ``ObservationID`` and its deduplication key hash them.
///
/// Fields, each text preceded by its length as `u32` little-endian: domain `WARDLINE-OBSERVATION-1` · device · system
/// and code of the concept's first coding (its key when it has none) · channel (empty for none) · time · measurement.
/// - Time is `T` and the device's own, uncorrected time in nanoseconds (`i64`), so that an improved clock estimate
///   never makes a second Observation. Without one it is `M`, receive time, message number, raw hash (hexadecimal)
///   and ordinal: two equal readings of two messages are two. A retained message, which the broker repeats at every
///   subscription, is `R`, raw hash and ordinal.
/// - The measurement is `S` and the device's sequence number, else `V` and the value with its components.
enum ReadingIdentity {
    private static let domain: StaticString = "WARDLINE-OBSERVATION-1"

    /// Appends the bytes of one reading.
    static func append(_ observation: Observation, to bytes: inout [UInt8]) {
        bytes.appendInteger(UInt32(self.domain.utf8CodeUnitCount))
        bytes.append(self.domain)
        self.appendText(observation.source.deviceID, to: &bytes)
        self.appendConcept(observation.reading.concept, to: &bytes)
        self.appendText(observation.reading.channel ?? "", to: &bytes)
        self.appendTime(observation, to: &bytes)
        if let sequence = observation.reading.sequence, !sequence.isEmpty {
            bytes.append(UInt8(ascii: "S"))
            self.appendText(sequence, to: &bytes)
        } else {
            bytes.append(UInt8(ascii: "V"))
            self.appendValue(observation.reading.value, to: &bytes)
            for component in observation.reading.components {
                self.appendConcept(component.concept, to: &bytes)
                self.appendValue(component.value, to: &bytes)
            }
        }
    }

    private static func appendTime(_ observation: Observation, to bytes: inout [UInt8]) {
        let source = observation.source
        if observation.isDeviceTimed, let time = observation.reading.deviceTime {
            bytes.append(UInt8(ascii: "T"))
            bytes.appendInteger(time.nanosecondsSinceEpoch)
            return
        }
        bytes.append(source.retained ? UInt8(ascii: "R") : UInt8(ascii: "M"))
        if !source.retained {
            bytes.appendInteger(source.receivedAt)
            bytes.appendInteger(source.messageNumber)
        }
        source.rawHash.writeHex(to: &bytes)
        bytes.appendInteger(UInt32(truncatingIfNeeded: observation.ordinal))
    }

    private static func appendConcept(_ concept: Concept, to bytes: inout [UInt8]) {
        if let coding = concept.codings.first {
            self.appendCoding(coding, to: &bytes)
        } else {
            self.appendText("", to: &bytes)
            self.appendText(concept.key, to: &bytes)
        }
    }

    private static func appendCoding(_ coding: Coding, to bytes: inout [UInt8]) {
        self.appendText(coding.system, to: &bytes)
        self.appendText(coding.code, to: &bytes)
    }

    private static func appendValue(_ value: ReadingValue, to bytes: inout [UInt8]) {
        switch value {
        case .quantity(let number, let unit):
            bytes.append(UInt8(ascii: "q"))
            self.appendNumber(number, to: &bytes)
            self.appendText(unit.code, to: &bytes)
        case .coded(let coding):
            bytes.append(UInt8(ascii: "c"))
            self.appendCoding(coding, to: &bytes)
        case .text(let text):
            bytes.append(UInt8(ascii: "t"))
            self.appendText(text, to: &bytes)
        case .boolean(let flag):
            bytes.append(flag ? UInt8(ascii: "1") : UInt8(ascii: "0"))
        case .sampled(let series):
            self.appendSeries(series, to: &bytes)
        case .absent(let reason):
            bytes.append(UInt8(ascii: "a"))
            self.appendText(reason.rawValue, to: &bytes)
        case .panel:
            bytes.append(UInt8(ascii: "p"))
        }
    }

    private static func appendSeries(_ series: SampledSeries, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "s"))
        self.appendNumber(series.origin, to: &bytes)
        self.appendNumber(series.periodMilliseconds, to: &bytes)
        self.appendNumber(series.factor, to: &bytes)
        self.appendText(series.unit.code, to: &bytes)
        bytes.appendInteger(UInt32(truncatingIfNeeded: series.samples.count))
        for sample in series.samples {
            bytes.append(sample == nil ? 0 : 1)
            if let sample { self.appendNumber(sample, to: &bytes) }
        }
        // A series without such samples, which is nearly every one, has the bytes that it always had.
        guard !series.outside.isEmpty else { return }
        bytes.append(UInt8(ascii: "o"))
        bytes.appendInteger(UInt32(truncatingIfNeeded: series.outside.count))
        for outside in series.outside {
            bytes.appendInteger(UInt32(truncatingIfNeeded: outside.position))
            bytes.append(outside.isAbove ? 1 : 0)
        }
    }

    /// With its precision: 37.6 and 37.60 are two statements of a device.
    private static func appendNumber(_ number: ExactDecimal, to bytes: inout [UInt8]) {
        bytes.appendInteger(number.significand)
        bytes.appendInteger(Int16(truncatingIfNeeded: number.exponent))
    }

    private static func appendText(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { utf8 in
            bytes.appendInteger(UInt32(truncatingIfNeeded: utf8.count))
            bytes.append(contentsOf: utf8)
        }
    }
}
