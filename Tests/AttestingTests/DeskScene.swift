import CanonicalBytes
import Certificates
import Consensus
import Contracts
import Credentials
import Foundation
import IBTP
import Ledger
import PathProofs
import Records
import Synchronization
import TestIdentities
import TestIslands
import Testing
import ThresholdSignatures
import Uplink

@testable import Attesting

/// Lists that a test registers.
final class RegisteredLists: NodeListSource {
    struct Unreachable: Error {}

    private let reigns = Mutex<[String: [ListReign]]>([:])
    private let isReachable = Mutex(true)

    func set(_ reigns: [ListReign], of chain: String) { self.reigns.withLock { $0[chain] = reigns } }
    func fall() { self.isReachable.withLock { $0 = false } }

    func reign(of chain: String, epoch: UInt64) async throws -> ListReign? {
        guard self.isReachable.withLock({ $0 }) else { throw Unreachable() }
        return self.reigns.withLock { $0[chain]?.first { $0.list.epoch == epoch } }
    }

    func newestEpoch(of chain: String) async throws -> UInt64? {
        guard self.isReachable.withLock({ $0 }) else { throw Unreachable() }
        return self.reigns.withLock { $0[chain]?.last?.list.epoch }
    }
}

/// Chains `alpha` and `bravo` on the relay chain `hub`, of which blocks with leaves are certified by real keys, and the
/// verification nodes of `alpha` and `hub`.
final class DeskScene {
    /// Seconds since 1970.
    static let now: UInt64 = 1_800_000_000
    static let expiryMax: UInt64 = 86_400
    static let account = "north:relay:g1"

    /// One chain's committee.
    struct Chain {
        let genesis: Genesis
        let signers: [Ed25519Signer]

        func header(
            _ height: Height,
            saying receipts: [TransactionReceipt],
            epoch: CommitteeEpoch = 0,
            channel: Ledger.Channel = .access
        ) -> BlockHeader {
            BlockHeader(
                chain: Array(self.genesis.chain.utf8),
                channel: channel,
                epoch: epoch,
                height: height,
                parent: .zero,
                transactionRoot: BlockHeader.noRoot,
                receiptRoot: BlockTrees.root(receipts.map(\.bytes)),
                stateRoot: BlockHeader.noRoot,
                validatorsRoot: CommitteeDigest.of(self.genesis.committee),
                crossChainOutRoot: OutboundTree.out.root(of: receipts),
                crossChainTimeoutRoot: OutboundTree.timeout.root(of: receipts),
                evidenceRoot: BlockHeader.noRoot,
                time: DeskScene.now * 1_000 + height
            )
        }

        /// A certified block that says these leaves.
        func proof(
            of leaf: [UInt8],
            beside others: [[UInt8]] = [],
            at height: Height = 10,
            tree: OutboundTree = .out,
            epoch: CommitteeEpoch = 0,
            channel: Ledger.Channel = .access,
            signers: [Ed25519Signer]? = nil
        ) throws -> OutboundProof {
            let receipt = TransactionReceipt(
                transaction: [UInt8](repeating: 1, count: 32),
                code: 0,
                cost: 1,
                events: ([leaf] + others).map { ContractEvent(topic: tree.topic, data: $0) }
            )
            let header = self.header(height, saying: [receipt], epoch: epoch, channel: channel)
            return try #require(
                OutboundProof(
                    0,
                    of: tree,
                    header: header,
                    receipts: [receipt],
                    certificate: Island.certify(header, genesis: self.genesis, signers: signers ?? self.signers)
                )
            )
        }
    }

    let folder: TestFolder
    let identity: Identity
    let alpha: Chain
    let hub: Chain
    let nodes: VerificationNodes
    let hubNodes: VerificationNodes
    let lists = RegisteredLists()
    private let client: SecureClient

    init() throws {
        self.folder = try TestFolder("attester")
        let authority = try TestAuthority(directory: self.folder.path)
        self.identity = try authority.enroll("north:relay:a1")
        func chain(_ name: String, seed: UInt8) throws -> Chain {
            let signers = try (0..<4 as Range<UInt8>).map { number in
                let bytes = [UInt8](repeating: seed + number, count: 32)
                return try #require(Ed25519Signer(votingSeed: bytes, shareSeed: bytes.map { $0 ^ 0xff }))
            }
            let members = signers.enumerated().map { $1.member(ReplicaID(UInt16($0 + 1))) }
            let genesis = try Genesis(
                chain: name,
                time: Self.now * 1_000 - 1_000_000,
                committee: try #require(Committee(epoch: 0, members: members)),
                validators: try (1...4).map {
                    Genesis.Validator(id: ReplicaID($0), name: try #require(PartyName("north:validator:v\($0)")))
                },
                issuers: [TrustedIssuer(kind: .authority, issuer: authority.authority.issuer)],
                governors: [try #require(PartyName("north:operator:o1"))],
                governorThreshold: 1,
                parameters: []
            )
            return Chain(genesis: genesis, signers: signers)
        }
        self.alpha = try chain("chain-alpha", seed: 1)
        self.hub = try chain("hub", seed: 60)
        self.nodes = try VerificationNodes(of: "alpha", directory: self.folder.path)
        self.hubNodes = try VerificationNodes(of: "hub", directory: self.folder.path)
        self.lists.set([ListReign(list: try self.nodes.list(), firstHeight: 5)], of: "alpha")
        self.lists.set([ListReign(list: try self.hubNodes.list(), firstHeight: 1)], of: "hub")
        self.client = SecureClient(identity: IdentityWatch(self.identity), servers: [.validator])
    }

    func close() async { await self.client.close() }

    // MARK: - Nodes

    /// A node of `alpha`, or of the relay chain; one with the same directory is the one after a restart.
    func desk(
        _ number: Int = 0,
        isRelay: Bool = false,
        signer: BLSKeyPair? = nil,
        directory: String? = nil
    ) throws -> AttestDesk {
        let folder = directory ?? self.folder.fresh("node")
        try PrivateFile.makeDirectory(folder)
        let chain = isRelay ? self.hub : self.alpha
        return AttestDesk(
            chain: isRelay ? "hub" : "alpha",
            isRelay: isRelay,
            signer: signer ?? (isRelay ? self.hubNodes : self.nodes).nodes[number].signer,
            committees: CommitteeFollower(
                validators: [],
                genesis: chain.genesis,
                channel: .access,
                scheme: Ed25519Scheme(),
                client: self.client
            ),
            lists: self.lists,
            ledger: try SignedHops(directory: folder),
            expirySecondsMax: Self.expiryMax,
            clock: { Self.now }
        )
    }

    // MARK: - Messages

    /// A request of `alpha`'s service to `bravo`'s.
    func message(
        index: UInt64 = 1,
        to chain: String = "bravo",
        payload: [UInt8] = [1, 2, 3],
        end: UInt64 = now + 600
    ) throws -> InterchainMessage {
        InterchainMessage(
            from: "hub:alpha:share",
            to: "hub:\(chain):share",
            index: index,
            payload: Self.payload(payload),
            extra: try RelayExtension(pathNonce: [UInt8](repeating: 9, count: 32), expiry: end).bytes
        )
    }

    /// A payload with one argument.
    static func payload(_ argument: [UInt8]) -> [UInt8] {
        let content = InterchainContent(function: "share.request", arguments: [argument])
        return InterchainPayload(content: content.bytes, hash: PayloadHash.request(content)).bytes
    }

    func path(_ message: InterchainMessage) throws -> PathMessage {
        try PathMessage(of: message, try message.id, from: "alpha", to: "bravo")
    }

    /// What a hop says, each part to be changed by a test.
    struct Draft {
        var message: PathMessage
        var previous: [PathProof.Hop] = []
        var start: [UInt8]?
        var index: UInt8 = 0
        var chain = "alpha"
        var next = "hub"
        var proof: OutboundProof
        var anchor: HopRecord.Anchor?
        var epoch: UInt64 = 0
        var root: [UInt8]
        var committee: [UInt8]
        var verdict = HopRecord.Verdict.forwarded
        var expiry = DeskScene.now + 300

        func question() throws -> HopQuestion {
            let record = try HopRecord(
                previous: self.start ?? self.previous.last?.record.digest ?? self.message.digest,
                link: .init(
                    index: self.index,
                    chain: self.chain,
                    nextChain: self.next,
                    gateway: DeskScene.account
                ),
                anchor: self.anchor ?? HopRecord.Anchor(self.proof),
                certifier: .init(epoch: self.epoch, listRoot: self.root, committee: self.committee),
                verdict: self.verdict,
                expiry: self.expiry
            )
            return try HopQuestion(message: self.message, previous: self.previous, record: record, proof: self.proof)
        }
    }

    /// The right first hop of a message.
    func draft(_ message: InterchainMessage, at height: Height = 10) throws -> Draft {
        let list = try self.nodes.list()
        return Draft(
            message: try self.path(message),
            proof: try self.alpha.proof(of: OutboundLeaf.message(message).bytes, at: height),
            root: list.root,
            committee: list.committee.digest
        )
    }

    /// The hop of a question, certified by one of each subgroup of `alpha`.
    func certified(_ question: HopQuestion, by signers: [[Int]] = [[0], [0]]) throws -> PathProof.Hop {
        let message = question.record.signedBytes(of: question.path.message)
        return PathProof.Hop(
            record: question.record,
            certificate: try self.nodes.certificate(of: message, by: signers, in: try self.nodes.list())
        )
    }

    /// The right second hop: what the relay chain says of a request to `bravo`.
    func relayDraft(_ message: InterchainMessage, after first: PathProof.Hop) throws -> Draft {
        let list = try self.hubNodes.list()
        let notice = ExchangeNotice(
            side: .destination,
            status: .begin,
            id: try message.id,
            requestHash: message.hash.bytes,
            message: message
        )
        return Draft(
            message: try self.path(message),
            previous: [first],
            index: 1,
            chain: "hub",
            next: "bravo",
            proof: try self.hub.proof(of: OutboundLeaf.notice(notice).bytes, at: 20),
            root: list.root,
            committee: list.committee.digest
        )
    }
}

extension AttestDesk {
    /// The stable word with which a question is refused; nil when it is signed.
    func refusal(of question: HopQuestion) async throws -> AttestRefusal.Reason? {
        do {
            _ = try await self.sign(question.bytes)
            return nil
        } catch {
            guard case .refused(let reason, _)? = error as? AttestRefusal else { throw error }
            return reason
        }
    }
}
