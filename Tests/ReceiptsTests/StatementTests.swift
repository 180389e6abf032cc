import CanonicalBytes
import P256Group
import Receipts
import Records
import Testing

@Suite struct StatementTests {
    @Test("A receipt survives its encoding and verifies under the center's key")
    func receiptRoundTrip() throws {
        var center = try TestCenter()
        for count in 0..<9 {
            let receipt = try center.store("envelope \(count)")
            let parsed = try ParsedReceipt(bytes: receipt.bytes)
            #expect(try parsed.verified(by: center.key, for: receipt.h1) == receipt)
            #expect(receipt.claim.leafIndex == UInt64(count))
        }
    }

    @Test("The encoding of a receipt is the documented one")
    func receiptLayout() throws {
        var center = try TestCenter("c:privacy-center:x")
        _ = try center.store("first")
        let receipt = try center.store("second", at: 0x0102_0304)
        let bytes = receipt.bytes
        #expect(bytes.count == 4 + 4 + 18 + 32 + 32 + 8 + 8 + 8 + 32 + 64 + 2 + 32)
        #expect(Array(bytes[..<8]) == Array("WLRC".utf8) + [0, 0, 0, 18])
        #expect(Array(bytes[26..<58]) == center.key.certificateDigest.bytes)
        #expect(Array(bytes[58..<90]) == Digest.sha256(of: Array("second".utf8)).bytes)
        #expect(Array(bytes[90..<98]) == [0, 0, 0, 0, 1, 2, 3, 4])
        #expect(Array(bytes[98..<114]) == [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2])
        try Schnorr.verify(
            center.key.publicKey,
            context: "RECEIPT",
            message: Array(bytes[..<146]),
            signature: Array(bytes[146..<210])
        )
    }

    @Test("A flipped bit anywhere in a receipt is refused")
    func receiptTampering() throws {
        var center = try TestCenter()
        _ = try center.store("first")
        let bytes = try center.store("second").bytes
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            #expect(throws: ProtocolFailure.self, "byte \(index)") {
                try ParsedReceipt(bytes: changed).verified(by: center.key)
            }
        }
    }

    @Test("Truncated and prolonged statements are refused as FORMAT")
    func lengths() throws {
        var center = try TestCenter()
        let receipt = try center.store("first").bytes
        let head = try center.head(at: 5).bytes
        let denial = try Denial.sign(center.key.certificateDigest, timeMilliseconds: 5, by: center.signer).bytes
        for length in receipt.indices {
            #expect(refusal { _ = try ParsedReceipt(bytes: Array(receipt[..<length])) } == .format)
        }
        for length in head.indices {
            #expect(refusal { _ = try ParsedTreeHead(bytes: Array(head[..<length])) } == .format)
        }
        for length in denial.indices {
            #expect(refusal { _ = try ParsedDenial(bytes: Array(denial[..<length])) } == .format)
        }
        #expect(refusal { _ = try ParsedReceipt(bytes: receipt + [0]) } == .format)
        #expect(refusal { _ = try ParsedTreeHead(bytes: head + [0]) } == .format)
        #expect(refusal { _ = try ParsedDenial(bytes: denial + [0]) } == .format)
    }

    @Test("A receipt with 65 hashes is refused before they are read")
    func longPath() throws {
        var center = try TestCenter()
        var bytes = try center.store("first").bytes
        bytes.replaceSubrange(bytes.count - 2..<bytes.count, with: [0, 65])
        #expect(refusal { _ = try ParsedReceipt(bytes: bytes) } == .format)
    }

    @Test("A receipt of another center, another certificate or another envelope is refused as CONTEXT")
    func foreignReceipts() throws {
        var center = try TestCenter()
        let receipt = try ParsedReceipt(bytes: try center.store("first").bytes)
        let other = try TestCenter("cloud:privacy-center:two")
        let renewed = try TestCenter()
        #expect(refusal { _ = try receipt.verified(by: other.key) } == .context)
        #expect(refusal { _ = try receipt.verified(by: renewed.key) } == .context)
        #expect(refusal { _ = try receipt.verified(by: center.key, for: renewed.key.certificateDigest) } == .context)
    }

    @Test("A receipt whose path leads elsewhere is refused as PROOF, and is never signed")
    func wrongPath() throws {
        var center = try TestCenter()
        _ = try center.store("first")
        let receipt = try center.store("second")
        var bytes = receipt.bytes
        bytes[bytes.count - 1] ^= 1
        #expect(refusal { _ = try ParsedReceipt(bytes: bytes).verified(by: center.key) } == .proof)
        #expect(refusal { _ = try Receipt.sign(receipt.claim, auditPath: [], by: center.signer) } == .proof)
    }

    @Test("A tree head and a denial verify, and any flipped bit is refused")
    func headsAndDenials() throws {
        var center = try TestCenter()
        _ = try center.store("first")
        let head = try center.head(at: 77)
        let denial = try Denial.sign(head.tree.root, timeMilliseconds: 78, by: center.signer)
        #expect(try ParsedTreeHead(bytes: head.bytes).verified(by: center.key) == head)
        #expect(try ParsedDenial(bytes: denial.bytes).verified(by: center.key) == denial)
        for index in head.bytes.indices {
            var changed = head.bytes
            changed[index] ^= 0x80
            #expect(throws: ProtocolFailure.self) { try ParsedTreeHead(bytes: changed).verified(by: center.key) }
        }
        for index in denial.bytes.indices {
            var changed = denial.bytes
            changed[index] ^= 0x80
            #expect(throws: ProtocolFailure.self) { try ParsedDenial(bytes: changed).verified(by: center.key) }
        }
    }

    @Test("Only a privacy center's certificate yields a center's key")
    func role() {
        #expect(refusal { _ = try TestCenter(role: "role:gateway") } == .context)
    }
}
