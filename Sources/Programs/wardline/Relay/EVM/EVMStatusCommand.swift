import ArgumentParser
import CanonicalBytes
import EVMAdapter
import EVMProofs
import IBTP
import Relaying

struct EVMStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how far a chain and its broker are.",
        discussion: "With --from and --to also the counters of the pair, as of the last final block."
    )

    @OptionGroup var node: EVMNodeOption
    @OptionGroup var broker: EVMBrokerOption
    @OptionGroup var finality: EVMFinalityOption

    @Option(help: "The asking service of a pair, hub:chain:service.", transform: EVMText.service)
    var from: ServiceID?

    @Option(help: "The asked service of the pair.", transform: EVMText.service)
    var to: ServiceID?

    func validate() throws {
        guard (self.from == nil) == (self.to == nil) else { throw ValidationError("use --from and --to together") }
    }

    func run() async throws {
        try await reportingFailure {
            try await self.node.with { node in
                let contract = BrokerContract(node: node, address: self.broker.broker)
                let name = try await contract.chainName()
                let policy = try await contract.policy()
                let settings = EVMChainSettings(
                    chain: name,
                    chainID: try await node.chainID(),
                    broker: self.broker.broker,
                    finality: try self.finality.rule()
                )
                let chain = try EVMChain(settings: settings, node: node, sender: nil)
                let head = try await chain.head()
                var lines = [
                    "chain\t\(name)", "chain-id\t\(settings.chainID)", "head\t\(head.height)",
                    "final\t\(head.finalHeight.map(String.init) ?? "none")", "finality\t\(settings.finality)",
                    "epoch\t\(policy.epoch)", "threshold\t\(policy.threshold)",
                    "subgroups\t\(policy.groupThresholds.map(String.init).joined(separator: " "))",
                ]
                if let from = self.from, let to = self.to {
                    let counters = try await chain.counters(of: ServicePair(from: from, to: to))
                    lines += [
                        "sent\t\(counters.sent)", "closed\t\(counters.closed)", "received\t\(counters.received)",
                        "undone\t\(counters.undone)",
                    ]
                }
                try StandardOutput.write(lines.joined(separator: "\n") + "\n")
            }
        }
    }
}
