internal import Records

/// Writes Observations as FHIR R4 JSON, one per line.
///
/// What depends only on a concept or a message is rendered once and copied afterwards. Equal Observations give equal
/// bytes in every process.
package struct ObservationWriter: Sendable {
    /// Concepts whose fragments are kept; a fuller cache starts anew.
    static let cachedConceptsMax = 4096

    private var concepts: [ObjectIdentifier: ConceptFragments] = [:]
    private var message: MessageFragments?
    private var scratch: [UInt8] = []

    package init() {}

    /// Appends one Observation and a line feed.
    package mutating func write(_ observation: Observation, to output: inout [UInt8]) {
        let concept = self.fragments(of: observation.reading.concept)
        let message = self.fragments(of: observation.source)
        output.append(#"{"resourceType":"Observation","id":""#)
        let idStart = output.count
        if let id = observation.reissue?.id {
            output.append(contentsOf: id.utf8)
        } else {
            ObservationID.write(observation, scratch: &self.scratch, to: &output)
        }
        let id = idStart..<output.count
        output.append(#"","#)
        Self.writeMeta(observation, profile: concept.profile, to: &output)
        output.append(#""extension":["#)
        output.append(contentsOf: message.provenance)
        JSONText.appendInteger(observation.ordinal, to: &output)
        output.append("}")
        if let reissue = observation.reissue { self.writeReissue(reissue, of: observation, to: &output) }
        output.append("]}")
        Self.writeExtensions(of: observation, to: &output)
        output.append(#"],"identifier":[{"system":"urn:wardline:observation","value":""#)
        output.appendCopy(of: id)
        output.append(
            observation.status == .final ? #""}],"status":"final","# : #""}],"status":"corrected","#
        )
        output.append(contentsOf: concept.categoryAndCode)
        Self.writeSubject(of: observation, to: &output)
        output.append(#","effectiveDateTime":""#)
        observation.effective.time.write(to: &output)
        output.append(contentsOf: message.issued)
        self.writeMeasurement(observation.reading, concept: concept, to: &output)
        output.append(contentsOf: message.device)
        self.writeComponents(observation.reading.components, to: &output)
        output.append("}\n")
    }

    /// What the provenance says of a replay: the profile before, and the id that the reading has of its own.
    private mutating func writeReissue(_ reissue: Reissue, of observation: Observation, to output: inout [UInt8]) {
        if reissue.isReplayed { output.append(#",{"url":"replayed","valueBoolean":true}"#) }
        guard reissue.id != nil else { return }
        if let replaces = reissue.replaces {
            output.append(#",{"url":"replaces","valueString":"#)
            JSONText.appendQuoted(replaces, to: &output)
            output.append("}")
        }
        output.append(#",{"url":"reading","valueString":""#)
        ObservationID.write(observation, scratch: &self.scratch, to: &output)
        output.append(#""}"#)
    }

    private mutating func writeMeasurement(
        _ reading: Reading,
        concept: ConceptFragments,
        to output: inout [UInt8]
    ) {
        // A panel carries its values in its components (vital-signs rule vs-2: one of both must be there).
        if reading.value != .panel || reading.components.isEmpty {
            ValueWriter.write(reading.value, concept: concept, to: &output)
        }
        if let bodySite = reading.bodySite {
            output.append(#","bodySite":{"coding":["#)
            ConceptFragments.append(bodySite, to: &output)
            output.append("]}")
        }
    }

    private mutating func writeComponents(_ components: [ReadingComponent], to output: inout [UInt8]) {
        guard !components.isEmpty else { return }
        output.append(#","component":["#)
        for (index, component) in components.enumerated() {
            output.append(index == 0 ? "{" : ",{")
            Self.writeComponentFlags(component.flags, to: &output)
            let concept = self.fragments(of: component.concept)
            output.append(contentsOf: concept.code)
            ValueWriter.write(component.value, concept: concept, to: &output)
            output.append("}")
        }
        output.append("]")
    }

    private mutating func fragments(of concept: Concept) -> ConceptFragments {
        let address = ObjectIdentifier(concept)
        if let known = self.concepts[address] { return known }
        if self.concepts.count >= Self.cachedConceptsMax { self.concepts.removeAll(keepingCapacity: true) }
        let fragments = ConceptFragments(concept)
        self.concepts[address] = fragments
        return fragments
    }

    private mutating func fragments(of source: MessageSource) -> MessageFragments {
        if let message, message.source === source { return message }
        let fragments = MessageFragments(source)
        self.message = fragments
        return fragments
    }
}

extension [UInt8] {
    /// Appends bytes that the buffer already holds.
    fileprivate mutating func appendCopy(of range: Range<Int>) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: range.count) { copy in
            _ = copy.initialize(from: self[range])
            self.append(contentsOf: UnsafeBufferPointer(copy))
        }
    }
}
