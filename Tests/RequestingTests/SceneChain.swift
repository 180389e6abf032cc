import CanonicalBytes
import Certificates
import ChainReading
import Consensus
import Contracts
import Foundation
import Ledger
import P256Group
import Pseudonyms
import Requesting
import StateTree
import Synchronization
import Testing

import enum Ledger.Channel

/// Both channels of a consortium of four validators, with the real contracts, in memory: every transaction gets a block of
/// its own.
final class SceneChain: RequesterChain {
    private struct Values: StateReader {
        var values: [[UInt8]: [UInt8]] = [:]

        func value(of key: [UInt8]) throws(ProtocolFailure) -> [UInt8]? { self.values[key] }
    }

    private struct Line {
        var values = Values()
        var nodes = MemoryNodes()
        var header: BlockHeader
        var certificate: QuorumCertificate?
        var proofs: [[UInt8]: TransactionProof] = [:]
        var events: [[UInt8]: [FoundEvent]] = [:]
    }

    private struct State {
        var lines: [Channel: Line] = [:]
        /// Milliseconds since 1970.
        var now: UInt64
        var nonce: UInt64 = 0
        var isDown = false
        /// Questions of all kinds that were answered.
        var questions = 0
    }

    static let name = "scene"
    /// Milliseconds since 1970: a day into an epoch.
    static let start: UInt64 = 604_800_000 * SceneChain.epoch + 86_400_000
    static let epoch: UInt64 = 3_000

    let authority: CertificateAuthority
    let pseudonymAuthority: CertificateAuthority
    let name: String
    let genesis: Genesis
    private let validators: [Ed25519Signer]
    private let state: Mutex<State>

    /// - Parameters:
    ///   - name: of the chain.
    ///   - other: whose issuers it accepts besides its own.
    /// - Throws: never for a name that is one.
    init(name: String = SceneChain.name, trusting other: SceneChain? = nil) throws {
        self.name = name
        self.authority = CertificateAuthority(name: "ca of \(name)", key: .generate())
        self.pseudonymAuthority = CertificateAuthority(name: "pca of \(name)", key: .generate())
        let start = Self.start
        self.validators = try (1...4).map {
            let seed = [UInt8](repeating: UInt8($0), count: 32)
            return try #require(Ed25519Signer(votingSeed: seed, shareSeed: seed.map { $0 ^ 0xff }))
        }
        let members = self.validators.enumerated().map { $1.member(ReplicaID(UInt16($0 + 1))) }
        self.genesis = try Genesis(
            chain: name,
            time: start,
            committee: #require(Committee(epoch: 0, members: members)),
            validators: (1...4).map {
                Genesis.Validator(id: ReplicaID($0), name: try #require(PartyName("org\($0):validator:v\($0)")))
            },
            issuers: [
                TrustedIssuer(kind: .authority, issuer: self.authority.issuer),
                TrustedIssuer(kind: .pseudonymAuthority, issuer: self.pseudonymAuthority.issuer),
            ] + (other?.genesis.issuers ?? []),
            governors: [#require(PartyName("org1:operator:g"))],
            governorThreshold: 1,
            parameters: []
        )
        var state = State(now: start + 1_000)
        for channel in Channel.allCases {
            let first = try Self.executor(channel, name).genesis(self.genesis)
            var line = Line(header: first.block.header)
            for change in first.changes { line.values.values[change.key] = change.value }
            line.nodes.apply(first.update)
            state.lines[channel] = line
        }
        self.state = Mutex(state)
    }

    private static func executor(_ channel: Channel, _ name: String) -> BlockExecutor {
        BlockExecutor(
            chain: Array(name.utf8),
            channel: channel,
            logic: ConsortiumContracts(scheme: Ed25519Scheme())
        )
    }

    // MARK: - Parties

    func key(_ subject: String, usage: CertificateUsage = [.sign, .keyExchange, .proxy]) throws -> RequesterKey {
        try Self.issue(self.authority, subject, usage)
    }

    func pseudonym() throws -> RequesterKey { try Self.issue(self.pseudonymAuthority, "", [.pseudonym, .keyExchange]) }

    private static func issue(
        _ authority: CertificateAuthority,
        _ subject: String,
        _ usage: CertificateUsage
    ) throws -> RequesterKey {
        let key = P256KeyPair.generate()
        let now = Self.start / 1_000
        let fields = CertificateFields(
            issuer: authority.issuer.name,
            serial: .random(in: 1...UInt64.max),
            subject: subject,
            notBefore: now - 86_400,
            notAfter: now + 864_000,
            usage: usage,
            attributes: []
        )
        let issued = try authority.issue(CertificateRequest(key, subject: subject), fields: fields)
        return RequesterKey(
            certificate: issued.certificate,
            key: try issued.keyPair(for: key, from: authority.issuer),
            issuer: authority.issuer
        )
    }

    // MARK: - Blocks

    var now: UInt64 { self.state.withLock { $0.now } }

    var questions: Int { self.state.withLock { $0.questions } }

    func wait(_ milliseconds: UInt64) { self.state.withLock { $0.now += milliseconds } }

    func fail(_ isDown: Bool = true) { self.state.withLock { $0.isDown = isDown } }

    /// Calls a method in a block of its own.
    @discardableResult
    func call(_ arguments: some MethodArguments, by key: RequesterKey) throws -> TransactionProof {
        let channel = Swift.type(of: arguments).channels[0]
        return try self.state.withLock { state in
            state.nonce += 1
            let body = arguments.body(
                chain: self.identifier,
                channel: channel,
                signer: key.certificate.digest,
                nonce: state.nonce,
                validUntil: state.now + 60_000
            )
            return try self.commit(key.sign(body), &state)
        }
    }

    /// Commits a transaction that somebody signed; the same one again brings the same proof.
    @discardableResult
    func commit(_ transaction: Transaction) throws -> TransactionProof {
        try self.state.withLock { state in
            if let known = state.lines[transaction.body.channel]?.proofs[transaction.id] { return known }
            return try self.commit(transaction, &state)
        }
    }

    /// Puts a value into the state that other chains would bring.
    func put(_ value: [UInt8], at key: [UInt8], on channel: Channel = .access) {
        self.state.withLock { $0.lines[channel]?.values.values[key] = value }
    }

    /// All transactions of a method on the access channel.
    func calls(_ contract: String, _ method: String) -> [TransactionProof] {
        self.state.withLock { state in
            (state.lines[.access]?.proofs.values.map { $0 } ?? []).filter {
                $0.transaction.body.contract == contract && $0.transaction.body.method == method
            }
        }
    }

    private func commit(_ transaction: Transaction, _ state: inout State) throws -> TransactionProof {
        let channel = transaction.body.channel
        var line = try #require(state.lines[channel])
        let verifier = TransactionVerifier(chain: self.identifier, issuers: self.genesis.issuers)
        let parent = ParentState(
            header: line.header,
            hash: line.header.hash,
            values: line.values,
            nodes: line.nodes,
            committee: self.genesis.committee
        )
        state.now += 1_000
        let (block, refused) = try Self.executor(channel, self.name)
            .build([verifier.verify(transaction)], on: parent, time: state.now)
        let executed = try #require(block, "refused: \(refused.map(\.1.code))")
        let certificate = self.certify(executed.block.header, channel)
        let proof = try #require(
            TransactionProof(0, of: executed.block, receipts: executed.receipts, certificate: certificate)
        )
        for change in executed.changes { line.values.values[change.key] = change.value }
        line.nodes.apply(executed.update)
        line.header = executed.block.header
        line.certificate = certificate
        line.proofs[transaction.id] = proof
        for (number, event) in executed.receipts[0].events.enumerated() {
            let found = FoundEvent(
                place: EventPlace(height: executed.block.header.height, place: UInt32(number + 1)),
                transaction: transaction.id,
                topic: event.topic
            )
            for subject in EventSubjects.subjects(of: event) { line.events[subject, default: []].append(found) }
        }
        state.lines[channel] = line
        return proof
    }

    private func certify(_ header: BlockHeader, _ channel: Channel) -> QuorumCertificate {
        let message = self.genesis.context(of: channel).commitMessage(
            epoch: 0,
            view: 1,
            height: header.height,
            block: header.hash
        )
        return QuorumCertificate(
            version: .ed25519MultiSignature,
            epoch: 0,
            view: 1,
            height: header.height,
            block: header.hash,
            signers: [0b111],
            proof: self.validators.prefix(3).flatMap { $0.signShare(message) }
        )
    }

    /// The head of a channel; there must be a block.
    func head(_ channel: Channel) throws -> CertifiedHead {
        let line = try #require(self.state.withLock { $0.lines[channel] })
        return CertifiedHead(header: line.header, certificate: try #require(line.certificate))
    }

    func value(_ key: [UInt8], _ channel: Channel) -> [UInt8]? {
        self.state.withLock { $0.lines[channel]?.values.values[key] }
    }

    func found(_ subject: [UInt8], on channel: Channel) -> [FoundEvent] {
        self.state.withLock { $0.lines[channel]?.events[subject] ?? [] }
    }

    func kept(_ transaction: [UInt8], on channel: Channel) -> TransactionProof? {
        self.state.withLock { $0.lines[channel]?.proofs[transaction] }
    }

    // MARK: - What a requester asks

    var identifier: [UInt8] { Array(self.name.utf8) }

    private func line(_ channel: Channel) throws -> Line {
        try self.state.withLock { state in
            state.questions += 1
            guard !state.isDown, let line = state.lines[channel] else {
                throw ChainReadingError(.chainUnavailable, "nobody answers")
            }
            return line
        }
    }

    func fact(of key: [UInt8], on channel: Channel) async throws -> ChainFact {
        let line = try self.line(channel)
        return ChainFact(value: line.values.values[key], time: line.header.time, height: line.header.height)
    }

    func events(of subject: [UInt8], after: EventPlace?, on channel: Channel) async throws -> [FoundEvent] {
        try self.line(channel).events[subject, default: []].filter { after == nil || $0.place > after ?? $0.place }
    }

    func proof(of transaction: [UInt8], on channel: Channel) async throws -> TransactionProof? {
        try self.line(channel).proofs[transaction]
    }

    func valueProof(of key: [UInt8], on channel: Channel) async throws -> ValueProof {
        let line = try self.line(channel)
        return ValueProof(
            header: line.header,
            certificate: try #require(line.certificate),
            key: key,
            value: line.values.values[key],
            path: try StateTree.prove(key, in: line.nodes)
        )
    }

    func handovers(on channel: Channel) async throws -> [Handover] { [] }

    private func view(_ channel: Channel) -> CommitteeView {
        CommitteeView(genesis: self.genesis, channel: channel, scheme: Ed25519Scheme())
    }

    func verify(_ proof: TransactionProof) async throws { try proof.verify(by: self.view(proof.header.channel)) }

    func verify(_ head: CertifiedHead) async throws { try head.verify(by: self.view(head.header.channel)) }

    /// Submits in the name of a key.
    func writer(_ key: RequesterKey) -> any ChainWriting { Writer(chain: self, key: key) }

    private struct Writer: ChainWriting {
        let chain: SceneChain
        let key: RequesterKey

        func submit(
            _ arguments: some MethodArguments,
            needless: Set<RejectionCode>
        ) async throws -> TransactionProof {
            let proof = try self.chain.call(arguments, by: self.key)
            let code = proof.receipt.code
            guard code == 0 || needless.contains(where: { $0.number == code }) else {
                throw ChainSubmissionError.rejected(code: code, transaction: proof.transaction.id)
            }
            return proof
        }
    }
}
