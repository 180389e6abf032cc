import Attesting
import CanonicalBytes
import Certificates
import Contracts
import Credentials
import IBTP
import Ledger
import PathProofs
import ThresholdSignatures
import Uplink

/// A message that its chain has said and nobody has brought to the relay chain, with all that an honest gateway makes of it.
struct FreshMessage {
    let message: InterchainMessage
    let id: MessageID
    let proof: OutboundProof
    let list: VerificationNodeList
    let start: PathMessage
    let record: HopRecord
    /// Of the hop, by the signer's key.
    let signatures: [[UInt8]: [UInt8]]

    /// - Parameters:
    ///   - exchange: that the chain has just opened.
    ///   - source: the chain.
    ///   - hub: the relay chain.
    ///   - attesters: addresses of the chain's verification nodes.
    ///   - now: seconds since 1970.
    /// - Throws: when the chains or the nodes do not say what is needed.
    init(
        _ exchange: MessageID,
        from source: Side,
        hub: Side,
        attesters: [ServiceURL],
        at now: UInt64
    ) async throws {
        let (message, proof) = try await Self.find(exchange, source)
        let name = exchange.from.chain
        let list = try await hub.list(of: name)
        let start = try PathMessage(of: message, exchange, from: name, to: exchange.to.chain)
        // No node signs a hop that is good for longer than its message.
        let expiry = min(try message.relayExtension?.expiry ?? .max, now + 3_600)
        let record = try Self.hop(
            start,
            HopRecord.Anchor(proof),
            list,
            to: exchange.from.hub,
            by: hub,
            until: expiry
        )
        let question = try HopQuestion(message: start, previous: [], record: record, proof: proof)
        var signatures: [[UInt8]: [UInt8]] = [:]
        for url in attesters {
            let client = AttesterClient(base: url, client: source.http)
            let card = try NodeCard(bytes: try await client.node())
            signatures[card.key] = try await client.sign(question.bytes)
        }
        (self.message, self.id, self.proof, self.list) = (message, exchange, proof, list)
        (self.start, self.record, self.signatures) = (start, record, signatures)
    }

    static func hop(
        _ start: PathMessage,
        _ anchor: HopRecord.Anchor,
        _ list: VerificationNodeList,
        to next: String,
        by hub: Side,
        until expiry: UInt64,
        epoch: UInt64? = nil
    ) throws -> HopRecord {
        try HopRecord(
            previous: start.digest,
            link: HopRecord.Link(
                index: 0,
                chain: start.sourceChain,
                nextChain: next,
                gateway: hub.identity.name.description
            ),
            anchor: anchor,
            certifier: HopRecord.Certifier(
                epoch: epoch ?? list.epoch,
                listRoot: list.root,
                committee: list.committee.digest
            ),
            expiry: expiry
        )
    }

    /// The leaf in the block that has it.
    private static func find(_ exchange: MessageID, _ source: Side) async throws -> (InterchainMessage, OutboundProof) {
        for entry in try await source.client.events(of: EventSubjects.exchange(exchange), after: nil, on: .access) {
            for url in source.urls {
                let client = OutboundClient(base: url, client: source.http)
                for index in 0..<UInt32(64) {
                    let found = try await client.proof(of: index, in: .out, at: entry.place.height, on: .access)
                    guard let proof = found else { break }
                    guard case .message(let message) = try OutboundLeaf(bytes: proof.leaf) else { continue }
                    if try message.id == exchange, message.type == .interchain { return (message, proof) }
                }
            }
        }
        throw ProtocolFailure(.context, "no block says \(exchange)")
    }

    /// The certificate of signatures, of which some may be left out.
    func certificate(of signatures: [[UInt8]: [UInt8]], without dropped: Set<String> = []) throws -> [UInt8] {
        var signers: [[Int]] = []
        var joined: [[UInt8]] = []
        for (group, members) in zip(self.list.policy.subgroups, self.list.seats) {
            var places: [Int] = []
            for (place, member) in members.enumerated() where !dropped.contains(group.name) {
                guard let signature = signatures[member.keys.signature.encoded] else { continue }
                places.append(place)
                joined.append(signature)
            }
            signers.append(places)
        }
        return try BitmapCertificate(committee: self.list.committee, signers: signers, signatures: joined).bytes
    }

    func path(_ hops: [PathProof.Hop]) throws -> PathProof { try PathProof(message: self.start, hops: hops) }

    func honest() throws -> RelayMessage {
        let hop = PathProof.Hop(record: self.record, certificate: try self.certificate(of: self.signatures))
        return RelayMessage(self.message, by: try self.bundle(self.path([hop])))
    }

    func bundle(_ path: PathProof?, source: [UInt8]? = nil) throws -> ProofBundle {
        ProofBundle(kind: .outbound, source: source ?? self.proof.bytes, path: path)
    }
}
