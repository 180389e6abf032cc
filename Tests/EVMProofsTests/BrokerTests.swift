import CanonicalBytes
import EVMProofs
import IBTP
import Records
import Testing

struct BrokerTests {
    private let broker = BrokerIdentity(chainID: 1_337, address: SampleAddress.of(0xB0))

    @Test func `foreign ABI data of both events are read and written`() throws {
        let request = try #require([UInt8](hex: ForeignValues.request.filter { $0 != "\n" }))
        #expect(try SampleBlock.request(7, by: SampleAddress.of(1)).data == request)
        let answer = try #require([UInt8](hex: ForeignValues.answer.filter { $0 != "\n" }))
        let pair = ServicePair(
            from: try ServiceID(SampleBlock.destination),
            to: try ServiceID(SampleBlock.source)
        )
        let log = try EVMLog(
            address: SampleAddress.of(1),
            topics: [BrokerEvent.receiptTopic, BrokerPair.digest(pair)],
            data: answer
        )
        guard case .receipt(let message, let hash) = try BrokerEvent(log: log) else {
            Issue.record("not a receipt")
            return
        }
        #expect(message.type == .receiptSuccess && message.index == 3)
        #expect(hash == Keccak256.digest(Array("request".utf8)))
        let payload = try InterchainPayload(bytes: message.payload)
        #expect(try InterchainResult(bytes: payload.content).data == [[Array("done".utf8)]])
    }

    @Test func `an event of other names, another payload or another shape is refused`() throws {
        let good = try SampleBlock.request(1, by: SampleAddress.of(1))
        let other = [UInt8](repeating: 9, count: 32)
        let topics = [[good.topics[0]], [good.topics[0], other], [other, good.topics[1]], good.topics + [other]]
        for topics in topics {
            let log = try EVMLog(address: good.address, topics: topics, data: good.data)
            #expect(throws: ProtocolFailure.self) { try BrokerEvent(log: log) }
        }
        for place in good.data.indices {
            var data = good.data
            data[place] ^= 1
            let log = try EVMLog(address: good.address, topics: good.topics, data: data)
            guard let event = try? BrokerEvent(log: log) else { continue }
            // Index, height and extension are covered by the receipt's place in the block alone.
            let message = event.message
            #expect(message.from == SampleBlock.source && message.to == SampleBlock.destination)
            #expect(try InterchainContent(bytes: InterchainPayload(bytes: message.payload).content).function == "ask")
        }
    }

    @Test func `a statement's digest depends on all that it says`() throws {
        let message = try Self.message(["a", "bc"])
        let good = try Self.statement(message)
        let digest = try good.digest(for: self.broker, epoch: 1)
        let elsewhere = BrokerIdentity(chainID: 1_338, address: self.broker.address)
        let another = BrokerIdentity(chainID: 1_337, address: SampleAddress.of(0xB1))
        // The published payload hash joins arguments; the digest must not.
        let moved = try Self.statement(Self.message(["ab", "c"]))
        let undone = try BrokerStatement(
            message: message,
            status: .beginRollback,
            requestHash: message.hash.bytes
        )
        let others = [
            try good.digest(for: elsewhere, epoch: 1), try good.digest(for: another, epoch: 1),
            try good.digest(for: self.broker, epoch: 2), try moved.digest(for: self.broker, epoch: 1),
            try undone.digest(for: self.broker, epoch: 1),
        ]
        #expect(Set([digest] + others).count == 6)
        #expect(moved.message.payload != good.message.payload)
        let hashes = try [good, moved].map { try InterchainPayload(bytes: $0.message.payload).hash }
        #expect(hashes[0] == hashes[1])
    }

    @Test func `a statement that no broker is told is refused`() throws {
        let message = try Self.message(["a"])
        for status in [TransactionStatus.success, .failure, .rollback] {
            #expect(throws: ProtocolFailure.self) {
                try BrokerStatement(message: message, status: status, requestHash: message.hash.bytes)
            }
        }
        let zero = [UInt8](repeating: 0, count: 32)
        #expect(throws: ProtocolFailure.self) {
            try BrokerStatement(message: message, status: .begin, requestHash: zero)
        }
        var other = message
        other.payload = InterchainPayload(content: [], hash: zero).bytes
        #expect(throws: ProtocolFailure.self) {
            try BrokerStatement(message: other, status: .begin, requestHash: other.hash.bytes)
        }
        let tooMany = try Self.message(["a", "b", "c", "d", "e"])
        #expect(throws: ProtocolFailure.self) { try Self.statement(tooMany) }
        let id = try message.id
        for status in [TransactionStatus.begin, .success] {
            #expect(throws: ProtocolFailure.self) { try BrokerStatement.receiptless(id, status) }
        }
        for status in [TransactionStatus.beginFailure, .beginRollback, .failure, .rollback] {
            let answer = try BrokerStatement.receiptless(id, status)
            #expect(try BrokerStatement(message: answer, status: status, requestHash: zero).status == status)
        }
        var success = try BrokerStatement.receiptless(id, .failure)
        success.type = .receiptSuccess
        #expect(throws: ProtocolFailure.self) {
            try BrokerStatement(message: success, status: .failure, requestHash: zero)
        }
    }

    @Test func `the end of a request that no contract can hold is told without its content`() throws {
        for arguments in [["a", "b", "c", "d", "e"], [String(repeating: "a", count: 8_193)]] {
            let message = try Self.message(arguments)
            let hash = message.hash.bytes
            #expect(throws: ProtocolFailure.self) {
                try BrokerStatement(message: message, status: .begin, requestHash: hash)
            }
            for status in [TransactionStatus.beginFailure, .beginRollback] {
                let end = try BrokerStatement(message: message, status: status, requestHash: hash)
                #expect(end.callData(signatures: []).count < 1_024)
            }
        }
        let small = try Self.message(["a"])
        let whole = try BrokerStatement(message: small, status: .beginFailure, requestHash: small.hash.bytes)
        let void = try BrokerStatement(
            message: Self.message(["a", "b", "c", "d", "e"]),
            status: .beginFailure,
            requestHash: Self.message(["a", "b", "c", "d", "e"]).hash.bytes
        )
        #expect(whole.call != void.call)
    }

    @Test func `a set of attesters counts subgroups and heads`() throws {
        let members = (1...5).map {
            AttesterSet.Member(address: SampleAddress.of(UInt8($0)), group: $0 < 4 ? 0 : 1)
        }
        let set = try AttesterSet(threshold: 4, groupThresholds: [2, 1], members: members)
        let all = set.members.map(\.address)
        try set.check(Array(all.prefix(4)))
        for (signers, code) in [
            (Array(all.prefix(3)), ProtocolFailure.Code.threshold), ([all[0], all[1], all[3]], .threshold),
            ([all[0], all[1], all[1], all[3]], .duplicate), ([all[0], all[3], all[4]], .threshold),
            (all + [SampleAddress.of(9)], .context),
        ] {
            let failure = #expect(throws: ProtocolFailure.self) { try set.check(signers) }
            #expect(failure?.code == code)
        }
        for (threshold, groups, members) in [
            (0, [1], members), (6, [2, 1], members), (2, [2, 1], members), (4, [0, 1], members), (4, [4, 1], members),
            (4, [2], members), (4, [2, 1], members + [members[0]]), (1, [], []),
        ] {
            #expect(throws: ProtocolFailure.self) {
                try AttesterSet(threshold: threshold, groupThresholds: groups, members: members)
            }
        }
        #expect(set.digest(for: self.broker, epoch: 2) != set.digest(for: self.broker, epoch: 3))
    }

    @Test func `ABI data have one encoding and their bounds`() throws {
        let types: [ABIType] = [.number, .array(.bytes(max: 4), max: 2), .text(max: 3)]
        let values: [ABIValue] = [.number(7), .array([.bytes([1, 2]), .bytes([])]), .bytes(Array("abc".utf8))]
        let data = ABIValue.encode(values)
        #expect(try ABIValue.decode(data, as: types) == values)
        for bad: [ABIValue] in [
            [.number(7), .array([.bytes([1, 2, 3, 4, 5])]), .bytes([])],
            [.number(7), .array([.bytes([]), .bytes([]), .bytes([])]), .bytes([])],
            [.number(7), .array([]), .bytes([0xFF])], [.number(7), .array([]), .bytes(Array("abcd".utf8))],
        ] {
            let bytes = ABIValue.encode(bad)
            #expect(throws: ProtocolFailure.self) { try ABIValue.decode(bytes, as: types) }
        }
        for place in data.indices {
            var changed = data
            changed[place] ^= 0x40
            guard let read = try? ABIValue.decode(changed, as: types) else { continue }
            #expect(read != values && ABIValue.encode(read) == changed)
        }
        #expect(throws: ProtocolFailure.self) { try ABIValue.decode(data + [0], as: types) }
    }

    private static func message(_ arguments: [String]) throws -> InterchainMessage {
        let content = InterchainContent(function: "do", arguments: arguments.map { Array($0.utf8) })
        return InterchainMessage(
            from: SampleBlock.destination,
            to: SampleBlock.source,
            index: 1,
            payload: InterchainPayload(content: content.bytes, hash: PayloadHash.request(content)).bytes
        )
    }

    private static func statement(_ message: InterchainMessage) throws -> BrokerStatement {
        try BrokerStatement(message: message, status: .begin, requestHash: message.hash.bytes)
    }
}

enum SampleAddress {
    static func of(_ byte: UInt8) -> EVMAddress {
        guard let address = try? EVMAddress([UInt8](repeating: byte, count: 20)) else {
            preconditionFailure("20 bytes are an address")
        }
        return address
    }
}
