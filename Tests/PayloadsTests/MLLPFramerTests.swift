internal import Testing

@testable internal import Payloads

@Suite("MLLP frames in a stream")
struct MLLPFramerTests {
    private static let sep = "\u{0B}"
    private static let end = "\u{1C}\r"

    /// What a stream gives when it comes in pieces of a size.
    private static func events(
        _ stream: [UInt8],
        piece: Int = 1 << 20,
        frameBytesMax: Int = 1_000
    ) throws(DecodeFailure) -> [MLLPFramer.Event] {
        var framer = MLLPFramer(frameBytesMax: frameBytesMax)
        var events: [MLLPFramer.Event] = []
        for start in stride(from: 0, to: stream.count, by: piece) {
            let part = Array(stream[start..<min(stream.count, start + piece)])
            try part.withUnsafeBytesThrowing { (bytes) throws(DecodeFailure) in try framer.take(bytes, into: &events) }
        }
        return events
    }

    private static func frames(_ events: [MLLPFramer.Event]) -> [String] {
        events.map { event in
            switch event {
            case .frame(let bytes): String(decoding: bytes, as: UTF8.self)
            case .oversized(let bytes): "oversized \(bytes.count)"
            }
        }
    }

    @Test(
        "are the same however the stream is cut",
        arguments: [
            ("\(sep)MSH|1\(end)", ["MSH|1"]),
            ("\(sep)MSH|1\(end)\(sep)MSH|2\(end)", ["MSH|1", "MSH|2"]),
            (
                "\r\n\(sep)MSH|1\rPID|\r\(end)\r\n\(sep)MSH|2\u{1C}\(sep)MSH|3\u{1C}\n",
                ["MSH|1\rPID|\r", "MSH|2", "MSH|3"]
            ),
            ("noise\(sep)MSH|1\(end)noise", ["MSH|1"]),
            ("\(sep)half of a \(sep)MSH|2\(end)", ["MSH|2"]),
            ("\(sep)\(end)", [""]),
            ("\(sep)never ends", []),
        ]
    )
    func cuts(_ stream: String, _ expected: [String]) throws {
        let bytes = Array(stream.utf8)
        for piece in 1...bytes.count {
            #expect(try Self.frames(Self.events(bytes, piece: piece)) == expected)
        }
    }

    @Test("above the limit are skipped to their end, and the next one is read")
    func oversized() throws {
        let large = "\(Self.sep)\(String(repeating: "A", count: 20_000))\(Self.end)"
        let stream = Array("\(large)\(Self.sep)MSH|2\(Self.end)".utf8)
        for piece in [1, 7, 4_096, 100_000] {
            let found = Self.frames(try Self.events(stream, piece: piece))
            #expect(found == ["oversized \(MLLPFramer.beginningBytes)", "MSH|2"])
        }
        // Of what is shorter than that all is kept, whatever the pieces.
        let medium = Array("\(Self.sep)\(String(repeating: "A", count: 1_200))\(Self.end)".utf8)
        for piece in [1, 999, 1_001, 5_000] {
            #expect(try Self.frames(Self.events(medium, piece: piece)) == ["oversized 1200"])
        }
        let exact = Array("\(Self.sep)\(String(repeating: "A", count: 1_000))\(Self.end)".utf8)
        #expect(try Self.frames(Self.events(exact, piece: 3)) == [String(repeating: "A", count: 1_000)])
    }

    @Test("are not looked for in another protocol for ever")
    func noise() {
        let hello = [UInt8](repeating: 0x16, count: MLLPFramer.noiseBytesMax + 1)
        #expect(throws: DecodeFailure.self) { try Self.events(hello) }
        #expect(throws: Never.self) { try Self.events(Array(hello.dropLast())) }
    }

    @Test("that end without their end are counted")
    func torn() throws {
        var framer = MLLPFramer(frameBytesMax: 100)
        var events: [MLLPFramer.Event] = []
        let bytes = Array("\(Self.sep)a\(Self.sep)b\(Self.sep)c".utf8)
        try bytes.withUnsafeBytesThrowing { (bytes) throws(DecodeFailure) in try framer.take(bytes, into: &events) }
        #expect(framer.tornFrames == 2 && framer.isMidFrame && events.isEmpty)
    }
}

@Suite("The header of an HL7 message")
struct HL7HeaderTests {
    private static func header(_ text: String) throws(DecodeFailure) -> HL7Header {
        let result = Array(text.utf8).withUnsafeBytes { bytes in
            do throws(DecodeFailure) {
                return Result<HL7Header, DecodeFailure>.success(try HL7Header(bytes))
            } catch { return .failure(error) }
        }
        return try result.get()
    }

    @Test("has its fields as they were sent")
    func fields() throws {
        let header = try Self.header(
            "MSH|^~\\&|APP^1^EUI|FAC|RAPP|RFAC|20260101120000||ADT^A01^ADT_A01|7\\T\\8|P^T|2.5.1|||AL|NE\rPID|||1"
        )
        #expect(header.marks == Array("|^~\\&".utf8))
        #expect(header.sendingApplication == Array("APP^1^EUI".utf8))
        #expect(header.receivingFacility == Array("RFAC".utf8))
        #expect(header.messageType == "ADT" && header.trigger == "A01")
        #expect(header.controlID == Array("7\\T\\8".utf8))
        #expect(header.processingID == "P" && header.version == "2.5.1")
        #expect(header.acceptAcknowledgement == "AL" && header.applicationAcknowledgement == "NE")
        #expect(header.messageTime == Array("20260101120000".utf8))
    }

    @Test("may be short, and may use marks of its own")
    func shortAndStrange() throws {
        let short = try Self.header("MSH|^~\\&|A")
        #expect(short.messageType.isEmpty && short.controlID.isEmpty)
        let strange = try Self.header("MSH#*~\\&#A#B#C#D###ORU*R01#9#P#2.3\nPID")
        #expect(strange.messageType == "ORU" && strange.trigger == "R01" && strange.version == "2.3")
    }

    @Test("is refused where there is none", arguments: ["", "PID|1", "MSH", "MSH|", "MSH|^^^^|A|B", "{\"a\": 1}"])
    func refused(text: String) {
        #expect(throws: DecodeFailure.self) { try Self.header(text) }
    }
}

extension [UInt8] {
    /// As `withUnsafeBytes`, with the error's type.
    fileprivate func withUnsafeBytesThrowing(
        _ body: (UnsafeRawBufferPointer) throws(DecodeFailure) -> Void
    ) throws(DecodeFailure) {
        let failure = self.withUnsafeBytes { bytes in
            do throws(DecodeFailure) {
                try body(bytes)
                return nil as DecodeFailure?
            } catch { return error }
        }
        if let failure { throw failure }
    }
}
