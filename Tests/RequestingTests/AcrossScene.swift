import CanonicalBytes
import Certificates
import ChainReading
import Consensus
import Contracts
import Credentials
import Foundation
import IBTP
import Ledger
import Records
import Signcryption
import Synchronization
import Testing
import Transcripts

@testable import Requesting

/// A hospital on one chain and a researcher on another, with what carries messages between them.
final class AcrossScene: Sendable {
    /// A line to the home chain that breaks at a place, as a kill there would.
    struct Line: TransactionSettling {
        enum Break: Sendable { case none, before, after }
        let chain: SceneChain
        let breaks: Break

        func settle(_ transaction: Transaction) async throws -> TransactionProof {
            if self.breaks == .before { throw CancellationError() }
            let proof = try self.chain.commit(transaction)
            if self.breaks == .after { throw CancellationError() }
            return proof
        }
    }

    /// An account of a chain of another make, and what its broker was asked.
    final class Account: AccountHome {
        let service: ServiceID
        let breaks: Line.Break
        let asked = Mutex<[(target: CallService.Target, timeout: UInt64)]>([])
        let outcome = Mutex<ExchangeStage>(.called)

        init(_ digit: Character = "a", breaks: Line.Break = .none) throws {
            self.service = try ServiceID("hub:evm:0x" + String(repeating: digit, count: 40))
            self.breaks = breaks
        }

        func open(_ target: CallService.Target, timeoutBlocks: UInt64) async throws -> MessageID {
            if self.breaks == .before { throw CancellationError() }
            let count = self.asked.withLock { asked in
                asked.append((target, timeoutBlocks))
                return asked.count
            }
            if self.breaks == .after, count == 1 { throw CancellationError() }
            return try self.id(count, target)
        }

        func exchange(like target: CallService.Target) async throws -> MessageID? {
            guard let place = self.asked.withLock({ $0.firstIndex { $0.target.extra == target.extra } }) else {
                return nil
            }
            return try self.id(place + 1, target)
        }

        func stage(of id: MessageID) async throws -> ExchangeStage { self.outcome.withLock { $0 } }

        private func id(_ index: Int, _ target: CallService.Target) throws -> MessageID {
            try MessageID(ServicePair(from: self.service, to: ServiceID(target.to)), index: UInt64(index))
        }
    }

    let scene: Scene
    let home: SceneChain
    let researcher: RequesterKey
    /// What happens when the requester waits, one step for each time.
    let steps = Mutex<[@Sendable () throws -> Void]>([])
    let progress = Mutex<[CarriedProgress]>([])

    var data: SceneChain { self.scene.chain }

    init(_ directory: String) throws {
        self.home = try SceneChain(name: "home")
        self.scene = try Scene(directory, on: try SceneChain(trusting: self.home))
        self.researcher = try self.home.pseudonym()
        try Self.connect(self.home, as: "labs")
        try Self.connect(self.data, as: "wards")
    }

    static func with(_ body: (AcrossScene) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "across-\(UUID())").path()
        try PrivateFile.makeDirectory(directory)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await body(try AcrossScene(directory))
    }

    /// Governors connect a chain to the relay chain, which nobody runs here.
    static func connect(_ chain: SceneChain, as name: String, hub: String = "hub") throws {
        let change = ProposedChange.connect(
            ConnectRelay(
                name: name,
                anchor: ClientAnchor(
                    chain: Array(hub.utf8),
                    committee: chain.genesis.committee,
                    firstHeight: 1,
                    trustSeconds: 86_400
                ),
                lists: []
            )
        )
        let governor = try chain.key("org1:operator:g")
        let proposal = try chain.call(Propose(expires: chain.now + 1_000_000, change: change), by: governor)
        try #require(proposal.receipt.code == 0)
        let approved = try chain.call(Approve(proposal: proposal.transaction.id), by: governor)
        try #require(approved.receipt.code == 0, "\(approved.receipt.code)")
    }

    // MARK: - The requester

    func folder(_ name: String = "share", by key: RequesterKey? = nil) throws -> ShareFolder {
        try ShareFolder(
            creating: "\(self.scene.directory)/\(name)",
            ShareOrder(
                way: .request,
                purpose: "research",
                scopes: [ShareOrder.Scope(digest: self.scene.descriptor.digest, organization: "ward")]
            ),
            for: key ?? self.researcher,
            chain: self.data.identifier,
            over: HomeRecord(consortium: "/home.yaml", chain: self.home.name, timeoutBlocks: 5)
        )
    }

    func carried(
        _ folder: ShareFolder,
        patience: UInt64 = 0,
        breaks: Line.Break = .none,
        by key: RequesterKey? = nil,
        custodian: [UInt8]? = nil
    ) -> CarriedRequests {
        var settings = CarriedRequests.Settings()
        (settings.patience, settings.timeoutBlocks, settings.custodian) = (patience, 5, custodian)
        return CarriedRequests(
            folder,
            receiver: key ?? self.researcher,
            home: HomeChain(chain: self.home, line: Line(chain: self.home, breaks: breaks)),
            parties: self.scene.parties(),
            settings: settings,
            sleep: { [self] in
                self.wait($0)
                let next = self.steps.withLock { $0.isEmpty ? nil : $0.removeFirst() }
                try next?()
            },
            progress: { [self] step in self.progress.withLock { $0.append(step) } }
        )
    }

    /// Asks; what did not work is returned.
    @discardableResult
    func ask(
        _ folder: ShareFolder,
        patience: UInt64 = 0,
        breaks: Line.Break = .none,
        by key: RequesterKey? = nil,
        custodian: [UInt8]? = nil
    ) async throws -> ShareTrouble? {
        let carried = self.carried(folder, patience: patience, breaks: breaks, by: key, custodian: custodian)
        let asker = AccessAsker(parties: self.scene.parties().asking(over: carried), receiver: key ?? self.researcher)
        return try await asker.ask(folder).first?.trouble
    }

    /// Asks in the name of an account.
    func ask(_ folder: ShareFolder, by account: Account) async throws -> ShareTrouble? {
        var settings = CarriedRequests.Settings()
        (settings.patience, settings.timeoutBlocks) = (0, 5)
        let carried = CarriedRequests(
            folder,
            receiver: self.researcher,
            over: .account(account),
            parties: self.scene.parties(),
            settings: settings
        )
        let parties = self.scene.parties().asking(over: carried)
        return try await AccessAsker(parties: parties, receiver: self.researcher).ask(folder).first?.trouble
    }

    /// The custodian opens what an account has asked, and hands in what is inside.
    func file(_ target: CallService.Target) throws -> TransactionProof {
        let service = try ServiceID(target.to)
        var message = InterchainMessage(from: "hub:evm:x", to: target.to, index: 1)
        (message.payload, message.extra) = (target.payload, target.extra)
        let share = try #require(try message.relayExtension?.shareRequest)
        let sealed = try SealedShareRequest(in: message)
        return try self.data.commit(try sealed.open(with: self.scene.owner.key, for: service, share: share))
    }

    /// Lets time pass on both chains.
    func wait(_ milliseconds: UInt64) {
        let now = max(self.home.now, self.data.now) + milliseconds
        for chain in [self.home, self.data] where chain.now < now { chain.wait(now - chain.now) }
    }

    // MARK: - What carries messages, and the custodian

    /// What the home chain said to the relay chain.
    func messages() throws -> [InterchainMessage] {
        try self.home.calls("interchain", "call").filter { $0.receipt.code == 0 }.flatMap { proof in
            try proof.receipt.events.filter { $0.topic == OutboundTree.out.topic }.map { event in
                guard case .message(let message) = try OutboundLeaf(bytes: event.data) else {
                    throw ProtocolFailure(.context, "not a message")
                }
                return message
            }
        }
        .sorted { $0.index < $1.index }
    }

    /// The newest message comes to the data's chain.
    func deliver() throws {
        let message = try #require(try self.messages().last)
        let extra = try #require(try message.relayExtension)
        var asked = CanonicalWriter()
        asked.raw(message.hash.bytes)
        asked.raw(try #require(extra.shareRequest))
        asked.raw([UInt8](repeating: 0, count: 32))
        asked.u64(extra.expiry)
        asked.lengthPrefixed([UInt8]())
        asked.raw([UInt8](repeating: 0, count: 64))
        self.data.put(asked.bytes, at: InterchainKey.asked(try message.id))
    }

    /// The custodian opens the newest message and hands in what is inside.
    @discardableResult
    func file() throws -> TransactionProof {
        let message = try #require(try self.messages().last)
        let sealed = try SealedShareRequest(in: message)
        #expect(sealed.receiver == self.scene.owner.certificate.digest)
        let share = try #require(try message.relayExtension?.shareRequest)
        let inner = try sealed.open(with: self.scene.owner.key, for: message.id.to, share: share)
        return try self.data.commit(inner)
    }

    /// The relay chain tells the home chain how the newest exchange ended.
    func close(_ status: TransactionStatus) throws {
        let key = InterchainKey.call(try #require(try self.messages().last).id)
        var bytes = try #require(self.home.value(key, .access))
        bytes[bytes.count - 1] = status.rawValue
        self.home.put(bytes, at: key)
    }
}
