import ArgumentParser
import CanonicalBytes
import Credentials
import Foundation
import PathProofs

struct RelayListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists of verification nodes: the first one, and how one hands over to the next.",
        discussion: """
            Governors vouch for a chain's first list when they register the chain. Later ones are certified by the list \
            before: make the next one, let enough of the old one's nodes sign it, and bring it to the relay chain; gateways \
            bring it to all other chains.
            """,
        subcommands: [
            RelayListMakeCommand.self, RelayListShowCommand.self, RelayListNextCommand.self,
            RelayListSignCommand.self, RelayListBringCommand.self, RelayListConductCommand.self,
            RelayListLeaveCommand.self,
        ]
    )
}

/// Files of lists.
enum NodeListFiles {
    static func read(_ path: String) throws -> VerificationNodeList {
        let bytes = try PrivateFile.read(path, upTo: VerificationNodeList.bytesMax, isSecret: false)
        do { return try VerificationNodeList(bytes: bytes) } catch {
            throw CommandFailure("\(path) is no list: \(error)")
        }
    }

    static func write(_ list: VerificationNodeList, to path: String) throws {
        guard !PrivateFile.exists(path) else { throw CommandFailure("\(path) exists already") }
        try Data(list.bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    static func text(_ list: VerificationNodeList) -> String {
        var text = Columns.text([
            ["chain", list.chain], ["epoch", "\(list.epoch)"], ["root", list.root.hex],
            ["signatures", "\(list.policy.threshold) of \(list.seatCount)"],
        ])
        var rows = [["subgroup", "signatures", "seats", "faults"]]
        for (subgroup, seats) in zip(list.policy.subgroups, list.seats) {
            rows.append([subgroup.name, "\(subgroup.threshold)", "\(seats.count)", "\(subgroup.faults)"])
        }
        text += "\n" + Columns.text(rows)
        rows = [["node", "organization", "subgroup", "credibility", "epochs", "standing"]]
        for node in list.nodes {
            rows.append([
                node.name, node.organization, node.subgroup, "\(node.credibility.value)",
                "\(node.validity.lowerBound)..<\(node.validity.upperBound)", "\(node.status)",
            ])
        }
        return text + "\n" + Columns.text(rows)
    }
}

struct RelayListMakeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "make",
        abstract: "Make a chain's first list of a YAML file.",
        discussion: """
            The file names subgroups with their thresholds, and nodes with the files that `wardline relay key --json` \
            printed; docs/operate-relay.md has an example.
            """
    )

    @Argument(help: "list.yaml.", completion: .file(extensions: ["yaml"]))
    var file: String

    @Option(help: "The list to write.", completion: .file())
    var output: String

    func run() throws {
        try reportingFailure {
            let list = try NodeListFile(path: self.file).list
            try NodeListFiles.write(list, to: self.output)
            try StandardOutput.write(NodeListFiles.text(list))
        }
    }
}

struct RelayListShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show who is in a list.")

    @Argument(help: "A list that was made.", completion: .file())
    var file: String

    func run() throws {
        try reportingFailure { try StandardOutput.write(NodeListFiles.text(try NodeListFiles.read(self.file))) }
    }
}
