import ArgumentParser
import Foundation
import Requesting

struct ShareStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show where a share stands: which step is done, waits or failed, why, and what to do.",
        discussion: "Asks the chain for what parties recorded meanwhile; with --offline it shows the folder alone."
    )

    @OptionGroup var participants: ShareParticipants

    @Argument(help: "The share's folder.", completion: .directory)
    var folder: String

    @Flag(help: "Ask nobody.")
    var offline = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        try await reportingFailure {
            let folder = try ShareFolder(opening: self.folder)
            var status = try ShareStatus(folder)
            if !self.offline {
                let isPseudonym = status.share.isPseudonym
                status = try await self.participants.connected(isPseudonym: isPseudonym) { live, _, identity in
                    var fresh = status
                    try await fresh.read(live.parties.chain, now: live.parties.clock())
                    guard let home = try folder.home() else { return fresh }
                    return try await HomeConnection.with(home, identity, isPseudonym: isPseudonym) { chain in
                        try await fresh.read(over: chain, data: live.parties.chain)
                        return fresh
                    }
                }
            }
            if self.json { return try StandardOutput.write(ShareTexts.json(status)) }
            for scope in status.scopes { try StandardOutput.write(ShareTexts.text(scope) + "\n") }
        }
    }
}

struct ShareVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check a share again from its files: every signature, every proof, and that no file was changed.",
        discussion: "Exit code 1 when a step is missing or wrong."
    )

    @Argument(help: "The share's folder.", completion: .directory)
    var folder: String

    @OptionGroup var genesis: GenesisOption

    @Option(
        help: ArgumentHelp("The consortium's file, which names the genesis.", valueName: "consortium.yaml"),
        completion: .file(extensions: ["yaml"])
    )
    var consortium: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        try reportingFailure {
            var genesis = self.genesis
            if genesis.path == nil {
                let variable = ProcessInfo.processInfo.environment["WARDLINE_CONSORTIUM"]
                if let path = self.consortium ?? variable { genesis.genesis = try ConsortiumPaths.genesis(of: path) }
            }
            try ShareVerification.run(self.folder, genesis, json: self.json)
        }
    }
}
