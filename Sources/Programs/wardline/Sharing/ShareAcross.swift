import ArgumentParser
import CanonicalBytes
import ChainReading
import Consortium
import Credentials
import Foundation
import Ledger
import Node
import Requesting

/// `--chain`: requests that go sealed over the requester's own chain and the relay chain.
struct AcrossOptions: ParsableArguments {
    @Option(
        name: [.customLong("chain"), .customLong("via")],
        help: ArgumentHelp(
            """
            Ask over your own chain and the relay chain: your consortium's file, or that of your account on a chain with an \
            EVM; beside --consortium of the data's.
            """,
            valueName: "home.yaml"
        ),
        completion: .file(extensions: ["yaml"])
    )
    var via: String?

    @Option(help: "With --chain: after how many blocks of the relay chain the exchange is undone; 0 for never.")
    var timeoutBlocks: UInt64 = 0

    @Option(
        name: [.customLong("chain-wait"), .customLong("via-wait")],
        help: "With --chain: seconds to wait until the request is filed at the data's chain."
    )
    var viaWait: UInt64 = 120

    @Option(
        help: ArgumentHelp(
            "With --chain: a route's hops have this credibility at least, 0 to 1000000 millionths.",
            valueName: "millionths"
        )
    )
    var routeCredibility: UInt32?

    @Option(
        help: ArgumentHelp(
            "With --chain: pass by relay chains of which both chains were shown no newer header for so long.",
            valueName: "seconds"
        )
    )
    var routeSilence: UInt64?

    @Option(help: "With --chain: a route has so many hops at most, 1 to 4.")
    var routeHops: Int?

    @Option(
        help: "With --chain: the data's custodian's certificate, if its chain shows none that is valid.",
        completion: .file(extensions: ["wlc"])
    )
    var custodianCertificate: String?

    func validate() throws {
        guard self.timeoutBlocks <= UInt64(Int64.max), self.viaWait <= 3_600 else {
            throw ValidationError("--chain-wait is at most 3600 seconds")
        }
        guard self.via != nil || self.custodianCertificate == nil else {
            throw ValidationError("--custodian-certificate needs --chain")
        }
        let hasBounds = self.routeCredibility != nil || self.routeSilence != nil || self.routeHops != nil
        guard self.via != nil || !hasBounds else { throw ValidationError("bounds of routes need --chain") }
        guard self.routeCredibility ?? 0 <= 1_000_000, (1...4).contains(self.routeHops ?? 1) else {
            throw ValidationError("--route-credibility is 0 to 1000000, --route-hops 1 to 4")
        }
    }

    /// What the share's folder remembers; nil: the request goes directly.
    func home() throws -> HomeRecord? {
        guard let via = self.via else { return nil }
        let path = URL(fileURLWithPath: via).standardizedFileURL.path
        if let account = try EVMAccountConfiguration.read(path) {
            guard self.routeCredibility == nil, self.routeSilence == nil, self.routeHops == nil else {
                throw ValidationError("an account asks over the relay chain of its own chain: no bounds of routes")
            }
            return HomeRecord(
                consortium: path,
                chain: account.chain,
                timeoutBlocks: self.timeoutBlocks,
                isAccount: true
            )
        }
        let file = try ConsortiumFile(path: path)
        return HomeRecord(
            consortium: path,
            chain: file.genesis.chain,
            timeoutBlocks: self.timeoutBlocks,
            routes: RoutePreference(
                hopsMax: self.routeHops,
                credibilityMin: self.routeCredibility,
                silenceSecondsMax: self.routeSilence
            )
        )
    }

    func settings() throws -> CarriedRequests.Settings {
        var settings = CarriedRequests.Settings()
        settings.timeoutBlocks = self.timeoutBlocks
        settings.patience = self.viaWait * 1_000
        settings.custodian = try self.custodianCertificate.map {
            try PrivateFile.read($0, upTo: 65_536, isSecret: false)
        }
        return settings
    }
}

/// The requester's own chain, for the time of a command.
enum HomeConnection {
    static func with<Value>(
        _ home: HomeRecord,
        _ identity: Identity,
        isPseudonym: Bool,
        _ body: (AskingChain) async throws -> Value
    ) async throws -> Value {
        if home.isAccount ?? false { return try await self.withAccount(home, body) }
        let file = try ConsortiumFile(path: home.consortium)
        guard file.genesis.chain.utf8.elementsEqual(home.chain.utf8) else {
            throw CommandFailure("\(home.consortium) is of the chain \(file.genesis.chain), not of \(home.chain)")
        }
        let live = try LiveParties(file, identity: identity, isPseudonym: isPseudonym)
        let outcome: Result<Value, any Error>
        let chain = HomeChain(chain: live.parties.chain, line: live.line)
        do { outcome = .success(try await body(.own(chain))) } catch { outcome = .failure(error) }
        await live.close()
        return try outcome.get()
    }

    private static func withAccount<Value>(
        _ home: HomeRecord,
        _ body: (AskingChain) async throws -> Value
    ) async throws -> Value {
        guard let file = try EVMAccountConfiguration.read(home.consortium), file.chain == home.chain else {
            throw CommandFailure("\(home.consortium) is not of an account of \(home.chain)")
        }
        let connection = try EVMAccountConnection(file)
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await body(.account(connection.home))) } catch { outcome = .failure(error) }
        await connection.close()
        return try outcome.get()
    }
}

/// Asks over the requester's own chain.
struct AskingAcross {
    private let folder: ShareFolder
    private let key: RequesterKey
    private let live: LiveParties
    private let identity: Identity
    private let home: HomeRecord
    private let proofs: (any ProofSource)?

    init(
        _ folder: ShareFolder,
        _ key: RequesterKey,
        _ live: LiveParties,
        _ identity: Identity,
        home: HomeRecord,
        proofs: (any ProofSource)?
    ) {
        self.folder = folder
        self.key = key
        self.live = live
        self.identity = identity
        self.home = home
        self.proofs = proofs
    }

    /// Sends all requests of the share first, and waits for them then.
    func ask(
        _ settings: CarriedRequests.Settings
    ) async throws -> [(scope: ShareRecord.Scope, trouble: ShareTrouble)] {
        try await HomeConnection.with(self.home, self.identity, isPseudonym: self.key.isPseudonym) { chain in
            var settings = settings
            settings.routes = self.home.routes ?? RoutePreference()
            var first = settings
            first.patience = 0
            let troubles = try await self.asker(chain, first).ask(self.folder)
            let isUnderway = troubles.contains { $0.trouble.code == "exchange-underway" }
            guard isUnderway, settings.patience > 0 else { return troubles }
            return try await self.asker(chain, settings).ask(self.folder)
        }
    }

    private func asker(_ chain: AskingChain, _ settings: CarriedRequests.Settings) -> AccessAsker {
        let carried = CarriedRequests(
            self.folder,
            receiver: self.key,
            over: chain,
            parties: self.live.parties,
            settings: settings,
            progress: { Self.tell($0) }
        )
        return AccessAsker(
            parties: self.live.parties.asking(over: carried),
            receiver: self.key,
            proofs: self.proofs
        )
    }

    @Sendable private static func tell(_ progress: CarriedProgress) {
        switch progress {
        case .routed(let routes): StandardError.write("route over \(routes)\n")
        case .sealed(let subject): StandardError.write("sealed to \(subject)\n")
        case .called(let exchange): StandardError.write("exchange \(exchange)\n")
        case .delivered(let exchange): StandardError.write("\(exchange) is at the data's chain\n")
        case .filed: StandardError.write("the request is filed\n")
        }
    }
}
