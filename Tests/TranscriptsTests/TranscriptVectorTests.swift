import CanonicalBytes
import Testing
import Transcripts
import VectorFiles

/// The hashing cases of vector set A.
@Suite struct TranscriptVectorTests {
    @Test(arguments: try VectorFile.cases("A_encodings", "transcript"))
    func transcripts(_ vector: VectorCase) throws {
        let outcome = try vector.outcome { ["bytes": .text(try transcript(vector.bytesList("fields")).hex)] }
        #expect(outcome == vector.expected)
    }

    @Test(arguments: try VectorFile.cases("A_encodings", "tagged_hash"))
    func taggedHashes(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            ["hash": .text(TaggedHash.digest(try vector.text("tag"), list: try vector.bytesList("fields")).hex)]
        }
        #expect(outcome == vector.expected)
    }

    @Test(arguments: try VectorFile.cases("A_encodings", "expand_message_xmd"))
    func expandedMessages(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            let bytes = try ExpandMessage.xmd(
                message: vector.bytes("msg"),
                domain: vector.bytes("dst"),
                length: vector.number("len")
            )
            return ["bytes": .text(bytes.hex)]
        }
        #expect(outcome == vector.expected)
    }

    @Test(arguments: try VectorFile.cases("A_encodings", "hkdf"))
    func derivedKeys(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            let key = KeyDerivation.hkdf(
                try vector.text("salt_tag"),
                secret: try vector.bytes("ikm"),
                info: try vector.bytes("info"),
                length: try vector.number("len")
            )
            return ["okm": .text(key.hex)]
        }
        #expect(outcome == vector.expected)
    }
}
