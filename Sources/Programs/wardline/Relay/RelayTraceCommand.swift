import ArgumentParser
import CanonicalBytes
import Certificates
import Credentials
import Foundation
import Gateway
import Ledger
import Node
import Uplink

struct RelayTraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Show every step of an exchange between chains, each proven.",
        discussion: """
            --config names a gateway's configuration. Asks the relay chain and as many of the two application chains as it is told of: the call, the hops and who \
            signed them, what the relay chain took and told, the delivery, the answer, the end. --output writes the proofs \
            down; with --offline DIRECTORY a later run judges these files and asks nobody. Then only the digests of the \
            genesis files, which it prints, have to be compared with those that you believe. Exit code 1 when something \
            does not hold.
            """
    )

    @Argument(help: "The exchange's identifier, FROM-TO-INDEX; with --offline it stands in the files.")
    var exchange: String?

    @OptionGroup var file: NodeConfigurationFile

    @Option(
        name: .customLong("chain"),
        help: """
            Another chain, NAME=GENESIS,URL[,URL…]: its registered name, genesis file and validators; may be repeated.
            """
    )
    var chains: [String] = []

    @Option(help: "A folder for the proofs; made if needed.", completion: .directory)
    var output: String?

    @Option(help: "Judge the proofs in this folder, and ask nobody.", completion: .directory)
    var offline: String?

    func validate() throws {
        guard (self.exchange == nil) == (self.offline != nil) else {
            throw ValidationError("name an exchange, or a folder with --offline")
        }
        guard self.offline == nil || self.output == nil else {
            throw ValidationError("--offline writes nothing")
        }
    }

    func run() async throws {
        try await reportingFailure {
            let evidence: TraceEvidence
            if let offline = self.offline {
                evidence = try TraceEvidence { name in
                    try PrivateFile.read("\(offline)/\(name)", upTo: 64 << 20, isSecret: false)
                }
            } else {
                evidence = try await self.collect(self.exchange ?? "")
            }
            if let output = self.output { try Self.write(evidence, to: output) }
            try ExchangeTraceText(evidence, try TraceAudit(evidence)).print()
        }
    }

    private func collect(_ exchange: String) async throws -> TraceEvidence {
        guard let configuration = try self.file.load().relay else {
            throw ValidationError("\(self.file.path) has no section relay with two chains of this software")
        }
        let clients = [configuration.relay, configuration.application].map { side in
            Result { try Identity.load(directory: side.identityDirectory) }.map { identity in
                SecureClient(
                    identity: IdentityWatch(identity),
                    servers: [.validator],
                    // What is final, validators tell everybody.
                    presents: .nothing,
                    of: .allies,
                    requestSeconds: 30
                )
            }
        }
        let (hubClient, client) = (try clients[0].get(), try clients[1].get())
        let outcome: Result<TraceEvidence, any Error>
        do {
            let hub = try ReadChain(name: nil, endpoints: configuration.relay.chain, client: hubClient)
            let own = try ReadChain(
                name: configuration.name,
                endpoints: configuration.application.chain,
                client: client
            )
            let others = try self.chains.map { try Self.chain($0, client) }.filter { $0.name != own.name }
            outcome = .success(try await ExchangeTracer(hub: hub, others: [own] + others).collect(exchange))
        } catch { outcome = .failure(error) }
        await hubClient.close()
        await client.close()
        return try outcome.get()
    }

    private static func chain(_ text: String, _ client: SecureClient) throws -> ReadChain {
        let sides = text.split(separator: "=", maxSplits: 1).map(String.init)
        let parts = sides.count == 2 ? sides[1].split(separator: ",").map(String.init) : []
        let urls = parts.dropFirst().compactMap { ServiceURL($0) }
        guard let genesis = parts.first, !urls.isEmpty, urls.count == parts.count - 1 else {
            throw ValidationError("--chain takes NAME=GENESIS,https://host:7401")
        }
        return try ReadChain(name: sides[0], genesis: try GenesisOption.read(genesis), urls: urls, client: client)
    }

    private static func write(_ evidence: TraceEvidence, to directory: String) throws {
        try PrivateFile.makeDirectory(directory)
        for file in try evidence.files() { try PrivateFile.write(file.bytes, to: "\(directory)/\(file.name)") }
    }
}

/// What a trace shows, for people.
struct ExchangeTraceText {
    let evidence: TraceEvidence
    let audit: TraceAudit

    init(_ evidence: TraceEvidence, _ audit: TraceAudit) { (self.evidence, self.audit) = (evidence, audit) }

    /// - Throws: exit code 1 when something does not hold, or nothing is found.
    func print() throws {
        var text = "\(self.evidence.exchange)\n\n"
        text += Columns.text(
            [["time", "chain", "height", "block", "what"]]
                + self.audit.steps.map { step in
                    [
                        ExplorerText.time(step.time), step.chain, "\(step.height)", step.block.hex,
                        step.events.joined(separator: "; "),
                    ]
                }
        )
        for step in self.audit.steps where !step.hops.isEmpty {
            text += "\n\(step.chain), block \(step.height), transaction \(step.transaction.hex)\n"
            for hop in step.hops { text += "  \(hop)\n" }
        }
        text += "\nBelieved, if these are the right ones:\n"
        text += Columns.text(
            self.evidence.chains.map { ["  \($0.name)", "\($0.genesis.chain)", "genesis \($0.genesis.digest.hex)"] }
        )
        for step in self.audit.steps {
            for unknown in step.unknown { text += "not judged: \(step.chain), block \(step.height): \(unknown)\n" }
        }
        text += self.verdict
        try StandardOutput.write(text)
        if !self.audit.holds || self.audit.steps.isEmpty { throw ExitCode.failure }
    }

    private var verdict: String {
        if self.audit.steps.isEmpty { return "no chain knows this exchange\n" }
        guard self.audit.holds else {
            let faults =
                self.audit.faults
                + self.audit.steps.flatMap { step in
                    step.faults.map { "\(step.chain), block \(step.height): \($0)" }
                }
            return faults.map { "DOES NOT HOLD: \($0)\n" }.joined()
        }
        return "all of it holds; the exchange is \(self.audit.isClosed ? "closed" : "not closed, as far as is shown")\n"
    }
}
