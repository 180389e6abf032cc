internal import CanonicalBytes
internal import Certificates
internal import Contracts
internal import Ledger
package import Logging
internal import ServiceLifecycle

/// Brings the tree of credentials on the chain in line with the books.
///
/// Each round begins with what the chain says, so that it makes no difference where an earlier one stopped. All that
/// waits when a round begins goes into one transaction, revocations first.
package final class CredentialPublisher: Service {
    private let authority: Authority
    private let chain: any CredentialChain
    private let logger: Logger
    /// Seconds since 1970.
    private let now: @Sendable () -> UInt64
    private let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - authority: whose books.
    ///   - chain: where the tree is.
    ///   - logger: for what the chain refuses.
    ///   - now: seconds since 1970.
    package init(
        authority: Authority,
        chain: any CredentialChain,
        logger: Logger,
        now: @escaping @Sendable () -> UInt64
    ) {
        self.authority = authority
        self.chain = chain
        self.logger = logger
        self.now = now
        (self.wakes, self.waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Says that there is something new in the books.
    func wake() { self.waker.yield() }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.tick() }
                group.addTask { await self.work() }
                await group.waitForAll()
            }
        }
        await (self.chain as? ValidatorCredentialChain)?.close()
    }

    /// Operators' commands change the books from other processes.
    private func tick() async {
        while !Task.isCancelled {
            self.wake()
            do { try await Task.sleep(for: .seconds(2)) } catch { break }
        }
        self.waker.finish()
    }

    private func work() async {
        var pause = 1
        for await _ in self.wakes {
            do {
                while try await self.round() {}
                pause = 1
            } catch is CancellationError { return } catch {
                self.logger.warning("credentials do not get to the chain", metadata: ["error": "\(error)"])
                do { try await Task.sleep(for: .seconds(pause)) } catch { return }
                pause = min(pause * 2, 60)
            }
        }
    }

    // MARK: - A round

    /// Does what there is to do, up to one transaction for each reason of revocation and one for new leaves.
    ///
    /// - Returns: whether anything moved; then there may be more.
    /// - Throws: when the chain does not answer, or refuses; the next round finds out what became of it.
    package func round() async throws -> Bool {
        try self.authority.expireCredentials(at: self.now())
        let hasRevoked = try await self.revoke()
        let hasAdded = try await self.add()
        return hasRevoked || hasAdded
    }

    private func revoke() async throws -> Bool {
        var hasMoved = false
        var waiting: [CredentialRow] = []
        for row in try self.authority.credentialsToRevoke().prefix(AddCredentials.leavesMax) {
            guard let entry = try await self.chain.entry(of: row.leaf) else {
                throw PublishingFailure("a validator does not know a leaf that is in the tree; it lags behind")
            }
            if entry.revoked == 0 {
                waiting.append(row)
            } else {
                try self.end(row)
                hasMoved = true
            }
        }
        for reason in CredentialRevocationReason.allCases {
            let rows = waiting.filter { $0.reason == reason }
            guard !rows.isEmpty else { continue }
            _ = try await self.call(RevokeCredentials(reason: reason, leaves: rows.map(\.leaf)))
            for row in rows { try self.end(row) }
            hasMoved = true
        }
        return hasMoved
    }

    private func add() async throws -> Bool {
        var hasMoved = false
        var waiting: [CredentialRow] = []
        for row in try self.authority.credentialsToAdd().prefix(AddCredentials.leavesMax) {
            // What nobody has handed in is not there, unless somebody else has seen it in these books.
            guard row.isSubmitted, let entry = try await self.chain.entry(of: row.leaf) else {
                waiting.append(row)
                continue
            }
            hasMoved = true
            try self.settle(row, entry)
        }
        let rows = try self.authority.markSubmitted(waiting)
        guard !rows.isEmpty else { return hasMoved }
        let events = try await self.call(AddCredentials(leaves: rows.map(\.leaf)))
        let first = try Self.firstPlace(events)
        for (offset, row) in rows.enumerated() { try self.authority.setPlace(first + UInt32(offset), of: row) }
        return true
    }

    /// Takes over what the chain says about a leaf that was handed in before.
    private func settle(_ row: CredentialRow, _ entry: CertifiedLeaf) throws {
        let isOurs = entry.issuer.organization.utf8.elementsEqual(self.authority.name.organization.utf8)
        guard isOurs else {
            // Somebody who saw the transaction was faster, and alone can revoke it: the holder gets another leaf.
            self.logger.warning(
                "another organization added a credential of this one",
                metadata: ["leaf": "\(row.leaf.hex)"]
            )
            return try self.authority.markEnded(row, .mistake, at: self.now())
        }
        try self.authority.setPlace(entry.index, of: row)
        if entry.revoked != 0 { try self.authority.markEnded(row, entry.reason ?? .mistake, at: self.now()) }
    }

    private func end(_ row: CredentialRow) throws {
        try self.authority.markEnded(row, row.reason ?? .mistake, at: self.now())
    }

    private func call(_ arguments: some MethodArguments) async throws -> [ContractEvent] {
        switch try await self.chain.call(arguments) {
        case .done(let events): return events
        case .open: throw PublishingFailure("the chain has not taken a transaction in time")
        case .rejected(let code): throw PublishingFailure("the contract refused with code \(code)")
        }
    }

    /// The place of the first leaf: `root(32) || u32 first || u16 n`.
    private static func firstPlace(_ events: [ContractEvent]) throws -> UInt32 {
        guard let event = events.first(where: { $0.topic == "zk.credentials-added" }) else {
            throw PublishingFailure("the receipt does not say where the leaves are")
        }
        var reader = CanonicalReader(event.data)
        _ = try reader.take(32)
        return try reader.u32()
    }
}

/// Why credentials do not get to the chain now.
struct PublishingFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
