import Records
import Testing

@Suite struct SipHashTests {
    /// The key of the bytes 00 to 0f, as in the paper's appendix A.
    private let empty = SipHash24(key0: 0x0706_0504_0302_0100, key1: 0x0f0e_0d0c_0b0a_0908)

    @Test(
        "The reference vectors of SipHash-2-4 come out",
        arguments: [
            (0, 0x726f_db47_dd0e_0e31), (1, 0x74f8_39c5_93dc_67fd), (2, 0x0d6c_8009_d9a9_4f5a),
            (3, 0x8567_6696_d7fb_7e2d),
            (7, 0xab02_00f5_8b01_d137), (8, 0x93f5_f579_9a93_2462), (15, 0xa129_ca61_49be_45e5),
        ] as [(Int, UInt64)]
    )
    func vectors(length: Int, expected: UInt64) {
        var hash = self.empty
        hash.combine((0..<length).map { UInt8($0) })
        #expect(hash.finalize() == expected)
    }

    @Test("Input may be split anywhere, and a word is its eight little-endian bytes")
    func splitting() {
        let bytes = (0..<48).map { UInt8($0 * 5) }
        var whole = self.empty
        whole.combine(bytes)
        for first in 0...48 {
            for second in first...48 {
                var hash = self.empty
                hash.combine(Array(bytes[..<first]))
                hash.combine(Array(bytes[first..<second]))
                hash.combine(Array(bytes[second...]))
                #expect(hash.finalize() == whole.finalize())
            }
            let word = UInt64(0x0102_0304_0506_0708)
            var (asWord, asBytes) = (self.empty, self.empty)
            asWord.combine(Array(bytes[..<first]))
            asWord.combine(word)
            asWord.combine(UInt64(first))
            asBytes.combine(Array(bytes[..<first]) + [8, 7, 6, 5, 4, 3, 2, 1, UInt8(first), 0, 0, 0, 0, 0, 0, 0])
            #expect(asWord.finalize() == asBytes.finalize())
        }
    }

    @Test("Another key gives another hash")
    func key() {
        #expect(SipHash24(key0: 1, key1: 0).finalize() != SipHash24(key0: 0, key1: 1).finalize())
    }
}
