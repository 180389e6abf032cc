import CanonicalBytes
import IBTP
import Records
import Testing

@Suite struct IdentifierTests {
    @Test func aServiceIsNamedByThreeParts() throws {
        let service = try ServiceID("1356:eth:0xabc")
        #expect(service.hub == "1356")
        #expect(service.chain == "eth")
        #expect(service.service == "0xabc")
        #expect(service.chainName == "1356:eth")
        #expect(service.description == "1356:eth:0xabc")
        #expect(try ServiceID("1356:fabric:channel&chaincode").service == "channel&chaincode")
        // Two gateways without a relay chain.
        #expect(try ServiceID(":eth:0xabc").hub.isEmpty)
    }

    @Test(arguments: [
        "", "a", "a:b", "a:b:c:d", "a::c", "a:b:", "a:b-c:d", "a-:b:c", "a:b:c,d", "a:b:c d", "a:b:c\u{0}", "a:b:ü",
        "a:b:\"", "a:b:\\", "a:b:" + String(repeating: "c", count: 65), "did:bitxhub:a:b",
    ])
    func whatIsNoServiceIsRefused(_ text: String) throws {
        #expect(try refusal { try ServiceID(text) } == .format)
    }

    @Test func anIdentifierIsReadAsItIsWritten() throws {
        let text = "h:a:x-h:b:y-18446744073709551615"
        let id = try MessageID(text)
        #expect(id.index == .max)
        #expect(id.description == text)
        #expect(id.pair.description == "h:a:x-h:b:y")
        #expect(!id.pair.isBetweenHubs)
        #expect(try MessageID("g:a:x-h:b:y-1").pair.isBetweenHubs)
    }

    @Test(arguments: [
        "h:a:x-h:b:y", "h:a:x-h:b:y-0", "h:a:x-h:b:y-01", "h:a:x-h:b:y-+1", "h:a:x-h:b:y--1", "h:a:x-h:b:y-1-2",
        "h:a:x-h:b:y-18446744073709551616", "h:a:x-h:b:y-", "-h:b:y-1", "h:a-b:x-h:b:y-1",
    ])
    func whatIsNoIdentifierIsRefused(_ text: String) throws {
        #expect(try refusal { try MessageID(text) } == .format)
    }

    /// Names with separators made two messages one in earlier implementations (joined names, unchecked).
    @Test func noTwoMessagesHaveOneIdentifier() throws {
        let first = InterchainMessage(from: "h:a:x-h:b:y", to: "h:c:z", index: 1)
        let second = InterchainMessage(from: "h:a:x", to: "h:b:y-h:c:z", index: 1)
        #expect("\(first.from)-\(first.to)" == "\(second.from)-\(second.to)")
        #expect(try refusal { try first.id } == .format)
        #expect(try refusal { try second.id } == .format)
    }

    @Test func theHashCoversSevenFieldsAndNoOther() throws {
        let message = InterchainMessage(
            from: "h:a:x",
            to: "h:b:y",
            index: 7,
            timeoutHeight: 9,
            payload: [1],
            extra: [2]
        )
        var others: [InterchainMessage] = []
        func changed(_ change: (inout InterchainMessage) throws -> Void) rethrows {
            var other = message
            try change(&other)
            others.append(other)
        }
        changed { $0.from = "h:a:z" }
        changed { $0.to = "h:b:z" }
        changed { $0.index = 8 }
        changed { $0.type = .receiptSuccess }
        changed { $0.timeoutHeight = 10 }
        changed { $0.payload = [3] }
        changed { $0.extra = [3] }
        #expect(Set(others.map(\.hash)).union([message.hash]).count == 8)
        others = []
        changed { $0.proof = [1] }
        try changed { $0.group = try ServiceIndices([]) }
        changed { $0.version = "2" }
        changed { $0.timestamp = 1 }
        changed { $0.debug = true }
        #expect(others.allSatisfy { $0.hash == message.hash })
        // What is hashed, by hand: 1 from, 2 to, 3 index, 5 timeoutHeight, 7 payload, 10 extra.
        let covered = "0a05683a613a781205683a623a7918072809" + "3a0101" + "520102"
        #expect(message.hash == Digest.sha256(of: try #require([UInt8](hex: covered))))
    }

    @Test func theGroupIsHashedAsASortedMap() throws {
        let entries = [
            ServiceIndices.Entry(service: "h:b:y&z", index: 2), ServiceIndices.Entry(service: "h:a:x", index: 10),
        ]
        let source = try ServiceID("h:s:<t>")
        let text = #"h:s:<t>{"h:a:x":10,"h:b:y\u0026z":2}"#
        #expect(try ServiceIndices(entries).groupID(from: source) == .sha256(of: Array(text.utf8)))
        let reversed = try ServiceIndices(entries.reversed())
        #expect(try reversed.groupID(from: source) == ServiceIndices(entries).groupID(from: source))
        let none = Digest.sha256(of: Array("h:s:<t>{}".utf8))
        #expect(try ServiceIndices([]).groupID(from: source) == none)
    }

    @Test func theProofBelongsToTheMessage() throws {
        let message = InterchainMessage(from: "h:a:x", to: "h:b:y", index: 1, proof: Digest.sha256(of: [1, 2]).bytes)
        try message.requireProof([1, 2])
        #expect(try refusal { try message.requireProof([1, 3]) } == .context)
        #expect(try refusal { try message.requireProof([]) } == .context)
    }

    @Test(arguments: MessageType.allCases)
    func everyTypeIsARequestOrAnAnswer(_ type: MessageType) {
        #expect(type.category == (type == .interchain ? .request : .response))
    }

    @Test func theEndOfARollbackIsAnAnswer() { #expect(MessageType.receiptRollbackEnd.category == .response) }

    @Test func aPayloadIsHeldToItsHash() throws {
        let content = InterchainContent(function: "set", arguments: [[1], [2, 3]])
        var payload = InterchainPayload(content: content.bytes, hash: Keccak256.digest(Array("set".utf8) + [1, 2, 3]))
        var message = InterchainMessage(from: "h:a:x", to: "h:b:y", index: 1, payload: payload.bytes)
        #expect(try message.checkedPayload() == payload)
        payload.hash[0] ^= 1
        message.payload = payload.bytes
        #expect(try refusal { try message.checkedPayload() } == .context)
        // Nobody but the receiver can compare what is encrypted.
        payload.isEncrypted = true
        message.payload = payload.bytes
        #expect(try message.checkedPayload() == payload)
        let result = InterchainResult(data: [[[9], [8]], [[7]]], statuses: [true, true])
        message.type = .receiptSuccess
        message.payload = InterchainPayload(content: result.bytes, hash: Keccak256.digest([9, 8, 7])).bytes
        #expect(try message.checkedPayload().hash == PayloadHash.receipt(result))
    }
}
