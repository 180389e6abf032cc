internal import Payloads

/// Which messages a listener takes, by their headers alone (HL7 v2.6 §2.9.2: MSH-9, MSH-11, MSH-12).
package struct Admission: Sendable {
    /// The values of MSH-9.1: `ORU`, `ADT`.
    package let messageTypes: [String]
    /// The values of MSH-11.1: `P` for production.
    package let processingIDs: [String]

    package init(messageTypes: [String], processingIDs: [String] = ["P"]) {
        self.messageTypes = messageTypes
        self.processingIDs = processingIDs
    }

    /// Whether ADT messages are taken.
    package var takesMovements: Bool { self.messageTypes.contains("ADT") }

    /// Looks at a header.
    ///
    /// - Returns: why the message is refused; nil when it is to be stored.
    func refusal(of header: HL7Header) -> HL7Refusal? {
        if header.messageType.isEmpty { return .missing(field: 9) }
        if header.controlID.isEmpty { return .missing(field: 10) }
        if !self.messageTypes.contains(header.messageType) { return .unsupportedType }
        if header.processingID.isEmpty { return .missing(field: 11) }
        if !self.processingIDs.contains(header.processingID) { return .unsupportedProcessing }
        if header.version.isEmpty { return .missing(field: 12) }
        if !Self.isVersion2(header.version) { return .unsupportedVersion }
        return nil
    }

    /// `2`, `2.1` to `2.9`, `2.5.1`.
    private static func isVersion2(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.first == "2" && parts.count <= 3
            && parts.allSatisfy { $0.utf8.count == 1 && $0.utf8.allSatisfy { (48...57).contains($0) } }
    }
}

/// Why a message is not taken; it is not stored, and its sender is told (HL7 table 0357).
package struct HL7Refusal: Sendable, Hashable {
    /// A stable word for metrics.
    package let word: String
    /// MSA-1 in original mode: `AR` when the header is at fault or it may be tried again later, else `AE`.
    let original: String
    /// MSA-1 in enhanced mode.
    let enhanced: String
    /// Of table 0357.
    let code: Int
    let text: String
    /// The field of MSH that is at fault; nil for the message as a whole.
    let field: Int?

    private init(_ word: String, rejects: Bool, code: Int, _ text: String, field: Int? = nil) {
        self.word = word
        self.original = rejects ? "AR" : "AE"
        self.enhanced = rejects ? "CR" : "CE"
        self.code = code
        self.text = text
        self.field = field
    }

    static let unsupportedType = HL7Refusal(
        "message-type",
        rejects: true,
        code: 200,
        "Unsupported message type",
        field: 9
    )
    static let unsupportedProcessing = HL7Refusal(
        "processing-id",
        rejects: true,
        code: 202,
        "Unsupported processing id",
        field: 11
    )
    static let unsupportedVersion = HL7Refusal("version", rejects: true, code: 203, "Unsupported version id", field: 12)
    /// Not a message that begins with a header.
    static let noHeader = HL7Refusal("no-header", rejects: true, code: 100, "Segment sequence error")
    static let oversized = HL7Refusal("oversized", rejects: false, code: 207, "Message larger than this system takes")

    static func missing(field: Int) -> HL7Refusal {
        HL7Refusal("required-field", rejects: field != 10, code: 101, "Required field missing", field: field)
    }
}
