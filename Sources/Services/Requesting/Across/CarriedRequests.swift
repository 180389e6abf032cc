internal import CanonicalBytes
package import ChainReading
package import Contracts
internal import IBTP
package import Ledger

/// The requester's own chain, over which requests for data of other chains go.
package struct HomeChain: Sendable {
    package let chain: any RequesterChain
    package let line: any TransactionSettling

    package init(chain: any RequesterChain, line: any TransactionSettling) {
        self.chain = chain
        self.line = line
    }
}

/// A chain over which requests go.
package enum AskingChain: Sendable {
    /// Of this software: the caller's certificate asks.
    case own(HomeChain)
    /// Of another make: an account asks.
    case account(any AccountHome)

    /// Where an exchange that was opened there stands.
    func stage(of id: MessageID, data: any RequesterChain) async throws -> ExchangeStage {
        switch self {
        case .own(let home): try await ExchangeStage.read(id, home: home.chain, data: data)
        case .account(let account): try await ExchangeStage.read(id, account: account, data: data)
        }
    }
}

/// Where a request is on its way to the data's chain.
package enum CarriedProgress: Sendable, Hashable {
    /// Relay chains that it may go over, the chosen one first, with what speaks for it; only where both chains have
    /// relay chains.
    case routed(over: String)
    /// It is sealed to a custodian's certificate, of this subject.
    case sealed(to: String)
    /// The home chain has opened the exchange.
    case called(exchange: String)
    /// The data's chain has it; its custodian files it.
    case delivered(exchange: String)
    case filed
}

/// Brings requests to another chain: sealed, over the home chain and the relay chain.
///
/// The transaction for the data's chain is the requester's own; the custodian there only hands it in. What counts is that
/// chain's proof of it, which is what comes back, as if it had been handed in directly.
package struct CarriedRequests: ChainWriting {
    package struct Settings: Sendable {
        /// After how many blocks of the relay chain an exchange is undone; 0: never.
        package var timeoutBlocks: UInt64 = 0
        /// How long one attempt waits for the request to be filed, ms.
        package var patience: UInt64 = 120_000
        /// Between two looks, ms.
        package var pause: UInt64 = 1_000
        /// To what the route has to keep.
        package var routes = RoutePreference()
        /// The custodian's certificate; nil: as the data's chain shows it.
        package var custodian: [UInt8]?

        package init() {}
    }

    /// Seconds behind the request's own end for which the exchange stands: nobody can have it fail before.
    static let expiryMargin: UInt64 = 3_600
    /// How long a call of the home chain may take effect, ms.
    static let callMilliseconds: UInt64 = 60_000
    /// By how much clocks may differ, ms.
    static let skewMilliseconds: UInt64 = 60_000

    let folder: ShareFolder
    let receiver: RequesterKey
    let home: AskingChain
    let data: any RequesterChain
    let issuers: [TrustedIssuer]
    let settings: Settings
    /// Milliseconds since 1970.
    let clock: @Sendable () -> UInt64
    let sleep: @Sendable (_ milliseconds: UInt64) async throws -> Void
    let progress: @Sendable (CarriedProgress) -> Void

    /// - Parameters:
    ///   - folder: of the share.
    ///   - receiver: who asks, on both chains under the same certificate.
    ///   - home: where the asking is done.
    ///   - parties: of the data's chain.
    ///   - settings: limits.
    ///   - sleep: waits.
    ///   - progress: is told of each step.
    package init(
        _ folder: ShareFolder,
        receiver: RequesterKey,
        home: HomeChain,
        parties: ShareParties,
        settings: Settings,
        sleep: @escaping @Sendable (_ milliseconds: UInt64) async throws -> Void = {
            try await Task.sleep(for: .milliseconds(Int64(clamping: $0)))
        },
        progress: @escaping @Sendable (CarriedProgress) -> Void = { _ in }
    ) {
        self.init(
            folder,
            receiver: receiver,
            over: .own(home),
            parties: parties,
            settings: settings,
            sleep: sleep,
            progress: progress
        )
    }

    /// - Parameters:
    ///   - folder: of the share.
    ///   - receiver: who asks at the data's chain.
    ///   - home: where the asking is done, under the receiver's certificate or by an account.
    ///   - parties: of the data's chain.
    ///   - settings: limits.
    ///   - sleep: waits.
    ///   - progress: is told of each step.
    package init(
        _ folder: ShareFolder,
        receiver: RequesterKey,
        over home: AskingChain,
        parties: ShareParties,
        settings: Settings,
        sleep: @escaping @Sendable (_ milliseconds: UInt64) async throws -> Void = {
            try await Task.sleep(for: .milliseconds(Int64(clamping: $0)))
        },
        progress: @escaping @Sendable (CarriedProgress) -> Void = { _ in }
    ) {
        self.folder = folder
        self.receiver = receiver
        self.home = home
        self.data = parties.chain
        self.issuers = parties.issuers
        self.settings = settings
        self.clock = parties.clock
        self.sleep = sleep
        self.progress = progress
    }

    /// What is asked for, whichever method asks.
    struct Asked: Sendable {
        let contract: String
        let method: String
        let bytes: [UInt8]
        let access: RequestAccess
    }

    /// Has a request filed at the data's chain.
    ///
    /// - Returns: that chain's proof of the request.
    /// - Throws: ``ShareTrouble`` while it is on its way, or when the exchange came to nothing; ``ChainSubmissionError``
    ///   with the code of the data's chain when that rejected it.
    package func submit(
        _ arguments: some MethodArguments,
        needless: Set<RejectionCode>
    ) async throws -> TransactionProof {
        let type = Swift.type(of: arguments)
        let access = (arguments as? RequestAccess) ?? (arguments as? ProveAccess)?.access
        guard let access else {
            throw ShareTrouble(
                .request,
                isWaiting: false,
                code: "not-across-chains",
                "only requests go to other chains"
            )
        }
        let asked = Asked(contract: type.contract, method: type.method, bytes: arguments.bytes, access: access)
        return try await self.carry(asked, needless: Set(needless.map(\.number)))
    }

    @inline(never) private func carry(_ asked: Asked, needless: Set<UInt16>) async throws -> TransactionProof {
        let entry = try self.folder.record().scopes.first { $0.request.isSame(as: asked.access.request.hex) }
        guard let entry else { throw ShareTrouble(.request, isWaiting: false, "the share has no such request") }
        let scope = try ScopeFolder(self.folder, entry)
        var record = try await self.record(scope, asked)
        record = try await self.called(record, scope)
        return try await self.filed(record, scope, needless: needless)
    }

    // MARK: - The home chain

    /// Opens the exchange, unless it is open.
    private func called(_ record: CarriedRecord, _ scope: ScopeFolder) async throws -> CarriedRecord {
        guard record.exchange == nil else { return record }
        switch self.home {
        case .own(let home): return try await self.called(record, scope, on: home)
        case .account(let account): return try await self.called(record, scope, by: account)
        }
    }

    private func called(
        _ record: CarriedRecord,
        _ scope: ScopeFolder,
        on home: HomeChain
    ) async throws -> CarriedRecord {
        var record = record
        var call = try record.callTransaction(scope)
        var proof: TransactionProof?
        if !record.isRejected, self.clock() > call.body.validUntil {
            proof = try await home.chain.proof(of: call.id, on: .access)
        }
        if proof == nil, record.isRejected || self.clock() > call.body.validUntil {
            call = try self.signed(call.body.arguments, for: home, at: self.clock())
            (record.call, record.isRejected) = (call.bytes.hex, false)
            try scope.write(record)
        }
        let settled: TransactionProof
        if let proof { settled = proof } else { settled = try await self.settled(call, on: home) }
        guard settled.receipt.code == 0 else {
            record.isRejected = true
            try scope.write(record)
            throw Self.trouble(ofCode: settled.receipt.code)
        }
        let id = try Self.exchange(settled)
        try scope.write(settled.bytes, to: .exchangeCall)
        record.exchange = id
        try scope.write(record)
        self.progress(.called(exchange: id))
        return record
    }

    private func settled(_ call: Transaction, on home: HomeChain) async throws -> TransactionProof {
        do { return try await home.line.settle(call) } catch {
            // The data's chain has codes of its own: this is not one of them.
            guard let failure = error as? ChainSubmissionError else { throw error }
            throw ShareTrouble(.request, isWaiting: true, "the home chain did not open the exchange: \(failure)")
        }
    }

    /// What the home chain's rejection means: some pass when somebody does something about it.
    private static func trouble(ofCode code: UInt16) -> ShareTrouble {
        let passing: [RejectionCode] = [.notConnected, .relayFrozen, .notActive]
        return ShareTrouble(
            .request,
            isWaiting: passing.contains { $0.number == code },
            code: RejectionMeaning.name(code),
            "the home chain rejected the call: \(RejectionCode.text(code))"
        )
    }

    /// The identifier that the home chain gave a call.
    static func exchange(_ proof: TransactionProof) throws -> String {
        for event in proof.receipt.events where event.topic.isSame(as: OutboundTree.out.topic) {
            if case .message(let message) = try OutboundLeaf(bytes: event.data) { return try message.id.description }
        }
        throw ShareTrouble(.request, isWaiting: false, "the home chain's call has opened no exchange")
    }

    // MARK: - The data's chain

    /// Waits until the custodian has filed the request.
    private func filed(
        _ record: CarriedRecord,
        _ scope: ScopeFolder,
        needless: Set<UInt16>
    ) async throws -> TransactionProof {
        let inner = try record.innerTransaction(scope)
        guard let id = record.id else { throw ShareFolderError.damaged("\(self.folder.path)/\(scope.name(.exchange))") }
        let end = self.clock() + self.settings.patience
        var stage = ExchangeStage.called
        while true {
            if let proof = try await self.data.proof(of: inner.id, on: .access) {
                let code = proof.receipt.code
                guard code == 0 || needless.contains(code) else {
                    throw ChainSubmissionError.rejected(code: code, transaction: inner.id)
                }
                self.progress(.filed)
                return proof
            }
            let now = try await self.home.stage(of: id, data: self.data)
            if now == .delivered, stage != .delivered { self.progress(.delivered(exchange: id.description)) }
            stage = now
            if let trouble = stage.trouble { throw trouble }
            guard self.clock() < end else { break }
            try await self.sleep(self.settings.pause)
        }
        throw ShareTrouble(
            .request,
            isWaiting: true,
            code: "exchange-underway",
            "the exchange \(id) is on its way: \(stage.text)"
        )
    }
}
