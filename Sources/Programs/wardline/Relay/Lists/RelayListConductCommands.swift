import ArgumentParser
import Attesting
import CanonicalBytes
import Contracts
import Credentials
import Foundation
import Ledger
import PathProofs
import ThresholdSignatures
import Uplink

struct RelayListConductCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conduct",
        abstract: "Show what the relay chain recorded of a list's nodes, and what it makes of their credibility.",
        discussion: """
            A node is present in a hop that was certified with it and absent in one that was certified without it. The last \
            column is the credibility that the next list would give it now.
            """
    )

    @Option(name: .customLong("old"), help: "The newest list of the chain.", completion: .file())
    var old: String

    @OptionGroup var options: ValidatorOptions
    @OptionGroup var genesis: GenesisOption

    func run() async throws {
        try await reportingFailure {
            let old = try NodeListFiles.read(self.old)
            let conducts = try await ChainAccess.with(self.options, self.genesis) { access in
                try await NextNodeList(old: old, access: access).recorded()
            }
            let next = try old.successor(after: ConductBook(of: old, recorded: conducts), candidates: [])
            var rows = [["node", "present", "absent", "faults", "leaving", "credibility", "next"]]
            for (node, conduct) in zip(old.nodes, conducts) {
                rows.append([
                    node.name, "\(conduct?.work ?? 0)", "\(conduct?.absences ?? 0)", "\(conduct?.faults ?? 0)",
                    conduct?.isLeaving == true ? "yes" : "no", "\(node.credibility.value)",
                    next.list.node(node.name).map { "\($0.credibility.value)" } ?? "-",
                ])
            }
            try StandardOutput.write(Columns.text(rows))
        }
    }
}

struct RelayListLeaveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "leave",
        abstract: "Give a node's seat up at the next boundary, with the node's keys.",
        discussion: """
            The next list goes without the node as far as its subgroup can spare it; until then the node signs on. Nothing \
            takes the word back. Any party of the relay chain may bring it.
            """
    )

    @Option(name: .customLong("old"), help: "The newest list of the chain.", completion: .file())
    var old: String

    @Option(help: "The node's keys.", completion: .file())
    var keyFile: String

    @OptionGroup var options: ValidatorOptions
    @OptionGroup var genesis: GenesisOption

    func run() async throws {
        try await reportingFailure {
            let old = try NodeListFiles.read(self.old)
            let keys = try NodeKeyFile(path: self.keyFile)
            guard let node = old.nodes.first(where: { $0.keys.signature == keys.signer.publicKey }) else {
                throw CommandFailure("the list has no node with the keys of \(self.keyFile)")
            }
            let leave = LeaveList(
                chain: old.chain,
                epoch: old.epoch,
                node: node.name,
                signature: try keys.signer.sign(old.leavingMessage(of: node.name)).encoded
            )
            try await ChainAccess.with(self.options, self.genesis) { access in
                try await ChainSubmission(access: access).submit(leave, needless: [.leavingAlready])
            }
        }
    }
}
