internal import Records
internal import Units

/// The parts of the JSON that depend on nothing but the concept, rendered once.
///
/// A class, because handing five arrays about costs more than copying their bytes.
final class ConceptFragments: Sendable {
    /// Keeps the object alive, so that its address identifies it as long as the fragments are cached.
    let concept: Concept
    /// The profile list inside `meta`, or empty.
    let profile: [UInt8]
    /// Category, then ``code``.
    let categoryAndCode: [UInt8]
    /// The codings and their text, named `code`, as Observation and component need them.
    let code: [UInt8]
    /// The rest of a Quantity after its value, in the concept's own unit.
    let unit: [UInt8]

    init(_ concept: Concept) {
        self.concept = concept
        self.profile = concept.profileURL.map(Self.profile) ?? []
        let code = Self.code(concept)
        self.code = code
        self.categoryAndCode = Self.category(concept.category) + code
        self.unit = concept.unit.map(Self.unit) ?? []
    }

    private static func profile(_ url: String) -> [UInt8] {
        var bytes = Array(#""profile":["#.utf8)
        JSONText.appendQuoted(url, to: &bytes)
        bytes.append("]")
        return bytes
    }

    private static func category(_ category: Concept.Category) -> [UInt8] {
        var bytes = Array(#""category":[{"coding":["#.utf8)
        let isVital = category == .vitalSigns
        let coding = Coding(
            system: isVital ? FHIRNames.observationCategory : FHIRNames.category,
            code: category.rawValue
        )
        self.append(coding, to: &bytes)
        bytes.append("]}],")
        return bytes
    }

    private static func code(_ concept: Concept) -> [UInt8] {
        var bytes = Array(#""code":{"#.utf8)
        if !concept.codings.isEmpty {
            bytes.append(#""coding":["#)
            for (index, coding) in concept.codings.enumerated() {
                if index > 0 { bytes.append(",") }
                self.append(coding, to: &bytes)
            }
            bytes.append("],")
        }
        bytes.append(#""text":"#)
        JSONText.appendQuoted(concept.text.isEmpty ? concept.key : concept.text, to: &bytes)
        bytes.append("}")
        return bytes
    }

    /// `,"unit":"…","system":"…","code":"…"}`: the rest of a Quantity after its value.
    static func unit(_ unit: MeasuredUnit) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(#","unit":"#)
        JSONText.appendQuoted(unit.display.isEmpty ? unit.code : unit.display, to: &bytes)
        bytes.append(#","system":"http://unitsofmeasure.org","code":"#)
        JSONText.appendQuoted(unit.code, to: &bytes)
        bytes.append("}")
        return bytes
    }

    /// Appends a FHIR Coding; empty parts are left out, as FHIR has no empty strings.
    static func append(_ coding: Coding, to bytes: inout [UInt8]) {
        bytes.append(#"{"system":"#)
        JSONText.appendQuoted(coding.system, to: &bytes)
        bytes.append(#","code":"#)
        JSONText.appendQuoted(coding.code, to: &bytes)
        if let display = coding.display, !display.isEmpty {
            bytes.append(#","display":"#)
            JSONText.appendQuoted(display, to: &bytes)
        }
        bytes.append("}")
    }
}

/// The parts of the JSON that all readings of one message share.
final class MessageFragments: Sendable {
    let source: MessageSource
    /// The provenance extension up to the ordinal's value.
    let provenance: [UInt8]
    /// `","issued":"…"`, which closes the effective time.
    let issued: [UInt8]
    /// The member `,"device":{…}`.
    let device: [UInt8]

    init(_ source: MessageSource) {
        self.source = source
        self.provenance = Self.provenance(source)
        self.issued = Self.issued(source)
        self.device = Self.device(source)
    }

    private static func provenance(_ source: MessageSource) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        bytes.append(#"{"url":"urn:wardline:fhir:provenance","extension":[{"url":"rawMessage","valueString":""#)
        source.rawHash.writeHex(to: &bytes)
        bytes.append(#""},{"url":"profile","valueString":""#)
        JSONText.appendEscaped(source.profileID, to: &bytes)
        bytes.append("@")
        JSONText.appendEscaped(source.profileVersion, to: &bytes)
        bytes.append(#""},{"url":"ordinal","valueInteger":"#)
        return bytes
    }

    private static func issued(_ source: MessageSource) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(48)
        bytes.append(#"","issued":""#)
        DateTime.received(source.receivedAt).write(to: &bytes)
        bytes.append(#"""#)
        return bytes
    }

    private static func device(_ source: MessageSource) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(128)
        bytes.append(#","device":{"identifier":{"system":"urn:wardline:device""#)
        if !source.deviceID.isEmpty {
            bytes.append(#","value":"#)
            JSONText.appendQuoted(source.deviceID, to: &bytes)
        }
        bytes.append("}")
        if !source.deviceDisplay.isEmpty {
            bytes.append(#","display":"#)
            JSONText.appendQuoted(source.deviceDisplay, to: &bytes)
        }
        bytes.append("}")
        return bytes
    }
}
