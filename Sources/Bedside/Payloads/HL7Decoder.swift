/// Decodes an HL7 v2 message: observations (ORU^R01), alarms (ORU^R40), movements of patients (ADT) and any other type
/// with OBX segments.
///
/// Tree (a member whose field is empty is left out; texts are unescaped and without the spaces around them, times are
/// HL7 time stamps exactly as sent; `NM` numbers keep their precision):
///
/// ```
/// { "message_type": "ORU", "trigger": "R01", "control_id": "15419", "message_time": "20140606112039+0800",
///   "sending_application": "EGATEWAY", "sending_application_id": "00A037…",      // MSH-3.1, MSH-3.2
///   "sending_facility": "ICU-2", "message_profile": "IHE_PCD_001",               // MSH-4.1, MSH-21.1
///   "patient": { "id": "P1", "assigner": "Hospital",                             // first of the identifiers
///                "identifiers": [{ "id": "P1", "assigner": "Hospital", "type": "PI" }] },
///   "event": { "code": "A02", "recorded": "2026…", "occurred": "2026…" },        // EVN-1, EVN-2, EVN-6
///   "visit": { "class": "I", "point_of_care": "ICU", "room": "3", "bed": "12", "facility": "A", "number": "V1",
///              "prior": { "point_of_care": "ICU", "room": "3", "bed": "11", "facility": "A" } },   // PV1-19, PV1-6
///   "orders": [{ "set_id": 1, "filler": "15419", "code": "69952", "code_text": "MDC_DEV_…", "code_system": "MDC",
///                "time": "2014…", "end_time": "2014…" }],
///   "observations": [ … ],                                                       // HL7ObservationWriter
///   "clock": { "device_time": "20091028123702", "reference_time": "20091028173702+0000",
///              "sync": "MDC_TIME_SYNC_NONE" } }                                  // MDC 67975, its OBX-14, MDC 68220
/// ```
///
/// Names, birth dates, addresses and social security numbers never enter the tree. MLLP framing, LF or CRLF between
/// segments, and messages without character set (UTF-8 if valid, else Latin-1) are tolerated. Two messages or two
/// patients in one payload are refused.
package enum HL7Decoder {
    /// Writes the root object.
    ///
    /// - Parameters:
    ///   - bytes: the message, with or without MLLP framing.
    ///   - tree: an empty tree.
    /// - Throws: why the message is refused; `unsupported` for a character set or batch that Wardline does not read.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer,
        into tree: inout PayloadTree
    ) throws(DecodeFailure) {
        try self.decodeValue(bytes, key: .none, into: &tree)
    }

    /// Adds the object under the open container.
    package static func decodeValue(
        _ bytes: UnsafeRawBufferPointer,
        key: PayloadTree.Span,
        into tree: inout PayloadTree
    ) throws(DecodeFailure) {
        try PayloadBounds.check(bytes, bytesMax: PayloadBounds.unwrappedBytesMax)
        let content = try MLLP.unframed(bytes)
        let delimiters = try HL7Delimiters(content)
        let characterSet = try self.characterSet(content, delimiters)
        try characterSet.transcoded(content) { (text) throws(DecodeFailure) in
            let message = try HL7Message(text, delimiters, characterSet)
            var writer = HL7TreeWriter(message)
            try writer.write(key: key, to: &tree)
        }
    }

    /// Reads MSH-18 before the text is known to be text: its values are ASCII in every character set.
    private static func characterSet(
        _ bytes: UnsafeRawBufferPointer,
        _ delimiters: HL7Delimiters
    ) throws(DecodeFailure) -> HL7CharacterSet {
        let end = bytes.firstIndex { $0 == 0x0D || $0 == 0x0A } ?? bytes.count
        var fields = HL7Pieces(bytes, in: 0..<end, separatedBy: delimiters.field)
        var declared = end..<end
        for number in 1...18 {
            guard let field = fields.next() else { break }
            if number == 18 { declared = field }
        }
        var repetitions = HL7Pieces(bytes, in: declared, separatedBy: delimiters.repetition)
        return try HL7CharacterSet(declared: bytes[repetitions.next() ?? declared], bytes: bytes)
    }
}
