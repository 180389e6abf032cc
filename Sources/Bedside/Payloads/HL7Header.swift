/// The MSH segment of an HL7 v2 message: what its receiver needs to answer it, whatever the rest is worth.
///
/// Fields are as sent: escape sequences are not resolved, so that an answer can repeat them.
package struct HL7Header: Sendable, Equatable {
    /// MSH-1 and MSH-2: field separator and encoding characters, as sent.
    package let marks: [UInt8]
    /// MSH-3 to MSH-6.
    package let sendingApplication: [UInt8]
    package let sendingFacility: [UInt8]
    package let receivingApplication: [UInt8]
    package let receivingFacility: [UInt8]
    /// MSH-7.1; empty when it is missing.
    package let messageTime: [UInt8]
    /// MSH-9.1, 9.2; empty when they are missing.
    package let messageType: String
    package let trigger: String
    /// MSH-10; empty when it is missing.
    package let controlID: [UInt8]
    /// MSH-11.1 and MSH-12.1.
    package let processingID: String
    package let version: String
    /// MSH-15 and MSH-16: which acknowledgements the sender wants (table 0155); empty in original mode.
    package let acceptAcknowledgement: String
    package let applicationAcknowledgement: String

    /// Fields of a header above this are refused: they would come back in the answer.
    package static let fieldBytesMax = 512

    /// Reads the header at the start of a message without its frame.
    ///
    /// - Throws: ``DecodeFailure`` when there is no MSH segment that could be answered.
    package init(_ bytes: UnsafeRawBufferPointer) throws(DecodeFailure) {
        let delimiters = try HL7Delimiters(bytes)
        let end = bytes.firstIndex { $0 == 0x0D || $0 == 0x0A } ?? bytes.count
        var pieces = HL7Pieces(bytes, in: 0..<end, separatedBy: delimiters.field)
        // MSH counts its separator as field 1.
        var fields: [Range<Int>] = [0..<0, 3..<4]
        _ = pieces.next()
        while fields.count <= 16, let field = pieces.next() {
            guard field.count <= Self.fieldBytesMax else {
                throw DecodeFailure(.tooLarge, "a field of MSH is longer than \(Self.fieldBytesMax) bytes")
            }
            fields.append(field)
        }
        func field(_ number: Int) -> [UInt8] { number < fields.count ? Array(bytes[fields[number]]) : [] }
        func component(_ number: Int, _ position: Int) -> [UInt8] {
            guard number < fields.count else { return [] }
            var parts = HL7Pieces(bytes, in: fields[number], separatedBy: delimiters.component)
            var found = parts.next()
            for _ in 1..<position { found = parts.next() }
            return found.map { Array(bytes[$0]) } ?? []
        }
        func word(_ number: Int, _ position: Int = 1) -> String {
            String(decoding: component(number, position).filter { $0 != 0x20 }, as: UTF8.self)
        }
        self.marks = [delimiters.field] + field(2)
        self.sendingApplication = field(3)
        self.sendingFacility = field(4)
        self.receivingApplication = field(5)
        self.receivingFacility = field(6)
        self.messageTime = component(7, 1)
        self.messageType = word(9)
        self.trigger = word(9, 2)
        self.controlID = field(10)
        self.processingID = word(11)
        self.version = word(12)
        self.acceptAcknowledgement = word(15)
        self.applicationAcknowledgement = word(16)
    }
}
