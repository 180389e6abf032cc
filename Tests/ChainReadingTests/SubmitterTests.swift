import CanonicalBytes
import Certificates
import Consensus
import Contracts
import Ledger
import P256Group
import Pseudonyms
import Synchronization
import Testing
import Uplink

@testable import ChainReading

@Suite struct SubmitterTests {
    /// Answers attempts in their order, the last one again and again; a pause takes ten seconds.
    private final class Line: Sendable {
        enum Answer: Sendable {
            case block(code: UInt16)
            case nothing
            case failure(UplinkFailure)
        }

        private struct State {
            var answers: [Answer]
            var transactions: [Transaction] = []
            var now: UInt64 = 1_000_000
        }

        private let state: Mutex<State>
        /// What ``ChainSubmitter/Line/proof`` finds.
        private let isInBlock: Bool

        init(_ answers: [Answer], isInBlock: Bool = false) {
            self.state = Mutex(State(answers: answers))
            self.isInBlock = isInBlock
        }

        var transactions: [Transaction] { self.state.withLock { $0.transactions } }

        func submitter(_ key: RequesterKey, seconds: UInt64 = 60) -> ChainSubmitter {
            ChainSubmitter(
                Array("test".utf8),
                .init(
                    submit: { (transaction, _) async throws(UplinkFailure) in try self.answer(transaction) },
                    proof: { self.isInBlock ? SubmitterTests.proof(of: $0, code: 0) : nil },
                    pause: { self.state.withLock { $0.now += 10_000 } }
                ),
                signer: { key },
                seconds: seconds,
                clock: { self.state.withLock { $0.now } }
            )
        }

        private func answer(_ transaction: Transaction) throws(UplinkFailure) -> TransactionProof? {
            let answer = self.state.withLock { state in
                state.transactions.append(transaction)
                return state.answers.count > 1 ? state.answers.removeFirst() : state.answers[0]
            }
            switch answer {
            case .block(let code): return SubmitterTests.proof(of: transaction, code: code)
            case .nothing: return nil
            case .failure(let failure): throw failure
            }
        }
    }

    private static func proof(of transaction: Transaction, code: UInt16) -> TransactionProof? {
        let zeros = [UInt8](repeating: 0, count: 32)
        let header = BlockHeader(
            chain: Array("test".utf8),
            channel: transaction.body.channel,
            epoch: 0,
            height: 1,
            parent: .zero,
            transactionRoot: zeros,
            receiptRoot: zeros,
            stateRoot: zeros,
            validatorsRoot: zeros,
            evidenceRoot: zeros,
            time: 1
        )
        let certificate = QuorumCertificate(
            version: .ed25519MultiSignature,
            epoch: 0,
            view: 0,
            height: 1,
            block: .zero,
            signers: [],
            proof: []
        )
        let receipt = TransactionReceipt(transaction: transaction.id, code: code, cost: 0, events: [])
        let block = LedgerBlock(header: header, transactions: [transaction], nextCommittee: nil)
        return TransactionProof(0, of: block, receipts: [receipt], certificate: certificate)
    }

    private static func key(isPseudonym: Bool = false) throws -> RequesterKey {
        let authority = CertificateAuthority(name: "Test CA", key: .generate())
        let request = P256KeyPair.generate()
        let subject = isPseudonym ? "" : "lab:researcher:r"
        let issued = try authority.issue(
            CertificateRequest(request, subject: subject),
            fields: CertificateFields(
                issuer: "Test CA",
                serial: 1,
                subject: subject,
                notBefore: 0,
                notAfter: .max,
                usage: isPseudonym ? [.pseudonym, .keyExchange] : [.sign, .keyExchange],
                attributes: isPseudonym ? [] : ["org:lab", "role:researcher"]
            )
        )
        let key = try issued.keyPair(
            for: request,
            from: authority.issuer,
            usage: isPseudonym ? .pseudonym : .sign
        )
        return RequesterKey(certificate: issued.certificate, key: key, issuer: authority.issuer)
    }

    private static let arguments = RevokeGrant(grant: [UInt8](repeating: 4, count: 32))

    @Test("While the outcome is open the very same transaction is handed in again")
    func again() async throws {
        let line = Line([.nothing, .failure(.unreachable("down")), .nothing, .block(code: 0)])
        let proof = try await line.submitter(Self.key()).submit(Self.arguments)
        #expect(line.transactions.count == 4 && Set(line.transactions.map(\.id)) == [proof.transaction.id])
        #expect(proof.transaction.body.channel == .index && proof.transaction.body.method == "revoke-grant")
        #expect(proof.transaction.body.validUntil == 1_060_000)
    }

    @Test("A rejection is told by its number, unless it is as good as success")
    func rejected() async throws {
        let key = try Self.key()
        let error = await #expect(throws: ChainSubmissionError.self) {
            try await Line([.block(code: 608)]).submitter(key).submit(Self.arguments)
        }
        #expect(error?.code == 608)
        let proof = try await Line([.block(code: 608)]).submitter(key)
            .submit(Self.arguments, needless: [.noSuchGrant])
        #expect(proof.receipt.code == 608)
    }

    @Test("What can never get into a block is not handed in again")
    func refused() async throws {
        let failure = UplinkFailure.refused(status: 400, code: "malformed", detail: "", retryAfterSeconds: nil)
        let line = Line([.failure(failure)])
        let key = try Self.key()
        let error = await #expect(throws: ChainSubmissionError.self) {
            try await line.submitter(key).submit(Self.arguments)
        }
        #expect(error == .refused(failure) && line.transactions.count == 1)
    }

    @Test("A transaction that was taken and is then refused for its age may be in a block")
    func late() async throws {
        let failure = UplinkFailure.refused(status: 400, code: "expired", detail: "", retryAfterSeconds: nil)
        let line = Line([.nothing, .failure(failure)], isInBlock: true)
        let proof = try await line.submitter(Self.key()).submit(Self.arguments)
        #expect(proof.receipt.code == 0)
    }

    @Test("In the end it is told whether nobody was reached, or nobody knows")
    func end() async throws {
        let key = try Self.key()
        let down = await #expect(throws: ChainSubmissionError.self) {
            try await Line([.failure(.unreachable("down"))]).submitter(key).submit(Self.arguments)
        }
        #expect(down == .refused(.unreachable("down")))
        let line = Line([.nothing])
        let open = await #expect(throws: ChainSubmissionError.self) {
            try await line.submitter(key).submit(Self.arguments)
        }
        #expect(open == .open(transaction: line.transactions[0].id))
        #expect(line.transactions.count == 7)
    }

    @Test("Calls of several submitters at one time have a nonce each, of that time")
    func nonces() async throws {
        let line = Line([.block(code: 0)])
        let key = try Self.key()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask { _ = try await line.submitter(key).submit(Self.arguments) }
            }
            try await group.waitForAll()
        }
        let nonces = line.transactions.map(\.body.nonce)
        #expect(Set(nonces).count == 50 && nonces.allSatisfy { $0 >= 1_000_000_000 })
    }

    @Test("A call whose nonce another process used is signed anew, and not for ever")
    func nonceUsed() async throws {
        let failure = UplinkFailure.refused(
            status: 409,
            code: ChainClient.nonceUsed,
            detail: "",
            retryAfterSeconds: nil
        )
        let line = Line([.nothing, .failure(failure), .failure(failure), .block(code: 0)])
        let key = try Self.key()
        let proof = try await line.submitter(key).submit(Self.arguments)
        #expect(proof.transaction.id == line.transactions.last?.id)
        // The first one was handed in twice.
        #expect(Set(line.transactions.map(\.body.nonce)).count == 3 && line.transactions.count == 4)
        let other = Line([.failure(failure)])
        let error = await #expect(throws: ChainSubmissionError.self) {
            try await other.submitter(key).submit(Self.arguments)
        }
        #expect(error == .refused(failure) && other.transactions.count == 5)
    }

    @Test("Parties and pseudonyms sign so that the chain takes it", arguments: [false, true])
    func signatures(_ isPseudonym: Bool) async throws {
        let key = try Self.key(isPseudonym: isPseudonym)
        #expect(key.isPseudonym == isPseudonym)
        let line = Line([.block(code: 0)])
        try await line.submitter(key).submit(Self.arguments)
        let verifier = TransactionVerifier(
            chain: Array("test".utf8),
            issuers: [TrustedIssuer(kind: isPseudonym ? .pseudonymAuthority : .authority, issuer: key.issuer)]
        )
        let verified = try verifier.verify(line.transactions[0])
        #expect(verified.caller.certificate == key.certificate)
    }
}
