import ArgumentParser
import CanonicalBytes
import Credentials
import Custodian
import Foundation

struct ScopeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scope",
        abstract: "Make, publish and list the scopes that gateways seal to.",
        discussion: """
            A scope is one patient stream in one epoch: <label> and weeks since 1970. Gateways ask a running custodian \
            for the scopes that they need, so that these commands are for preparation and for looking.
            """,
        subcommands: [Create.self, Publish.self, List.self, Rebuild.self]
    )

    /// Seconds of an epoch, the default of a consortium.
    static let epochSeconds: UInt64 = 604_800

    static var currentEpoch: UInt64 { UInt64(Date().timeIntervalSince1970) / self.epochSeconds }

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Describe a scope; the same label and epoch give the same scope each time."
        )

        @OptionGroup var options: CustodianOptions

        @Option(help: "The stream: a tag of 32 hexadecimal digits, a dot and a class, for example vitals.")
        var label: String

        @Option(help: "Weeks since 1970; now by default.")
        var epoch: UInt64?

        @Option(help: "Write the descriptor to this file.", completion: .file())
        var output: String?

        func run() throws {
            try reportingFailure {
                let epoch = self.epoch ?? ScopeCommand.currentEpoch
                let scope = try self.options.custodian().scope(label: self.label, epoch: epoch)
                if let output { try Data(scope.descriptor).write(to: URL(fileURLWithPath: output)) }
                try StandardOutput.write(Array("\(scope.digest.hex)\n".utf8))
            }
        }
    }

    struct Publish: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell privacy centers who owns the scopes; a running custodian does so by itself."
        )

        @OptionGroup var options: CustodianOptions

        @Option(help: "Address of a privacy center, https://host:port (repeatable).")
        var privacyCenter: [String]

        func run() async throws {
            try await reportingFailure {
                let custodian = try self.options.custodian()
                for center in self.privacyCenter {
                    let published = try await CustodianService.publish(custodian, to: center)
                    try StandardOutput.write(Array("\(center): \(published) scopes published\n".utf8))
                }
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the scopes: digest, epoch and label.")

        @OptionGroup var options: CustodianOptions
        @OptionGroup var selection: ScopeSelection

        @Flag(help: "Print one JSON object a line.")
        var json = false

        func run() throws {
            try reportingFailure {
                for scope in try self.options.custodian().registry.scopes() where self.selection.matches(scope) {
                    let digest = scope.digest.hex
                    let line =
                        self.json
                        ? #"{"digest":"\#(digest)","epoch":\#(scope.epoch),"label":"\#(scope.label)"}"#
                        : "\(digest)  \(scope.epoch)  \(scope.label)"
                    try StandardOutput.write(Array("\(line)\n".utf8))
                }
            }
        }
    }

    struct Rebuild: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the list of scopes anew, from the owner secret and what privacy centers hold.",
            discussion: """
                For a custodian whose scopes.db is lost: put owner.secret into --directory, enrol under the same \
                organization, role and name, and run this before gateways reach the custodian. Scopes that a center \
                never got are made again when a gateway asks for them. Safe to run again. Exit code 1 if a center gave \
                something that is no scope of this secret.
                """
        )

        @OptionGroup var options: CustodianOptions

        @Option(help: "Address of a privacy center, https://host:port (repeatable).")
        var privacyCenter: [String]

        @Flag(help: "Print the summary as one JSON object.")
        var json = false

        func run() async throws {
            try await reportingFailure {
                let identity = try Identity.load(directory: self.options.identity)
                try CustodianService.requireOwner(identity)
                let recovery = try ScopeRecovery(directory: self.options.directory, identity: identity)
                var summary = RecoverySummary()
                for center in self.privacyCenter {
                    try await recovery.run(from: center, summary: &summary) { digest, why in
                        StandardError.write("\(center): \(digest.hex): \(why)\n")
                    }
                }
                try self.report(summary)
                if summary.refused > 0 { throw ExitCode.failure }
            }
        }

        private func report(_ summary: RecoverySummary) throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            let text =
                "\(summary.found) scopes found, \(summary.added) added (\(summary.beside) beside another of their label and "
                + "week), \(summary.refused) refused"
            try StandardOutput.write(
                (self.json ? Array(encoder.encode(summary)) : Array(text.utf8)) + [UInt8(ascii: "\n")]
            )
        }
    }
}
