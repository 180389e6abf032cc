internal import BLSCertificates
internal import CanonicalBytes
internal import Certificates
internal import Consensus
internal import Credentials
internal import Foundation
package import Ledger
internal import Logging
internal import ServiceLifecycle
internal import Spool
internal import Uplink

/// The anchoring with its connections.
final class AnchorServices: Sendable {
    private let loop: AnchorLoop
    private let client: SecureClient

    /// Reads the genesis; nothing touches the network yet.
    ///
    /// - Throws: ``ProblemOfChain``, ``CredentialsError``, ``StoreRefusal``.
    init(
        _ configuration: AgentConfiguration.Chain,
        identityDirectory: String,
        spool: Spool,
        logger: Logger
    ) throws {
        let identity = IdentityWatch(try Identity.load(directory: identityDirectory))
        let genesis = try configuration.loadGenesis()
        let scheme = try ChainSignatures.required(of: genesis.committee)
        let book: CommitteeBook
        do { book = try CommitteeBook(genesis: genesis, scheme: scheme, spool: spool) } catch {
            throw ProblemOfChain(
                "the spool knows committees that do not follow from \(configuration.genesisFile): it is of another chain"
            )
        }
        self.client = SecureClient(identity: identity, servers: [.validator], requestSeconds: 45)
        let sink = ValidatorSink(configuration.validators, genesis: genesis, scheme: scheme, client: self.client)
        self.loop = AnchorLoop(
            spool: spool,
            identity: identity,
            chain: Array(genesis.chain.utf8),
            limits: configuration.limits,
            dialogue: AnchorDialogue(sink: sink, book: book),
            logger: logger
        )
    }

    var service: any Service {
        BlockingService(name: "anchor", work: self.loop.run, requestStop: self.loop.requestStop) { [client] in
            await client.close()
        }
    }

    var state: AnchorState { self.loop.state }

    func retryRefused() { self.loop.retryRefused() }
}

/// The section `chain` cannot be used.
struct ProblemOfChain: Error, CustomStringConvertible {
    let description: String

    init(_ why: String) { self.description = "chain: \(why)" }
}

extension AgentConfiguration.Chain {
    /// Reads the genesis file.
    ///
    /// - Throws: ``ProblemOfChain``.
    package func loadGenesis() throws -> Genesis {
        guard let bytes = FileManager.default.contents(atPath: self.genesisFile) else {
            throw ProblemOfChain("cannot read \(self.genesisFile)")
        }
        do { return try Genesis(bytes: [UInt8](bytes)) } catch {
            throw ProblemOfChain("\(self.genesisFile) is no genesis: \(error)")
        }
    }

    /// Sentences about what is wrong with it; empty when it can be used.
    var problems: [String] {
        do {
            _ = try self.loadGenesis()
            return []
        } catch { return ["\(error)"] }
    }
}
