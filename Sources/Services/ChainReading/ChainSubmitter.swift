internal import Certificates
package import Contracts
package import Credentials
internal import Foundation
package import Ledger
internal import Synchronization
package import Uplink

/// Hands transactions to the chain and tells what became of them.
package protocol ChainWriting: Sendable {
    /// Calls a method and waits until it is in a block.
    ///
    /// - Parameters:
    ///   - arguments: name the method; it is called on the first of its channels.
    ///   - needless: rejections that are as good as success, for example because another party came first.
    /// - Returns: the verified proof that the transaction took effect, or was needless.
    /// - Throws: ``ChainSubmissionError``.
    @discardableResult
    func submit(_ arguments: some MethodArguments, needless: Set<RejectionCode>) async throws -> TransactionProof
}

extension ChainWriting {
    /// Calls a method that must take effect, and waits until it is in a block.
    ///
    /// - Throws: ``ChainSubmissionError``.
    @discardableResult
    package func submit(_ arguments: some MethodArguments) async throws -> TransactionProof {
        try await self.submit(arguments, needless: [])
    }
}

/// Brings transactions that are signed already to the chain.
package protocol TransactionSettling: Sendable {
    /// Hands a transaction in until it is in a block or cannot take effect any more; the same one may be handed in again.
    ///
    /// - Parameter transaction: signed for this chain.
    /// - Returns: the verified proof of what became of it, a rejection included.
    /// - Throws: ``ChainSubmissionError/refused(_:)`` when no block has it, ``ChainSubmissionError/open(transaction:)``.
    func settle(_ transaction: Transaction) async throws -> TransactionProof
}

/// Submits in the name of a party or under a pseudonym, again and again while the outcome is open: the nonce keeps a
/// transaction from taking effect twice.
package final class ChainSubmitter: ChainWriting, TransactionSettling {
    /// How transactions get to the chain.
    struct Line: Sendable {
        /// As `ChainClient.submit`.
        let submit: @Sendable (Transaction, _ waitMilliseconds: Int) async throws(UplinkFailure) -> TransactionProof?
        /// As `ChainClient.proof`.
        let proof: @Sendable (Transaction) async throws(UplinkFailure) -> TransactionProof?
        /// Between two attempts.
        let pause: @Sendable () async throws -> Void
    }

    /// How long one attempt waits for the block, ms.
    private static let waitMilliseconds: UInt64 = 10_000
    /// How often a call is signed anew because another one has its nonce.
    private static let attemptsMax = 5
    /// One for all signers: several submitters may work for one of them.
    private static let lastNonce = Mutex<UInt64>(0)

    private let chain: [UInt8]
    private let line: Line
    private let signer: @Sendable () -> RequesterKey
    /// ms.
    private let lifetime: UInt64
    /// Milliseconds since 1970.
    private let clock: @Sendable () -> UInt64

    /// - Parameters:
    ///   - client: of the chain.
    ///   - key: signs.
    ///   - seconds: how long a transaction may take effect, and how long its outcome is waited for; at least 1.
    ///   - clock: milliseconds since 1970.
    package convenience init(
        _ client: ChainClient,
        key: RequesterKey,
        seconds: UInt64 = 60,
        clock: @escaping @Sendable () -> UInt64 = ChainSubmitter.systemClock
    ) { self.init(client.chain, Line(client), signer: { key }, seconds: seconds, clock: clock) }

    /// For a service: signs with the newest generation of its identity.
    ///
    /// - Parameters:
    ///   - client: of the chain.
    ///   - identity: signs.
    ///   - seconds: how long a transaction may take effect, and how long its outcome is waited for; at least 1.
    ///   - clock: milliseconds since 1970.
    package convenience init(
        _ client: ChainClient,
        identity: IdentityWatch,
        seconds: UInt64 = 60,
        clock: @escaping @Sendable () -> UInt64 = ChainSubmitter.systemClock
    ) {
        self.init(
            client.chain,
            Line(client),
            signer: { RequesterKey(identity.current) },
            seconds: seconds,
            clock: clock
        )
    }

    init(
        _ chain: [UInt8],
        _ line: Line,
        signer: @escaping @Sendable () -> RequesterKey,
        seconds: UInt64,
        clock: @escaping @Sendable () -> UInt64
    ) {
        self.chain = chain
        self.line = line
        self.signer = signer
        self.lifetime = max(1, seconds) * 1_000
        self.clock = clock
    }

    /// The system's clock, ms since 1970.
    package static let systemClock: @Sendable () -> UInt64 = { UInt64(max(0, Date().timeIntervalSince1970 * 1_000)) }

    package func submit(
        _ arguments: some MethodArguments,
        needless: Set<RejectionCode>
    ) async throws -> TransactionProof {
        let type = Swift.type(of: arguments)
        return try await self.call(
            type.contract,
            type.method,
            arguments.bytes,
            on: type.channels[0],
            needless: Set(needless.map(\.number))
        )
    }

    /// Calls any method by its name.
    ///
    /// - Parameters:
    ///   - contract: its name.
    ///   - method: its name.
    ///   - arguments: the method's canonical bytes.
    ///   - channel: where it is called.
    ///   - needless: numbers of rejections that are as good as success.
    /// - Returns: the verified proof.
    /// - Throws: ``ChainSubmissionError``.
    package func call(
        _ contract: String,
        _ method: String,
        _ arguments: [UInt8],
        on channel: Channel,
        needless: Set<UInt16> = []
    ) async throws -> TransactionProof {
        var attempt = 1
        while true {
            let key = self.signer()
            let now = self.clock()
            let body = TransactionBody(
                chain: self.chain,
                channel: channel,
                signer: key.certificate.digest,
                nonce: Self.nonce(at: now),
                validUntil: now + self.lifetime,
                contract: contract,
                method: method,
                arguments: arguments
            )
            let transaction = try key.sign(body)
            do {
                let proof = try await self.settle(transaction)
                let code = proof.receipt.code
                guard code == 0 || needless.contains(code) else {
                    throw ChainSubmissionError.rejected(code: code, transaction: transaction.id)
                }
                return proof
            } catch {
                // Another process with this identity was first: this one is in no block, and never will be.
                guard case ChainSubmissionError.refused(.refused(_, ChainClient.nonceUsed, _, _)) = error,
                    attempt < Self.attemptsMax
                else { throw error }
                attempt += 1
            }
        }
    }

    /// Newer than any that was used before, whichever machine it was on.
    ///
    /// Never twice in this process; two processes with one identity hardly ever have the same one.
    private static func nonce(at now: UInt64) -> UInt64 {
        Self.lastNonce.withLock { last in
            last = max(last + 1, now * 1_000 + UInt64.random(in: 0..<1_000))
            return last
        }
    }

    package func settle(_ transaction: Transaction) async throws -> TransactionProof {
        var failure: UplinkFailure?
        var wasTaken = false
        while true {
            let now = self.clock()
            let left = transaction.body.validUntil > now ? transaction.body.validUntil - now : 0
            let wait = Int(min(left, Self.waitMilliseconds))
            switch await self.attempt(transaction, waitMilliseconds: wait) {
            case .success(let proof?): return proof
            case .success(nil): (failure, wasTaken) = (nil, true)
            case .failure(let why):
                // Refused for its age perhaps, and in a block for long.
                if wasTaken, let proof = try? await self.line.proof(transaction) { return proof }
                if why.isPermanent { throw ChainSubmissionError.refused(why) }
                failure = why
            }
            guard self.clock() < transaction.body.validUntil else { break }
            try await self.line.pause()
        }
        guard let failure, !wasTaken else { throw ChainSubmissionError.open(transaction: transaction.id) }
        throw ChainSubmissionError.refused(failure)
    }

    private func attempt(
        _ transaction: Transaction,
        waitMilliseconds: Int
    ) async -> Result<TransactionProof?, UplinkFailure> {
        do throws(UplinkFailure) {
            return .success(try await self.line.submit(transaction, waitMilliseconds))
        } catch { return .failure(error) }
    }
}

extension ChainSubmitter.Line {
    fileprivate init(_ client: ChainClient) {
        self.init(
            submit: { (transaction, wait) async throws(UplinkFailure) in
                try await client.submit(transaction, waitMilliseconds: wait)
            },
            proof: { (transaction) async throws(UplinkFailure) in
                try await client.proof(of: transaction.id, on: transaction.body.channel)
            },
            pause: { try await Task.sleep(for: .milliseconds(250)) }
        )
    }
}
