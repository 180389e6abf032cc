package import Payloads

/// Writes the answers to one message (HL7 v2.6 §2.9, segments MSH, MSA and ERR).
///
/// In original mode the one answer says AA, AE or AR. In enhanced mode, which MSH-15 or MSH-16 ask for, there is a commit
/// acknowledgement (CA, CE, CR) as MSH-15 wants it, and an application acknowledgement as MSH-16 wants it. Both say that
/// the message is on the disk; what is found wrong in it later is a dead letter.
package struct Acknowledgement: Sendable {
    /// What stands in a condition of table 0155.
    private enum Wanted {
        case always, never, onError, onSuccess

        init(_ text: String) {
            switch text {
            case "AL": self = .always
            case "ER": self = .onError
            case "SU": self = .onSuccess
            default: self = .never
            }
        }

        func includes(success: Bool) -> Bool {
            switch self {
            case .always: true
            case .never: false
            case .onError: !success
            case .onSuccess: success
            }
        }
    }

    /// What tells one answer from another.
    package struct Stamp: Sendable {
        /// HL7 time stamp with zone.
        package let time: String
        /// MSH-10, at most 20 bytes.
        package let controlID: String

        package init(time: String, controlID: String) {
            self.time = time
            self.controlID = controlID
        }
    }

    private static let startBlock: UInt8 = 0x0B
    private static let endBlock: [UInt8] = [0x1C, 0x0D]

    /// The framed answers to a message, in order; none when the sender wants none.
    ///
    /// - Parameters:
    ///   - header: of the message; nil when it has none that could be read.
    ///   - refusal: why it is not taken; nil when it is stored.
    ///   - stamp: of the first answer; a second one's control ID ends in `A`.
    /// - Returns: no, one or two frames.
    package static func answers(to header: HL7Header?, refusal: HL7Refusal?, stamp: Stamp) -> [[UInt8]] {
        guard let header else {
            return [Self.answer(nil, refusal?.original ?? "AR", refusal, stamp)]
        }
        let isEnhanced = !header.acceptAcknowledgement.isEmpty || !header.applicationAcknowledgement.isEmpty
        guard isEnhanced else { return [Self.answer(header, refusal?.original ?? "AA", refusal, stamp)] }
        let isStored = refusal == nil
        var answers: [[UInt8]] = []
        if Wanted(header.acceptAcknowledgement).includes(success: isStored) {
            answers.append(Self.answer(header, refusal?.enhanced ?? "CA", refusal, stamp))
        }
        // A message that was not accepted never reaches the application: one refusal is enough.
        if Wanted(header.applicationAcknowledgement).includes(success: isStored), isStored || answers.isEmpty {
            let second = Stamp(time: stamp.time, controlID: stamp.controlID + "A")
            answers.append(
                Self.answer(header, refusal?.original ?? "AA", refusal, answers.isEmpty ? stamp : second)
            )
        }
        return answers
    }

    private static func answer(
        _ header: HL7Header?,
        _ code: String,
        _ refusal: HL7Refusal?,
        _ stamp: Stamp
    ) -> [UInt8] {
        let marks = header?.marks ?? Array("|^~\\&".utf8)
        var text = SegmentText(marks)
        text.bytes.append(Self.startBlock)
        text.add("MSH")
        text.bytes += marks
        text.addField(header?.receivingApplication ?? [])
        text.addField(header?.receivingFacility ?? [])
        text.addField(header?.sendingApplication ?? [])
        text.addField(header?.sendingFacility ?? [])
        text.addField(stamp.time)
        text.addField("")
        text.addField("ACK")
        if let trigger = header?.trigger, !trigger.isEmpty {
            text.add("^\(trigger)^ACK", component: true)
        }
        text.addField(stamp.controlID)
        text.addField(header.map(\.processingID).flatMap { $0.isEmpty ? nil : $0 } ?? "P")
        text.addField(header.map(\.version).flatMap { $0.isEmpty ? nil : $0 } ?? "2.5")
        text.endSegment()
        text.add("MSA")
        text.addField(code)
        text.addField(header?.controlID ?? [])
        if let refusal { text.addField(refusal.text) }
        text.endSegment()
        if let refusal { Self.addError(refusal, version: header?.version ?? "", to: &text) }
        text.bytes += Self.endBlock
        return text.bytes
    }

    /// Until version 2.4 ERR-1 says all; from 2.5 on ERR-2 says where, ERR-3 what, ERR-4 how bad.
    private static func addError(_ refusal: HL7Refusal, version: String, to text: inout SegmentText) {
        let place = refusal.field.map { "MSH^1^\($0)" } ?? "MSH^1"
        text.add("ERR")
        if ["2", "2.1", "2.2", "2.3", "2.3.1", "2.4"].contains(version) {
            let padded = refusal.field == nil ? "\(place)^" : place
            text.addField("\(padded)^\(refusal.code)&\(refusal.text)&HL70357", component: true)
        } else {
            text.addField("")
            text.addField(place, component: true)
            text.addField("\(refusal.code)^\(refusal.text)^HL70357", component: true)
            text.addField("E")
            for _ in 0..<3 { text.addField("") }
            text.addField(refusal.text)
        }
        text.endSegment()
    }
}

/// Puts segments together with the sender's own delimiters.
private struct SegmentText {
    var bytes: [UInt8] = []
    private let marks: [UInt8]

    init(_ marks: [UInt8]) { self.marks = marks }

    /// Adds text; with `component`, `^` and `&` in it stand for the message's own component and subcomponent marks.
    mutating func add(_ text: String, component: Bool = false) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "^") where component: self.bytes.append(self.mark(1, byte))
            case UInt8(ascii: "&") where component: self.bytes.append(self.mark(4, byte))
            default: self.bytes.append(byte)
            }
        }
    }

    mutating func addField(_ text: String, component: Bool = false) {
        self.bytes.append(self.mark(0, UInt8(ascii: "|")))
        self.add(text, component: component)
    }

    mutating func addField(_ field: [UInt8]) {
        self.bytes.append(self.mark(0, UInt8(ascii: "|")))
        self.bytes += field
    }

    mutating func endSegment() { self.bytes.append(0x0D) }

    private func mark(_ index: Int, _ usual: UInt8) -> UInt8 {
        index < self.marks.count ? self.marks[index] : usual
    }
}
