import CanonicalBytes
import Crypto
import Testing
import Transcripts

@Suite struct HashingTests {
    /// RFC 9380, appendices K.1 and K.2.
    @Test(arguments: [
        ("", 32, "68a985b87eb6b46952128911f2a4412bbc302a9d759667f87f7a21d803f07235"),
        ("abc", 32, "d8ccab23b5985ccea865c6c97b6e5b8350e794e603b4b97902f53a8a0d605615"),
        ("abcdef0123456789", 32, "eff31487c770a893cfb36f912fbfcbff40d5661771ca4b2cb4eafe524333f5c1"),
        (
            "q128_" + String(repeating: "q", count: 128), 32,
            "b23a1d2b4d97b2ef7785562a7e8bac7eed54ed6e97e29aa51bfe3f12ddad1ff9"
        ),
        (
            "a512_" + String(repeating: "a", count: 512), 32,
            "4623227bcc01293b8c130bf771da8c298dede7383243dc0993d2d94823958c4c"
        ),
        (
            "", 128,
            "af84c27ccfd45d41914fdff5df25293e221afc53d8ad2ac06d5e3e29485dadbee0d121587713a3e0dd4d5e69e93eb7cd4f5df4cd103e188c"
                + "f60cb02edc3edf18eda8576c412b18ffb658e3dd6ec849469b979d444cf7b26911a08e63cf31f9dcc541708d3491184472c2c29bb749d4"
                + "286b004ceb5ee6b9a7fa5b646c993f0ced"
        ),
    ])
    func messagesExpandAsInRFC9380(_ message: String, _ length: Int, _ expected: String) throws {
        let domain = Array("QUUX-V01-CS02-with-expander-SHA256-128".utf8)
        #expect(try ExpandMessage.xmd(message: Array(message.utf8), domain: domain, length: length).hex == expected)
    }

    @Test func aLongDomainIsHashedAsInRFC9380() throws {
        let domain = "QUUX-V01-CS02-with-expander-SHA256-128-long-DST-" + String(repeating: "1", count: 208)
        let expanded = try ExpandMessage.xmd(message: [], domain: Array(domain.utf8), length: 32)
        #expect(expanded.hex == "e8dc0c8b686b7ef2074086fbdd2f30e3f8bfbd3bdf177f73f04b97ce618a3ed3")
    }

    @Test(arguments: [(0, true), (1, true), (8160, true), (8161, false), (-1, false)])
    func anExpansionHasAtMost8160Bytes(_ length: Int, _ isPossible: Bool) {
        let expanded = try? ExpandMessage.xmd(message: [1], domain: [2], length: length)
        #expect(expanded?.count == (isPossible ? length : nil))
    }

    @Test func fieldMaterialIsTheExpansionOfTheTranscript() throws {
        let fields: [[UInt8]] = [[], [1, 2, 3], [UInt8](repeating: 7, count: 300)]
        let expanded = try ExpandMessage.xmd(
            message: transcript(fields),
            domain: Array("WARDLINE-V1-TEST".utf8),
            length: 48
        )
        #expect(TaggedHash.fieldMaterial("TEST", fields) == expanded)
    }

    @Test func aTaggedHashIsTheHashOfTagAndTranscript() {
        let message = transcript(Array("WARDLINE-V1-TEST".utf8)) + transcript([1], [])
        #expect(TaggedHash.digest("TEST", [1], []) == Array(SHA256.hash(data: message)))
    }

    @Test func fieldsAndTagsAreSeparated() {
        let digests = [
            TaggedHash.digest("A"), TaggedHash.digest("A", []), TaggedHash.digest("A", [], []),
            TaggedHash.digest("A", [1, 2]), TaggedHash.digest("A", [1], [2]), TaggedHash.digest("B", [1, 2]),
        ]
        #expect(Set(digests).count == digests.count)
    }
}
