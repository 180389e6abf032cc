internal import CanonicalBytes
internal import Certificates
internal import ChainReading
internal import Contracts
internal import Ledger
internal import Receiving
internal import Records
internal import Synchronization
internal import Transcripts
internal import Uplink

/// What a center delivered, as it is kept: `"WLDV" || LP(transaction proof) || LP(head) || nonce(32) || u32 n || n ×
/// h1(32)`.
struct KeptDelivery: Sendable {
    let proof: TransactionProof
    /// Of the access channel, by which the center judged; empty when it showed none.
    let head: [UInt8]
    let nonce: [UInt8]
    let envelopes: [[UInt8]]

    init(proof: TransactionProof, head: [UInt8], nonce: [UInt8], envelopes: [[UInt8]]) {
        self.proof = proof
        self.head = head
        self.nonce = nonce
        self.envelopes = envelopes
    }

    /// - Throws: `FORMAT`.
    init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLDV")
        self.proof = try TransactionProof(bytes: try reader.lengthPrefixed())
        self.head = try reader.lengthPrefixed()
        self.nonce = try reader.take(32)
        let count = Int(try reader.u32())
        try require(count == reader.remaining / 32, .format, "another number of envelopes")
        var envelopes: [[UInt8]] = []
        for _ in 0..<count { envelopes.append(try reader.take(32)) }
        self.envelopes = envelopes
        try reader.finish()
    }

    var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 4_096)
        writer.magic("WLDV")
        writer.lengthPrefixed(self.proof.bytes)
        writer.lengthPrefixed(self.head)
        writer.raw(self.nonce)
        writer.u32(UInt32(self.envelopes.count))
        for h1 in self.envelopes { writer.raw(h1) }
        return writer.bytes
    }

    /// `H("DELIVERY-LIST", nonce, H1…)`: what the record on the chain names.
    static func list(_ nonce: [UInt8], _ envelopes: [[UInt8]]) -> [UInt8] {
        TaggedHash.digest("DELIVERY-LIST", list: [nonce] + envelopes)
    }

    /// Requires that the transaction records just this delivery.
    ///
    /// - Parameters:
    ///   - center: who must have recorded it.
    ///   - grant: under which.
    ///   - receiver: to whom.
    /// - Returns: the delivery's identifier.
    /// - Throws: `CONTEXT` with what differs; that the chain holds the transaction is verified elsewhere.
    func check(center: PartyName, grant: [UInt8], receiver: [UInt8]) throws(ProtocolFailure) -> [UInt8] {
        let arguments = try self.proof.arguments(RecordDelivery.self)
        try require(self.proof.receipt.code == 0, .context, "the contract refused the record")
        try require(arguments.grant == grant, .context, "the record is of another grant")
        try require(arguments.receiver == receiver, .context, "the record is of another receiver")
        let isList =
            arguments.list == Self.list(self.nonce, self.envelopes) && Int(arguments.count) == self.envelopes.count
        try require(isList, .context, "the record is of other envelopes")
        let id = Delivery.id(arguments, by: center)
        let isTheirs = self.proof.receipt.events.contains { event in
            guard event.topic.isSame(as: DeliveryRecorded.topic) else { return false }
            let recorded = try? DeliveryRecorded(bytes: event.data)
            return recorded?.delivery == id && recorded?.center == center
        }
        try require(isTheirs, .context, "the record is of another center")
        return id
    }
}

/// Holds centers to the chain: what they hand over must be recorded there, judged by a head that was not too old.
final class DeliveryAudit: DeliveryJudge {
    /// A center acts on what it read up to 10 s ago; blocks of other validators take a little.
    static let headMillisecondsMax: UInt64 = 15_000

    private struct State {
        var centers: Set<String> = []
        var count = 0
        var problem: (any Error)?
    }

    private let scope: ScopeFolder
    private let chain: any RequesterChain
    private let receiver: [UInt8]
    /// A block of the access channel that the requester has seen.
    private let seen: ChainFact
    private let state = Mutex(State())

    init(_ scope: ScopeFolder, chain: any RequesterChain, receiver: [UInt8], seen: ChainFact) {
        self.scope = scope
        self.chain = chain
        self.receiver = receiver
        self.seen = seen
    }

    /// Deliveries that were kept by this object.
    var count: Int { self.state.withLock { $0.count } }

    /// What kept a delivery from being written; it ends the share's work, not the center's.
    var problem: (any Error)? { self.state.withLock { $0.problem } }

    func flaw(in answer: SharingAnswer, to question: CenterQuestion) async -> AnswerFlaw? {
        guard !answer.delivery.isEmpty else { return AnswerFlaw("does not show that the chain records the delivery") }
        guard let center = PartyName(question.center) else { return AnswerFlaw("is no party") }
        do {
            let delivery = KeptDelivery(
                proof: try TransactionProof(bytes: answer.delivery),
                head: answer.head,
                nonce: question.nonce,
                envelopes: question.envelopes.map(\.bytes)
            )
            let id = try delivery.check(center: center, grant: question.grant.bytes, receiver: self.receiver)
            try await self.chain.verify(delivery.proof)
            if let flaw = try await self.staleness(answer.head, delivery.proof) { return flaw }
            self.keep(delivery, id)
            return nil
        } catch let failure as ProtocolFailure {
            return AnswerFlaw("shows a false record of its delivery: \(failure)", lie: .falseRecord)
        } catch { return AnswerFlaw("shows a record that cannot be verified: \(error)") }
    }

    /// Whether the center judged by an old state of the access channel: a later block was there well before it answered.
    private func staleness(_ bytes: [UInt8], _ proof: TransactionProof) async throws -> AnswerFlaw? {
        guard !bytes.isEmpty else { return nil }
        let head = try CertifiedHead(bytes: bytes)
        guard head.header.channel == .access else {
            return AnswerFlaw("shows a head of another channel", lie: .staleHead)
        }
        try await self.chain.verify(head)
        let isBehind =
            head.header.height < self.seen.height
            && self.seen.time + Self.headMillisecondsMax < proof.header.time
        return isBehind ? AnswerFlaw("judged by a state of the chain that was out of date", lie: .staleHead) : nil
    }

    private func keep(_ delivery: KeptDelivery, _ id: [UInt8]) {
        do {
            try self.scope.share.write(delivery.bytes, to: self.scope.deliveryName(id))
            self.state.withLock { $0.count += 1 }
        } catch { self.state.withLock { $0.problem = error } }
    }
}

extension ScopeFolder {
    func deliveryName(_ id: [UInt8]) -> String { "\(self.folder)/deliveries/\(id.hex).wldv" }

    func acknowledgementName(_ id: [UInt8]) -> String { "\(self.folder)/acknowledgements/\(id.hex).wltp" }

    /// Identifiers of the deliveries that are kept, ascending.
    var deliveries: [[UInt8]] {
        self.share.list("\(self.folder)/deliveries").compactMap { [UInt8](hex: String($0.prefix { $0 != "." })) }
    }

    func delivery(_ id: [UInt8]) throws -> KeptDelivery {
        let name = self.deliveryName(id)
        guard let bytes = try self.share.read(name), let delivery = try? KeptDelivery(bytes: bytes) else {
            throw ShareFolderError.damaged("\(self.share.path)/\(name)")
        }
        return delivery
    }
}
