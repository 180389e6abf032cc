internal import Units

/// A line of ``ObservationWriter``, taken apart as far as a replay needs it.
package struct WrittenObservation: Sendable {
    /// The line without its line feed.
    package let line: [UInt8]
    /// What receivers know it by.
    package let id: String
    /// The id that its reading has of its own; another one than ``id`` once a replay has changed the reading.
    package let readingID: String
    package let status: String
    /// SHA-256 of the payload it came from, 64 hexadecimal digits.
    package let rawHash: String
    /// `id@version` of the profile that read it.
    package let profile: String
    /// Position in its message, from 0.
    package let ordinal: Int
    /// Whether a replay brought it without there having been one before.
    package let isReplayed: Bool
    /// When its message was received, as it is written.
    package let issued: String

    let skim: JSONSkim
    let parts: Parts

    /// Places of what a replay compares or replaces.
    struct Parts: Sendable {
        var id = 0..<0
        var meta: Range<Int>?
        var provenance = 0..<0
        var otherExtensions: [Range<Int>] = []
        var identifier = 0..<0
        var status = 0..<0
        var code: Range<Int>?
        var subject: Range<Int>?
        var effective: Range<Int>?
        var device: Range<Int>?
        /// Value or reason of its absence, body site and components.
        var measurement: [Range<Int>] = []
        /// Everything else, category and issued among it.
        var rest: [Range<Int>] = []
    }

    /// Takes a line apart; nil when it is no line of the writer.
    ///
    /// - Parameter line: with or without its line feed.
    package init?(_ line: ArraySlice<UInt8>) {
        let bytes = Array(line.last == UInt8(ascii: "\n") ? line.dropLast() : line)
        let skim = JSONSkim(bytes: bytes)
        guard let parts = Parts(skim), let provenance = Provenance(skim, parts.provenance),
            let id = skim.text(skim.string(parts.id)), let status = skim.text(skim.string(parts.status)),
            let issued = skim.text(skim.string(skim.member("issued", of: 0..<bytes.count)))
        else { return nil }
        self.line = bytes
        self.skim = skim
        self.parts = parts
        self.id = id
        self.status = status
        self.issued = issued
        self.readingID = provenance.reading ?? id
        self.rawHash = provenance.rawHash
        self.profile = provenance.profile
        self.ordinal = provenance.ordinal
        self.isReplayed = provenance.isReplayed
    }

    static let withdrawnStatus = "entered-in-error"

    /// Whether it was taken back.
    package var isWithdrawn: Bool { self.status == Self.withdrawnStatus }

    /// What the receiver cares for: everything but identifiers, status and provenance.
    package var content: [UInt8] {
        var content: [UInt8] = []
        content.reserveCapacity(self.line.count)
        let parts = self.parts
        let ranges =
            [parts.meta, parts.code, parts.subject, parts.effective, parts.device].map { $0 ?? 0..<0 }
            + parts.otherExtensions + parts.measurement + parts.rest
        for range in ranges {
            content.append(contentsOf: self.line[range])
            content.append(UInt8(ascii: "\n"))
        }
        return content
    }

    /// First coding of its code, `system|code`; the text of a code without codings.
    package var concept: String {
        let codings = self.skim.member("coding", of: self.parts.code).flatMap(self.skim.elements)
        guard let first = codings?.first else {
            return self.skim.text(self.skim.string(self.skim.member("text", of: self.parts.code))) ?? ""
        }
        let system = self.skim.text(self.skim.string(self.skim.member("system", of: first))) ?? ""
        return system + "|" + (self.skim.text(self.skim.string(self.skim.member("code", of: first))) ?? "")
    }

    /// The code alone, for tables.
    package var code: String { String(self.concept.split(separator: "|").last ?? "") }

    var channel: String? { self.skim.text(self.skim.string(self.extensionValue("urn:wardline:fhir:channel"))) }

    var measurement: [UInt8] { self.parts.measurement.flatMap { self.line[$0] } }

    /// The patient's pseudonym; nil when it is nobody's.
    package var pseudonym: String? {
        let identifier = self.skim.member("identifier", of: self.parts.subject)
        guard let system = self.skim.string(self.skim.member("system", of: identifier)),
            self.skim.equals(system, "urn:wardline:patient")
        else { return nil }
        return self.skim.text(self.skim.string(self.skim.member("value", of: identifier)))
    }

    /// The device's identifier, as it is escaped in JSON.
    package var device: String {
        let identifier = self.skim.member("identifier", of: self.parts.device)
        return self.skim.text(self.skim.string(self.skim.member("value", of: identifier))) ?? ""
    }

    /// Whether it is a series of samples.
    package var isSeries: Bool { self.skim.member("valueSampledData", of: 0..<self.line.count) != nil }

    /// The codes of its flags, in order.
    var flags: [String] {
        self.parts.otherExtensions.filter { self.isExtension($0, "urn:wardline:fhir:quality") }
            .compactMap { self.skim.text(self.skim.string(self.skim.member("valueCode", of: $0))) }
    }

    func isExtension(_ range: Range<Int>, _ url: StaticString) -> Bool {
        self.skim.string(self.skim.member("url", of: range)).map { self.skim.equals($0, url) } ?? false
    }

    /// The value of an extension of the Observation itself.
    private func extensionValue(_ url: StaticString) -> Range<Int>? {
        self.parts.otherExtensions.first { self.isExtension($0, url) }
            .flatMap { self.skim.member("valueString", of: $0) }
    }
}

extension WrittenObservation.Parts {
    init?(_ skim: JSONSkim) {
        guard let members = skim.members(of: 0..<skim.bytes.count) else { return nil }
        for (name, value) in members {
            if skim.equals(name, "id") {
                self.id = value
            } else if skim.equals(name, "meta") {
                self.meta = value
            } else if skim.equals(name, "extension") {
                guard let elements = skim.elements(of: value), let first = elements.first else { return nil }
                self.provenance = first
                self.otherExtensions = Array(elements.dropFirst())
            } else if skim.equals(name, "identifier") {
                self.identifier = value
            } else if skim.equals(name, "status") {
                self.status = value
            } else if skim.equals(name, "code") {
                self.code = value
            } else if skim.equals(name, "subject") {
                self.subject = value
            } else if skim.equals(name, "effectiveDateTime") {
                self.effective = value
            } else if skim.equals(name, "device") {
                self.device = value
            } else if Self.isMeasurement(skim.bytes[name]) {
                self.measurement.append(name.lowerBound..<value.upperBound)
            } else {
                self.rest.append(name.lowerBound..<value.upperBound)
            }
        }
        guard !self.id.isEmpty, !self.provenance.isEmpty, !self.identifier.isEmpty, !self.status.isEmpty else {
            return nil
        }
    }

    private static func isMeasurement(_ name: ArraySlice<UInt8>) -> Bool {
        name.starts(with: "value".utf8) || name.elementsEqual("dataAbsentReason".utf8)
            || name.elementsEqual("bodySite".utf8) || name.elementsEqual("component".utf8)
    }
}

/// The provenance extension of an Observation.
private struct Provenance {
    var rawHash = ""
    var profile = ""
    var ordinal = 0
    var reading: String?
    var isReplayed = false

    init?(_ skim: JSONSkim, _ range: Range<Int>) {
        guard let url = skim.string(skim.member("url", of: range)), skim.equals(url, "urn:wardline:fhir:provenance"),
            let parts = skim.member("extension", of: range).flatMap(skim.elements)
        else { return nil }
        for part in parts {
            guard let name = skim.string(skim.member("url", of: part)) else { return nil }
            let text = skim.text(skim.string(skim.member("valueString", of: part)))
            if skim.equals(name, "rawMessage") {
                self.rawHash = text ?? ""
            } else if skim.equals(name, "profile") {
                self.profile = text ?? ""
            } else if skim.equals(name, "ordinal") {
                self.ordinal = skim.text(skim.member("valueInteger", of: part)).flatMap { Int($0) } ?? 0
            } else if skim.equals(name, "reading") {
                self.reading = text
            } else if skim.equals(name, "replayed") {
                self.isReplayed = true
            }
        }
        guard self.rawHash.utf8.count == 64 else { return nil }
    }
}
