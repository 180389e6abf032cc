import ArgumentParser
internal import Certificates
internal import ChainReading
internal import Foundation
internal import Uplink

/// Opens exchanges between chains, and tells how long each took.
struct ExchangesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exchanges",
        abstract: "Open exchanges with another chain as fast as told, and tell how they end.",
        discussion: """
            Each asks another chain's service share about a request that nobody files, so that it ends as failed when its \
            --expiry-seconds are over, or undone when its --timeout-blocks are. One JSON object a line: identifier, the \
            block that said it, and with --wait how and when it ended here; with --hub-genesis when the relay chain took \
            it. A load for gateways and relay chains.
            """
    )

    @Option(help: "The asking chain's genesis.")
    var genesis: String

    @Option(name: .customLong("validator"), help: "A validator of the asking chain; may be repeated.")
    var validators: [String]

    @Option(help: ArgumentHelp("The identity directory of a researcher or clinician.", valueName: "directory"))
    var identity: String

    @Option(help: "The asked service, HUB:CHAIN:share.")
    var to: String

    @Option(help: "How many, 1 to 100000.")
    var count = 1

    @Option(help: "How many are opened at a time.")
    var concurrency = 1

    @Option(help: "Seconds after which a request that nobody filed has failed.")
    var expirySeconds: UInt64 = 60

    @Option(help: "Blocks of the relay chain after which an exchange is undone; 0 is never.")
    var timeoutBlocks: UInt64 = 0

    @Option(help: "Seconds to wait for the end of each; 0 does not wait.")
    var wait = 0

    @Option(help: "The relay chain's genesis, to tell when it took each request.")
    var hubGenesis: String?

    @Option(name: .customLong("hub-validator"), help: "A validator of the relay chain; may be repeated.")
    var hubValidators: [String] = []

    @Option(help: ArgumentHelp("An identity directory of the relay chain's consortium.", valueName: "directory"))
    var hubIdentity: String?

    @Option(help: "Seconds that the relay chain has to take the last request.")
    var hubSeconds = 30

    @Flag(help: "Open the next one when the relay chain took the one before; needs --hub-genesis.")
    var untilTaken = false

    func validate() throws {
        guard !self.untilTaken || self.hubGenesis != nil else {
            throw ValidationError("--until-taken needs --hub-genesis")
        }
        guard self.hubGenesis == nil || (self.hubIdentity != nil && !self.hubValidators.isEmpty) else {
            throw ValidationError("--hub-genesis needs --hub-validator and --hub-identity")
        }
        guard (1...100_000).contains(self.count), (1...256).contains(self.concurrency) else {
            throw ValidationError("--count is 1 to 100000, --concurrency 1 to 256")
        }
    }

    func run() throws {
        let command = self
        let areEnded = try AwaitedResult.of { try await command.exchange() }
        if !areEnded { throw ExitCode.failure }
    }

    /// - Returns: whether all ended that were waited for.
    private func exchange() async throws -> Bool {
        let own = try ChainOfExchanges(genesis: self.genesis, validators: self.validators, identity: self.identity)
        let hub = try self.hubGenesis.map {
            try ChainOfExchanges(genesis: $0, validators: self.hubValidators, identity: self.hubIdentity ?? "")
        }
        let outcome: Result<Bool, any Error>
        do { outcome = .success(try await self.exchange(own, hub)) } catch { outcome = .failure(error) }
        await own.http.close()
        await hub?.http.close()
        return try outcome.get()
    }

    private func exchange(_ own: ChainOfExchanges, _ hub: ChainOfExchanges?) async throws -> Bool {
        let asker = ExchangeAsker(
            client: own.client,
            writer: ChainSubmitter(own.client, key: own.key),
            certificate: own.key.certificate.bytes,
            to: self.to,
            timeoutBlocks: self.timeoutBlocks,
            expirySeconds: self.expirySeconds,
            waitSeconds: self.wait
        )
        var reports = try await self.reports { try await self.report(of: asker, takenBy: self.untilTaken ? hub : nil) }
        if let hub, !self.untilTaken {
            let deadline = ContinuousClock.now + .seconds(self.hubSeconds)
            for place in reports.indices { try await hub.note(&reports[place], until: deadline) }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        for report in reports { print(String(decoding: try encoder.encode(report), as: UTF8.self)) }
        return self.wait == 0 || reports.allSatisfy { $0.ended != nil }
    }

    private func report(of asker: ExchangeAsker, takenBy hub: ChainOfExchanges?) async throws -> ExchangeReport {
        var report = try await asker.exchange()
        try await hub?.note(&report, until: .now + .seconds(self.hubSeconds))
        return report
    }

    private func reports(of exchange: @escaping @Sendable () async throws -> ExchangeReport) async throws
        -> [ExchangeReport]
    {
        try await withThrowingTaskGroup(of: ExchangeReport.self) { group in
            var (begun, reports): (Int, [ExchangeReport]) = (0, [])
            while begun < min(self.concurrency, self.count) {
                group.addTask { try await exchange() }
                begun += 1
            }
            while let report = try await group.next() {
                reports.append(report)
                guard begun < self.count else { continue }
                group.addTask { try await exchange() }
                begun += 1
            }
            return reports
        }
    }
}
