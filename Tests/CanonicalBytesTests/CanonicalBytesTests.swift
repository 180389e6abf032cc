import CanonicalBytes
import Testing

@Suite struct CanonicalBytesTests {
    private var sample: [UInt8] {
        var writer = CanonicalWriter(capacity: 64)
        writer.magic("WLE1")
        writer.u8(0x01)
        writer.u16(0x0203)
        writer.u32(0x0405_0607)
        writer.u64(0x0809_0A0B_0C0D_0E0F)
        writer.lengthPrefixed("hé")
        writer.lengthPrefixed([UInt8]())
        writer.raw([0xFF, 0xFE][...])
        return writer.bytes
    }

    private func read(_ bytes: [UInt8]) throws(ProtocolFailure) -> CanonicalReader {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLE1")
        _ = try reader.u8()
        _ = try reader.u16()
        _ = try reader.u32()
        _ = try reader.u64()
        _ = try reader.text()
        _ = try reader.lengthPrefixed()
        _ = try reader.take(2)
        try reader.finish()
        return reader
    }

    @Test func integersAreBigEndianAndFieldsStandBehindTheirLength() {
        #expect(
            self.sample.hex == "574c4531" + "0102030405060708090a0b0c0d0e0f" + "0000000368c3a9" + "00000000" + "fffe"
        )
    }

    @Test func whatIsWrittenIsRead() throws {
        var reader = CanonicalReader(self.sample)
        try reader.magic("WLE1")
        #expect(try reader.u8() == 1)
        #expect(try reader.u16() == 0x0203)
        #expect(try reader.u32() == 0x0405_0607)
        #expect(reader.consumed == Array(self.sample[..<11]))
        #expect(try reader.u64() == 0x0809_0A0B_0C0D_0E0F)
        #expect(try reader.text() == "hé")
        #expect(try reader.lengthPrefixed() == [])
        #expect(reader.remaining == 2)
        #expect(try reader.take(2) == [0xFF, 0xFE])
        try reader.finish()
    }

    @Test func anyCutOrAppendedByteIsRefused() throws {
        _ = try self.read(self.sample)
        for length in 0..<self.sample.count {
            #expect(
                code {
                    _ = try self.read(Array(self.sample[..<length]))
                } == .format
            )
        }
        #expect(code { _ = try self.read(self.sample + [0]) } == .format)
    }

    @Test func aFailedReadTakesNothing() {
        var reader = CanonicalReader([1, 2, 3])
        #expect(code { _ = try reader.u32() } == .format)
        #expect(code { _ = try reader.take(-1) } == .format)
        #expect(reader.offset == 0)
        #expect((try? reader.u8()) == 1)
    }

    @Test(arguments: [[0xFF, 0xFF, 0xFF, 0xFF], [0x80, 0, 0, 0], [0, 0, 0, 2, 1]] as [[UInt8]])
    func aLengthBeyondTheEndIsRefused(_ bytes: [UInt8]) {
        var reader = CanonicalReader(bytes)
        #expect(code { _ = try reader.lengthPrefixed() } == .format)
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0xF8, 0x88, 0x80, 0x80],
            [0x61, 0xC3],
        ] as [[UInt8]]
    )
    func textThatIsNotUTF8IsRefused(_ text: [UInt8]) {
        var writer = CanonicalWriter()
        writer.lengthPrefixed(text)
        var reader = CanonicalReader(writer.bytes)
        #expect(code { _ = try reader.text() } == .format)
    }

    @Test(arguments: ["", "\u{0}", "e\u{301}", "\u{E9}", "\u{FEFF}x", "\u{1F468}\u{200D}\u{2695}"])
    func textIsNotNormalized(_ text: String) throws {
        var writer = CanonicalWriter()
        writer.lengthPrefixed(text)
        var reader = CanonicalReader(writer.bytes)
        #expect(try Array(reader.text().utf8) == Array(text.utf8))
    }

    @Test func anotherMarkIsRefused() {
        for mark in ["WLE2", "wle1", "WLE"] {
            var reader = CanonicalReader(Array(mark.utf8))
            #expect(code { try reader.magic("WLE1") } == .format)
        }
    }

    @Test(arguments: [("", []), ("00ff", [0, 255]), ("aBCd", [0xAB, 0xCD])] as [(String, [UInt8])])
    func hexadecimalDigitsAreRead(_ text: String, _ bytes: [UInt8]) {
        #expect([UInt8](hex: text) == bytes)
        #expect(bytes.hex == text.lowercased())
    }

    @Test(arguments: ["0", "0g", "0x00", " 00", "00\n", "\u{FF10}\u{FF10}", "-1", "+1"])
    func otherTextIsNoHexadecimal(_ text: String) { #expect([UInt8](hex: text) == nil) }

    @Test func failuresNameTheirCode() {
        #expect(ProtocolFailure(.fo, "no").description == "FO: no")
        #expect(Set(ProtocolFailure.Code.allCases.map(\.rawValue)).count == 16)
    }
}

/// The code of the failure; nil when there was none.
func code(_ operation: () throws -> Void) -> ProtocolFailure.Code? {
    do {
        try operation()
        return nil
    } catch let failure as ProtocolFailure {
        return failure.code
    } catch {
        Issue.record(error)
        return nil
    }
}
