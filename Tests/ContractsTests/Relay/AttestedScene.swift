import CanonicalBytes
import Certificates
import EVMProofs
import IBTP
import Ledger
import PathProofs
import Testing
import ThresholdSignatures

@testable import Contracts

/// A block of a chain with an EVM, made of receipts; each log of the broker stands in a receipt of its own.
struct EVMSampleBlock {
    let header: EVMBlockHeader
    let trie: ReceiptTrie

    /// - Parameters:
    ///   - logs: each the second of its receipt, behind somebody else's.
    ///   - height: of the block.
    ///   - salt: makes blocks of one content and height differ, as reorganisations do.
    ///   - isSuccess: of the transactions with the logs.
    /// - Throws: `ProtocolFailure`.
    init(_ logs: [EVMLog], height: UInt64, salt: UInt64 = 0, isSuccess: Bool = true) throws {
        let other = try EVMLog(address: EVMAddress([UInt8](repeating: 1, count: 20)), topics: [], data: [1])
        let receipts = try (0..<18).map { place in
            let own = logs.indices.contains(place) ? [other, logs[place]] : [other]
            return try EVMReceipt(
                type: 2,
                isSuccess: isSuccess,
                cumulativeGasUsed: 90_000 * UInt64(place + 1),
                logs: own
            )
        }
        self.trie = try ReceiptTrie(receipts.map(\.encoded))
        let root = self.trie.root
        let fields = EVMBlockHeader.Field.allCases.prefix(16).map { field -> RLPItem in
            switch (field, field.shape) {
            case (.receiptsRoot, _): .bytes(root)
            case (.number, _): .number(height)
            case (.timestamp, _): .number(1_000 + salt)
            case (_, .bytes(let count)): .bytes([UInt8](repeating: UInt8(field.rawValue), count: count))
            case (_, .anyBytes): .bytes([])
            case (_, .number): .number(UInt64(field.rawValue) * 1_000)
            }
        }
        self.header = try EVMBlockHeader(fields: fields)
    }

    var anchor: HopRecord.Anchor {
        HopRecord.Anchor(
            height: self.header.number,
            blockHash: self.header.hash,
            inclusionRoot: self.header.receiptsRoot
        )
    }

    func proof(_ place: UInt32 = 0, log: UInt16 = 1) throws -> EVMInclusionProof {
        try EVMInclusionProof(
            header: self.header,
            receiptIndex: place,
            nodes: self.trie.proof(of: place),
            logIndex: log
        )
    }
}

/// What a chain with an EVM says, on its way.
struct AttestedMessage {
    var message: InterchainMessage
    var source: [UInt8]
    var path: PathProof?
    var kind = ProofBundle.Kind.ethereum

    var bundle: ProofBundle { ProofBundle(kind: self.kind, source: self.source, path: self.path) }
    var toRelay: RelayMessage { RelayMessage(self.message, by: self.bundle) }
}

/// The alliances of ``Archipelago``, and a chain with an EVM of which only its verification nodes can tell.
final class AttestedScene {
    static let name = "evm"
    static let account = "hub:evm:0x" + String(repeating: "0a", count: 20)
    static let chainID: UInt64 = 1_337

    let world: Archipelago
    let list: VerificationNodeList
    let broker: EVMAddress
    private var height: UInt64 = 100

    init(isOrdered: Bool = false) throws {
        self.world = try Archipelago(isOrdered: isOrdered)
        // Keys that nobody uses where no message is of "charlie".
        self.list = try .sample(of: Self.name, firstKey: 15)
        self.broker = try EVMAddress([UInt8](repeating: 0xB0, count: 20))
        try #require(try self.world.hub.decide(.registerChain(self.registration())) == 0)
        let service = RegisterService(
            chain: Self.name,
            service: String(Self.account.dropFirst("hub:evm:".count)),
            isOrdered: isOrdered
        )
        try #require(try self.world.hub.call(service, by: Archipelago.operatorName) == 0)
    }

    static func parameters(_ broker: EVMAddress) throws -> [UInt8] {
        try EVMRegistration(
            broker: BrokerIdentity(chainID: Self.chainID, address: broker),
            finality: .depth(12)
        ).bytes
    }

    func registration(name: String = "evm", parameters: [UInt8]? = nil) throws -> RegisterChain {
        RegisterChain(
            name: name,
            basis: .attested(try parameters ?? Self.parameters(self.broker)),
            operatorName: try #require(PartyName(Archipelago.operatorName)),
            list: ListAnchor(list: self.list.bytes, firstHeight: 1)
        )
    }

    // MARK: - What the broker logs

    func request(
        _ index: UInt64,
        to: String = "hub:bravo:share",
        timeout: UInt64 = 0,
        content: InterchainContent = InterchainContent(function: "ask", arguments: [[1, 2], []]),
        extra: [UInt8] = [],
        by broker: EVMAddress? = nil
    ) throws -> EVMLog {
        let data = ABIValue.encode([
            .number(index), .bytes(Array(Self.account.utf8)), .bytes(Array(to.utf8)), .number(timeout), .flag(false),
            .bytes(Array(content.function.utf8)), .array(content.arguments.map(ABIValue.bytes)),
            .word(PayloadHash.request(content)), .bytes(extra),
        ])
        let pair = Keccak256.digest(Array("\(Self.account)-\(to)".utf8))
        return try EVMLog(address: broker ?? self.broker, topics: [BrokerEvent.requestTopic, pair], data: data)
    }

    func receipt(
        of id: MessageID,
        _ type: MessageType,
        requestHash: [UInt8],
        results: [[UInt8]] = [Array("done".utf8)]
    ) throws -> EVMLog {
        let hash = InterchainPayload.receipt(results, type).hash
        let (from, to) = (id.from.description, id.to.description)
        let data = ABIValue.encode([
            .number(id.index), .bytes(Array(from.utf8)), .bytes(Array(to.utf8)), .number(UInt64(type.rawValue)),
            .word(requestHash), .array(results.map(ABIValue.bytes)), .word(hash),
        ])
        let pair = Keccak256.digest(Array("\(from)-\(to)".utf8))
        return try EVMLog(address: self.broker, topics: [BrokerEvent.receiptTopic, pair], data: data)
    }

    // MARK: - On the way

    /// A block with logs, at the next height.
    func block(_ logs: [EVMLog], salt: UInt64 = 0) throws -> EVMSampleBlock {
        self.height += 1
        return try EVMSampleBlock(logs, height: self.height, salt: salt)
    }

    /// What a block says, certified by the chain's verification nodes.
    func message(
        in block: EVMSampleBlock,
        _ place: UInt32 = 0,
        signers: [[Int]] = [[0, 2], [1]],
        anchor: HopRecord.Anchor? = nil
    ) throws -> AttestedMessage {
        let proof = try block.proof(place)
        let message = try proof.event(at: EVMAnchor(block.header), broker: self.broker).message
        let path = try self.path(of: message, at: anchor ?? block.anchor, signers: signers)
        self.world.note(path, of: message)
        return AttestedMessage(message: message, source: proof.bytes, path: path)
    }

    func path(of message: InterchainMessage, at anchor: HopRecord.Anchor, signers: [[Int]]) throws -> PathProof {
        let start = try self.world.start(of: message, from: Self.name)
        let record = try HopRecord(
            previous: start.digest,
            link: .init(index: 0, chain: Self.name, nextChain: "hub", gateway: Archipelago.gateway),
            anchor: anchor,
            certifier: .init(epoch: 0, listRoot: self.list.root, committee: self.list.committee.digest),
            expiry: self.world.hub.access.now / 1_000 + 3_600
        )
        let certificate = try self.list.certificate(of: record.signedBytes(of: start), by: signers)
        return try PathProof(message: start, hops: [PathProof.Hop(record: record, certificate: certificate)])
    }

    /// Says something in a block of its own.
    func say(_ log: EVMLog) throws -> AttestedMessage { try self.message(in: self.block([log])) }

    func bring(_ message: AttestedMessage) throws -> UInt16 {
        try self.world.hub.call(message.toRelay, by: Archipelago.gateway)
    }

    /// What the relay chain would say of a call, which is not made.
    func trial(_ message: AttestedMessage) throws -> UInt16 {
        let hub = self.world.hub
        let transaction = try hub.transaction(message.toRelay, by: hub.party(Archipelago.gateway), on: hub.access)
        return try #require(try hub.access.build([transaction]).0).receipts[0].code
    }

    /// Lets an alliance know the list of this chain, as its gateway does.
    func introduce(to name: String) throws {
        let proof = try self.world.hub.access.prove(RelayKey.list(Self.name, 0))
        let bring = BringNodeList(source: .registry(proof))
        try #require(try self.world.chain(name).call(bring, by: Archipelago.gateway) == 0)
    }
}
