internal import Records
internal import Units

extension WrittenObservation {
    /// The device's own time of the reading; nil when it gave none, or none that was kept.
    var deviceTime: DateTime? {
        guard let clock = self.extension("urn:wardline:fhir:clock") else {
            return self.basis == .received ? nil : self.effectiveTime
        }
        return self.part("deviceTime", of: clock, "valueDateTime").flatMap { DateTime(rfc3339: self.line[$0]) }
    }

    var effectiveTime: DateTime? {
        self.skim.string(self.parts.effective).flatMap { DateTime(rfc3339: self.line[$0]) }
    }

    var basis: EffectiveTime.Basis {
        let flags = self.flags
        if flags.contains(QualityFlag.receiveTime.code) { return .received }
        return flags.contains(QualityFlag.clockCorrected.code) ? .corrected : .device
    }

    /// What was added to the device time, nanoseconds; written in whole milliseconds.
    private var clockOffsetNs: Int64 {
        guard let clock = self.extension("urn:wardline:fhir:clock"),
            let milliseconds = self.scaled(self.part("offsetSeconds", of: clock, "valueDecimal"), digits: 3)
        else { return 0 }
        return milliseconds.multipliedReportingOverflow(by: 1_000_000).partialValue
    }

    /// Where a block of samples stood in its series when it was read first.
    private var place: BlockPlace? {
        let flag = self.flags.first { Self.placeFlags.contains($0) }.map { QualityFlag($0) }
        guard let samples = self.extension("urn:wardline:fhir:samples") else {
            return flag.map { BlockPlace(position: nil, flag: $0) }
        }
        let position = self.scaled(self.part("position", of: samples, "valueDecimal"), digits: 0)
        let lost = self.scaled(self.part("lost", of: samples, "valueDecimal"), digits: 0)
        guard position != nil || lost != nil || flag != nil else { return nil }
        let deviation = self.scaled(self.part("deviationSeconds", of: samples, "valueDecimal"), digits: 9)
        return BlockPlace(
            position: position.flatMap { UInt64(exactly: $0) },
            deviationNs: deviation ?? 0,
            lost: lost.flatMap { UInt64(exactly: $0) } ?? 0,
            flag: flag
        )
    }

    private static let placeFlags = Set(
        [QualityFlag.samplesLost, .lateBlock, .samplesOverlap, .counterRestarted, .sampleClockDrift].map(\.code)
    )

    /// Gives a new reading of the same message what only the moment of its receipt could tell.
    ///
    /// The clock's estimate and the place in a series come from the messages before it; a replay, which begins somewhere,
    /// would find others and call every reading changed. They are kept as long as the device's time is the same.
    ///
    /// - Parameters:
    ///   - observation: the new reading; changed in place.
    ///   - keepsTimes: false to take the replay's own estimate.
    func carry(into observation: inout Observation, keepsTimes: Bool) {
        if self.isReplayed { observation.reading.historical = true }
        if keepsTimes, self.basis != .received, let own = observation.reading.deviceTime, observation.isDeviceTimed,
            let before = self.deviceTime, own == before, let time = self.effectiveTime
        {
            let isSame = self.basis == .device
            observation.effective = EffectiveTime(time: isSame ? own : time, basis: self.basis)
            observation.clockOffsetNs = isSame ? 0 : self.clockOffsetNs
        }
        if case .sampled = observation.reading.value { observation.place = self.place ?? observation.place }
    }

    private func `extension`(_ url: StaticString) -> Range<Int>? {
        self.parts.otherExtensions.first { self.isExtension($0, url) }
    }

    private func part(_ name: StaticString, of range: Range<Int>, _ value: StaticString) -> Range<Int>? {
        let parts = self.skim.member("extension", of: range).flatMap(self.skim.elements) ?? []
        let part = parts.first { self.isExtension($0, name) }
        guard let found = self.skim.member(value, of: part) else { return nil }
        return self.skim.string(found) ?? found
    }

    /// A decimal number as an integer of its last digit; nil when it has more digits.
    private func scaled(_ range: Range<Int>?, digits: Int) -> Int64? {
        guard let range else { return nil }
        var value: Int64 = 0
        var fraction: Int?
        var isNegative = false
        for (index, byte) in self.line[range].enumerated() {
            switch byte {
            case UInt8(ascii: "-") where index == 0: isNegative = true
            case UInt8(ascii: ".") where fraction == nil: fraction = 0
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let (product, overflows) = value.multipliedReportingOverflow(by: 10)
                let (sum, carries) = product.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
                guard !overflows, !carries else { return nil }
                value = sum
                fraction = fraction.map { $0 + 1 }
            default: return nil
            }
        }
        guard fraction ?? 0 <= digits else { return nil }
        for _ in 0..<(digits - (fraction ?? 0)) {
            let (product, overflows) = value.multipliedReportingOverflow(by: 10)
            guard !overflows else { return nil }
            value = product
        }
        return isNegative ? -value : value
    }
}
