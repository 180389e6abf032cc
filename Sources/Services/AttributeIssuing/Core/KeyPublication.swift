internal import AttributeEncryption
internal import CanonicalBytes
internal import Certificates
internal import ChainReading
internal import Contracts
internal import Ledger
internal import Logging
internal import ServiceLifecycle
internal import Synchronization

/// Sees to it that the chain holds the authority's public key, from the start on until it does.
///
/// A key of this authority that is not ours is not replaced unless the operator said so: everything sealed under it would
/// be lost to new requesters, and the master key may just lie in a backup.
final class KeyPublication: Service {
    enum State: Sendable, Hashable {
        case unknown
        case published
        /// The chain holds this other key, by digest.
        case another([UInt8])
    }

    private static let pauseMax = 60
    /// Seconds from one look to the next once the key is there.
    private static let lookSeconds = 300

    private let name: PartyName
    private let publicKey: AttributePublicKey
    private let replaces: Bool
    private let chain: any ChainFacts
    private let writer: any ChainWriting
    private let logger: Logger
    private let current = Mutex(State.unknown)

    init(
        name: PartyName,
        publicKey: AttributePublicKey,
        replaces: Bool,
        chain: any ChainFacts,
        writer: any ChainWriting,
        logger: Logger
    ) {
        self.name = name
        self.publicKey = publicKey
        self.replaces = replaces
        self.chain = chain
        self.writer = writer
        self.logger = logger
    }

    var state: State { self.current.withLock { $0 } }

    /// What keeps keys from being issued; nil when nothing does.
    var obstacle: String? {
        switch self.state {
        case .published: nil
        case .unknown: "the chain does not hold the authority's public key yet"
        case .another(let digest):
            "the chain holds another public key of this authority, \(digest.hex): bring its master key back, or set "
                + "'replace_published_key: true' and seal every index key anew"
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var failures = 0
            while !Task.isCancelled {
                failures = await self.attempt() ? 0 : failures + 1
                let pause = failures == 0 ? Self.lookSeconds : min(Self.pauseMax, 1 << min(failures - 1, 10))
                do { try await Task.sleep(for: .seconds(pause)) } catch { return }
            }
        }
    }

    /// Looks once, and publishes what is missing.
    ///
    /// - Returns: whether the chain holds the key.
    @discardableResult
    func attempt() async -> Bool {
        let outcome: Result<State, any Error>
        do { outcome = .success(try await self.publish()) } catch { outcome = .failure(error) }
        switch outcome {
        case .success(let state):
            let before = self.current.withLock { current in
                defer { current = state }
                return current
            }
            if state != before, let obstacle = self.obstacle { self.logger.error("\(obstacle)") }
            return state == .published
        case .failure(let error):
            // What was published stays so while nobody answers.
            self.logger.warning("cannot see the public key on the chain", metadata: ["why": "\(error)"])
            return false
        }
    }

    private func publish() async throws -> State {
        let fact = try await self.chain.fact(of: RegistryKey.attributeKey(self.name), on: .access)
        let held = fact.value.flatMap { try? AttributeKeyRecord(bytes: $0) }?.publicKey
        if held == self.publicKey.bytes { return .published }
        if let held, !self.replaces { return .another(SetAttributeKey(publicKey: held).digest) }
        try await self.writer.submit(SetAttributeKey(publicKey: self.publicKey.bytes))
        return .published
    }
}
