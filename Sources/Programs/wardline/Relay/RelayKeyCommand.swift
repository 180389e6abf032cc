import ArgumentParser
import Attesting
import CanonicalBytes
import Foundation
import ThresholdSignatures

struct RelayKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Make the keys of a verification node.",
        discussion: """
            The file signs hops in the node's name: it never leaves the machine, has mode 0600 and is never overwritten. \
            What is printed is public and goes to whoever writes the chain's list of verification nodes.
            """
    )

    @Option(help: "The file to write.", completion: .file())
    var output: String

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let keys = try NodeKeyFile.generate(at: self.output)
        let printed = PublicNodeKeys(
            identity: keys.identity.hex,
            key: keys.signer.publicKey.encoded.hex,
            possession: keys.possession.hex
        )
        guard self.json else {
            let rows = [
                ["identity", printed.identity], ["key", printed.key], ["possession", printed.possession],
            ]
            return try StandardOutput.write(Columns.text(rows))
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try StandardOutput.write(String(decoding: try encoder.encode(printed), as: UTF8.self) + "\n")
    }
}
