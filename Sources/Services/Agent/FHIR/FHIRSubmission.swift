internal import Normalization

/// Observations on their way to a FHIR server as one Bundle (FHIR R4, http.html#transaction).
///
/// A reading that comes for the first time is a conditional create: `If-None-Exist` on its identifier, so that a repetition adds
/// nothing. A corrected or withdrawn one is a conditional update on the same identifier. The server gives ids of its own. Pure.
struct FHIRSubmission: Sendable {
    /// How a server processes a Bundle.
    enum Mode: String, Sendable, CaseIterable {
        /// Each entry for itself.
        case batch
        /// All entries or none.
        case transaction
    }

    /// One Observation.
    struct Entry: Sendable {
        /// The value of its identifier.
        let id: String
        /// Whether it replaces what the server may have.
        let isUpdate: Bool
        /// Whether it is a block of a waveform.
        let isSeries: Bool
        /// The Observation without the gateway's id, which no server may take for its own.
        let resource: [UInt8]

        /// Takes a line of the spool apart; nil for anything else.
        init?(line: ArraySlice<UInt8>) {
            guard let written = WrittenObservation(line) else { return nil }
            let prefix = Array(#"{"resourceType":"Observation","id":"\#(written.id)","#.utf8)
            guard written.line.starts(with: prefix), Self.isPlain(written.id) else { return nil }
            self.id = written.id
            self.isUpdate = written.status != "final"
            self.isSeries = written.isSeries
            self.resource = Array(#"{"resourceType":"Observation","#.utf8) + written.line[prefix.count...]
        }

        /// Ids are hexadecimal digits: nothing that a search would read as more than a value.
        private static func isPlain(_ id: String) -> Bool {
            id.utf8.count == 32
                && id.utf8.allSatisfy {
                    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                        || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
                }
        }
    }

    private static let identifier = "identifier=\(ObservationID.identifierSystem)|"

    /// A Bundle of entries in their order.
    static func bundle(_ entries: [Entry], mode: Mode) -> [UInt8] {
        var bundle = Array(#"{"resourceType":"Bundle","type":"\#(mode.rawValue)","entry":["#.utf8)
        for (index, entry) in entries.enumerated() {
            bundle += (index == 0 ? #"{"fullUrl":"urn:uuid:"# : #",{"fullUrl":"urn:uuid:"#).utf8
            bundle += self.uuid(entry.id).utf8
            bundle += #"","resource":"#.utf8
            bundle += entry.resource
            if entry.isUpdate {
                bundle += #","request":{"method":"PUT","url":"Observation?"#.utf8
                bundle += self.identifier.utf8
            } else {
                bundle += #","request":{"method":"POST","url":"Observation","ifNoneExist":""#.utf8
                bundle += self.identifier.utf8
            }
            bundle += entry.id.utf8
            bundle += #""}}"#.utf8
        }
        bundle += "]}".utf8
        return bundle
    }

    /// 32 hexadecimal digits with the hyphens of a UUID.
    private static func uuid(_ id: String) -> String {
        var text = ""
        for (index, digit) in id.enumerated() {
            if [8, 12, 16, 20].contains(index) { text.append("-") }
            text.append(digit)
        }
        return text
    }
}
