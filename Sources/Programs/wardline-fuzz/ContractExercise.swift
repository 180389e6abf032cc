import CanonicalBytes
import Certificates
import Consensus
import Contracts
import Ledger
import P256Group
import StateTree

/// A channel at its genesis, and parties whose damaged transactions it gets: what the leader makes of one, every
/// follower must make of it too.
struct ContractExercise {
    private struct Signer {
        let certificate: ImplicitCertificate
        let key: P256KeyPair
    }

    private static let names = [
        "north:operator:g1", "south:operator:g2", "north:gateway:g1", "north:steward:s1", "north:custodian:c1",
        "north:institution:i1", "north:privacy-center:c1", "north:researcher:r1", "north:authority:a1",
        "north:patient:p1", "north:clinician:d1", "north:tracing-authority:t1", "north:registration-authority:r1",
        "north:attribute-authority:a1",
    ]

    private let signers: [Signer]
    private let methods: [(contract: String, method: String, channels: [Channel])]
    private let states: [(executor: BlockExecutor, parent: ParentState)]
    private let verifier: TransactionVerifier

    /// - Throws: never, in fact: the names are lawful.
    init() throws(ProtocolFailure) {
        let authority = CertificateAuthority(name: "north-ca", key: try P256KeyPair(secret: P256Scalar(7)))
        let genesis = try LedgerSeeds.genesis([TrustedIssuer(kind: .authority, issuer: authority.issuer)])
        let logic = ConsortiumContracts(scheme: Ed25519Scheme())
        var signers: [Signer] = []
        for (place, name) in Self.names.enumerated() {
            signers.append(try Self.signer(name, P256Scalar(UInt64(place) + 100), authority))
        }
        self.signers = signers
        self.methods = logic.methodNames
        var states: [(executor: BlockExecutor, parent: ParentState)] = []
        for channel in [Channel.access, .index] { states.append(try Self.state(channel, genesis, logic)) }
        self.states = states
        self.verifier = TransactionVerifier(chain: LedgerSeeds.chain, issuers: genesis.issuers)
    }

    private static func signer(
        _ name: String,
        _ secret: P256Scalar,
        _ authority: CertificateAuthority
    ) throws(ProtocolFailure) -> Signer {
        let key = try P256KeyPair(secret: secret)
        let fields = CertificateFields(
            issuer: "north-ca",
            serial: 1,
            subject: name,
            notBefore: LedgerSeeds.time / 1_000 - 1_000,
            notAfter: LedgerSeeds.time / 1_000 + 1_000_000,
            usage: [.sign],
            attributes: []
        )
        let request = try CertificateRequest(key, subject: name)
        let issued = try authority.issue(request, fields: fields, nonce: secret)
        return Signer(certificate: issued.certificate, key: try issued.keyPair(for: key, from: authority.issuer))
    }

    private static func state(
        _ channel: Channel,
        _ genesis: Genesis,
        _ logic: ConsortiumContracts
    ) throws(ProtocolFailure) -> (executor: BlockExecutor, parent: ParentState) {
        let executor = BlockExecutor(chain: LedgerSeeds.chain, channel: channel, logic: logic)
        let first = try executor.genesis(genesis)
        var values = MemoryValues()
        var nodes = MemoryNodes()
        for change in first.changes { values.values[change.key] = change.value }
        nodes.apply(first.update)
        let parent = ParentState(
            header: first.block.header,
            hash: first.hash,
            values: values,
            nodes: nodes,
            committee: genesis.committee
        )
        return (executor, parent)
    }

    /// A payload's first byte says which method gets the rest.
    func run(_ payload: [UInt8], _ random: inout Randomness) -> Verdict {
        guard let first = payload.first else { return .refused("nothing") }
        let method = self.methods[Int(first) % self.methods.count]
        let channel = random.pick(method.channels)
        do throws(ProtocolFailure) {
            let transaction = try self.transaction(Array(payload.dropFirst()), method, channel, &random)
            let verified = try self.verifier.verify(try Transaction(bytes: transaction.bytes))
            return try self.execute(verified, channel)
        } catch {
            return error.detail.isEmpty ? .broken("a failure without words") : .refused(error.code.rawValue)
        }
    }

    private func transaction(
        _ arguments: [UInt8],
        _ method: (contract: String, method: String, channels: [Channel]),
        _ channel: Channel,
        _ random: inout Randomness
    ) throws(ProtocolFailure) -> Transaction {
        let isSigned = !random.once(in: 4)
        let signer = random.pick(self.signers)
        let body = TransactionBody(
            chain: LedgerSeeds.chain,
            channel: channel,
            signer: isSigned ? signer.certificate.digest : LedgerSeeds.digest(0),
            nonce: isSigned ? 1 : 0,
            validUntil: LedgerSeeds.time + 60_000,
            contract: method.contract,
            method: method.method,
            arguments: arguments
        )
        guard isSigned else { return Transaction(body, authorization: .none) }
        return try Transaction(signing: body, certificate: signer.certificate, key: signer.key)
    }

    private func execute(_ verified: VerifiedTransaction, _ channel: Channel) throws(ProtocolFailure) -> Verdict {
        let (executor, parent) = self.states[channel == .access ? 0 : 1]
        let made = try executor.build([verified], on: parent, time: LedgerSeeds.time + 1_000)
        guard let built = made.block else { return .refused(made.refused.first?.1.code ?? "no room") }
        let block = try LedgerBlock(bytes: built.payload)
        guard
            let judged = try? executor.validate(block, transactions: [verified], on: parent, latest: .max),
            judged.receipts == built.receipts, judged.changes == built.changes
        else { return .broken("a follower does not follow") }
        let code = built.receipts[0].code
        return code == 0 ? .accepted : .refused("code \(code)")
    }
}
