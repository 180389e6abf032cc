import Certificates
import Contracts
import Credentials
import Foundation
import IndexPages
import Ledger
import Synchronization
import Transcripts

/// What is in a transaction of the load.
struct LoadShape: Sendable {
    let channel: Channel
    let pointers: Int
    let tags: Int
}

/// A signed transaction that nobody has seen yet.
struct LoadTransaction: Sendable {
    /// Which of the mill's identities signed it.
    let signer: Int
    let nonce: UInt64
    let id: [UInt8]
    let bytes: [UInt8]
}

/// Signs transactions ahead of their use: for each identity a short queue in the order of nonces.
final class LoadMill: Sendable {
    /// ms for which a transaction may take effect.
    private static let lifetime: UInt64 = 900_000
    /// Signed ahead of use, per identity.
    private static let ahead = 64

    private struct Line: Sendable {
        var next: UInt64
        var ready: ArraySlice<LoadTransaction> = []
        /// Nonces of those on their way, ascending.
        var flying: [UInt64] = []
    }

    private let identities: [Identity]
    private let chain: [UInt8]
    private let shape: LoadShape
    private let window: UInt64
    private let indexKey = IndexKey.generate()
    private let lines: Mutex<[Line]>
    private let turn = Mutex(0)

    init(identities: [Identity], genesis: Genesis, shape: LoadShape, window: Int) throws {
        self.identities = identities
        self.chain = Array(genesis.chain.utf8)
        self.shape = shape
        self.window = UInt64(window)
        // Newer than any nonce of an earlier run.
        let first = UInt64(Date().timeIntervalSince1970 * 1_000_000)
        self.lines = Mutex(identities.map { _ in Line(next: first) })
    }

    /// Signs until so many wait.
    func produce(_ count: Int) {
        let each = (count + self.identities.count - 1) / self.identities.count
        for signer in self.identities.indices { for _ in 0..<each { self.sign(signer) } }
    }

    /// Keeps the queues of every `step`-th identity filled until it is cancelled.
    func work(from first: Int, step: Int) async {
        while !Task.isCancelled {
            var isIdle = true
            for signer in stride(from: first, to: self.identities.count, by: step) {
                let missing = self.lines.withLock { Self.ahead - $0[signer].ready.count }
                guard missing > 0 else { continue }
                isIdle = false
                for _ in 0..<min(missing, 8) { self.sign(signer) }
                await Task.yield()
            }
            // A queue lasts for many times as long at any rate that an identity can have.
            if isIdle { try? await Task.sleep(for: .milliseconds(20)) }
        }
    }

    /// The next transaction of an identity that may have another one on its way, each in its turn.
    ///
    /// - Returns: nil when none is ready.
    func take() -> LoadTransaction? {
        let start = self.turn.withLock { turn in
            turn = (turn + 1) % self.identities.count
            return turn
        }
        return self.lines.withLock { lines in
            for offset in lines.indices {
                let signer = (start + offset) % lines.count
                guard let transaction = lines[signer].ready.first else { continue }
                // The chain forgets nonces below the 32 newest: what stays behind further is lost.
                if let oldest = lines[signer].flying.first, transaction.nonce >= oldest + self.window { continue }
                lines[signer].ready.removeFirst()
                lines[signer].flying.append(transaction.nonce)
                return transaction
            }
            return nil
        }
    }

    /// A transaction is final or given up.
    func landed(signer: Int, nonce: UInt64) {
        self.lines.withLock { $0[signer].flying.removeAll { $0 == nonce } }
    }

    // MARK: - Signing

    /// An identity is signed for by one task only, so that its queue is in order.
    private func sign(_ signer: Int) {
        let nonce = self.lines.withLock { lines in
            defer { lines[signer].next += 1 }
            return lines[signer].next
        }
        guard let transaction = try? self.transaction(signer, nonce) else { return }
        let made = LoadTransaction(signer: signer, nonce: nonce, id: transaction.id, bytes: transaction.bytes)
        self.lines.withLock { $0[signer].ready.append(made) }
    }

    private func transaction(_ signer: Int, _ nonce: UInt64) throws -> Transaction {
        let identity = self.identities[signer]
        let digest = identity.certificate.digest
        let validUntil = UInt64(Date().timeIntervalSince1970 * 1_000) + Self.lifetime
        let body =
            switch self.shape.channel {
            case .index:
                try self.anchor(identity, window: nonce).body(
                    chain: self.chain,
                    channel: .index,
                    signer: digest,
                    nonce: nonce,
                    validUntil: validUntil
                )
            case .access:
                Register().body(
                    chain: self.chain,
                    channel: .access,
                    signer: digest,
                    nonce: nonce,
                    validUntil: validUntil
                )
            }
        return try Transaction(signing: body, certificate: identity.certificate, key: identity.key)
    }

    /// As a gateway makes it: one sealed page of one scope.
    private func anchor(_ identity: Identity, window: UInt64) throws -> Anchor {
        let sender = Array(identity.name.description.utf8)
        let scope = TaggedHash.digest("CHAIN-LOAD", sender)
        let entries = (0..<self.shape.pointers).map { _ in
            let tags = (0..<self.shape.tags).map { _ in SecureRandom.bytes(16) }
            return IndexPage.Entry(
                h1: SecureRandom.bytes(32),
                tags: tags.sorted { $0.lexicographicallyPrecedes($1) }
            )
        }
        let place = try IndexPlace(scope: scope, window: window, sender: sender)
        let page = self.indexKey.seal(try IndexPage(entries), at: place)
        let now = UInt64(Date().timeIntervalSince1970)
        return Anchor(
            chain: self.chain,
            gateway: identity.name,
            certificate: identity.certificate.digest,
            window: window,
            root: TaggedHash.digest("CHAIN-LOAD", page),
            count: UInt32(self.shape.pointers),
            createdMin: now - 60,
            createdMax: now,
            pages: [Anchor.Page(scope: scope, page: page)]
        )
    }
}
