internal import BLSCertificates
internal import CanonicalBytes
internal import Certificates
internal import Consensus
package import Contracts
package import Credentials
package import Ledger
internal import Synchronization
internal import Uplink

/// What became of a call.
package enum CallOutcome: Sendable, Hashable {
    /// It took effect.
    case done([ContractEvent])
    /// The contract refused it, with this code.
    case rejected(UInt16)
    /// Nobody knows yet; it may still take effect.
    case open
}

/// The chain as the authority needs it for credentials.
package protocol CredentialChain: Sendable {
    /// What the chain says about a leaf, proven; nil when it does not know it. It may be some blocks old.
    func entry(of leaf: [UInt8]) async throws -> CertifiedLeaf?

    /// Calls a method in the authority's name and waits for the block.
    func call(_ arguments: some MethodArguments) async throws -> CallOutcome
}

/// The validators' interfaces; answers count with their proofs only.
package final class ValidatorCredentialChain: CredentialChain {
    /// How long a call may take effect, ms.
    private static let lifetime: UInt64 = 60_000
    private static let waitMilliseconds = 15_000

    private let client: SecureClient
    private let chain: ChainClient
    private let identity: IdentityWatch
    /// Microseconds since 1970.
    private let clock: @Sendable () -> UInt64
    private let lastNonce = Mutex<UInt64>(0)

    /// - Parameters:
    ///   - validators: `https` addresses.
    ///   - genesisFile: of the chain.
    ///   - identity: of the authority; it signs.
    ///   - clock: microseconds since 1970.
    /// - Throws: an error whose description says what to do.
    package init(
        validators: [String],
        genesisFile: String,
        identity: IdentityWatch,
        clock: @escaping @Sendable () -> UInt64
    ) throws {
        let genesis = try Self.genesis(genesisFile)
        let urls = try validators.map { text in
            guard let url = ServiceURL(text) else {
                throw CredentialsError.malformed("\(text) is not an address of the form https://host:port")
            }
            return url
        }
        self.client = SecureClient(identity: identity, servers: [.validator], requestSeconds: 30)
        self.chain = ChainClient(
            validators: urls,
            genesis: genesis,
            scheme: try ChainSignatures.required(of: genesis.committee),
            client: self.client
        )
        self.identity = identity
        self.clock = clock
    }

    package func entry(of leaf: [UInt8]) async throws -> CertifiedLeaf? {
        do throws(UplinkFailure) {
            let proof = try await self.chain.value(of: ZeroKnowledgeKey.credential(leaf), on: .access)
            guard let value = proof.value else { return nil }
            return try Self.read(value)
        } catch .refused(_, "no-block", _, _) {
            // Nobody certified the genesis: there is no block yet.
            return nil
        }
    }

    package func call(_ arguments: some MethodArguments) async throws -> CallOutcome {
        let identity = self.identity.current
        let now = self.clock()
        let nonce = self.lastNonce.withLock { last in
            last = max(last + 1, now)
            return last
        }
        let body = arguments.body(
            chain: self.chain.chain,
            channel: .access,
            signer: identity.certificate.digest,
            nonce: nonce,
            validUntil: now / 1_000 + Self.lifetime
        )
        let transaction = try Transaction(signing: body, certificate: identity.certificate, key: identity.key)
        let proof = try await self.chain.submit(transaction, waitMilliseconds: Self.waitMilliseconds)
        guard let receipt = proof?.receipt else { return .open }
        return receipt.code == 0 ? .done(receipt.events) : .rejected(receipt.code)
    }

    /// Ends all connections.
    func close() async { await self.client.close() }

    /// Reads the genesis of a chain.
    ///
    /// - Throws: an error whose description says what is wrong with the file.
    static func genesis(_ path: String) throws -> Genesis {
        let bytes = try PrivateFile.read(path, upTo: 64 << 20, isSecret: false)
        do { return try Genesis(bytes: bytes) } catch {
            throw CredentialsError.malformed("\(path) is no genesis: \(error)")
        }
    }

    private static func read(_ value: [UInt8]) throws(UplinkFailure) -> CertifiedLeaf {
        do throws(ProtocolFailure) { return try CertifiedLeaf(bytes: value) } catch {
            throw .malformed("the chain's entry of a leaf cannot be read: \(error)")
        }
    }
}
