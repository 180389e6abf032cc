import ArgumentParser
import CanonicalBytes
import Contracts
import Credentials
import Foundation
import Incentives
import Ledger
import Records
import Uplink

struct RelayCodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "code",
        abstract: "Deploy a contract's code on the relay chain, upgrade it, give it up, or show it.",
        discussion: """
            The relay chain keeps which digest counts for a contract from which block on, with deposit and fees of \
            docs/incentives.md. Its own contracts are part of the validators' program and have no such entry.
            """,
        subcommands: [
            Deploy.self, Upgrade.self, CancelUpgrade.self, ReleaseUpgrade.self, Retire.self, Release.self, Show.self,
        ]
    )

    /// What deploying and upgrading have in common.
    struct Announcement: ParsableArguments {
        @Argument(help: "The contract's name: a to z, 0 to 9 and -.") var name: String
        @Argument(help: "The code; its SHA-256 is announced.", completion: .file()) var file: String
        @Option(help: "The relay chain's first block in which it counts.") var from: UInt64
        @OptionGroup var options: ValidatorOptions
        @OptionGroup var genesis: GenesisOption

        private static let bytesMax = 64 << 20

        func code() throws -> AnnouncedCode {
            let bytes = try PrivateFile.read(self.file, upTo: Self.bytesMax, isSecret: false)
            return AnnouncedCode(
                name: try CodeName(self.name),
                digest: try CodeDigest(Digest.sha256(of: bytes).bytes),
                activeFrom: self.from
            )
        }
    }

    struct Deploy: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Deploy a contract; the caller owns it.")
        @OptionGroup var announcement: Announcement

        func run() async throws {
            try await reportingFailure {
                let deploy = DeployCode(try self.announcement.code())
                try await RelayCodeCommand.submit(deploy, self.announcement.options, self.announcement.genesis)
            }
        }
    }

    struct Upgrade: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Announce a contract's next code, as its owner.")
        @OptionGroup var announcement: Announcement

        func run() async throws {
            try await reportingFailure {
                let upgrade = UpgradeCode(try self.announcement.code())
                try await RelayCodeCommand.submit(upgrade, self.announcement.options, self.announcement.genesis)
            }
        }
    }

    /// A contract by its name.
    struct Subject: ParsableArguments {
        @Argument(help: "The contract's name.") var name: String
        @OptionGroup var options: ValidatorOptions
        @OptionGroup var genesis: GenesisOption

        func settle(_ action: SettleCode.Action) async throws {
            try await reportingFailure {
                let settle = SettleCode(name: try CodeName(self.name), action: action)
                try await RelayCodeCommand.submit(settle, self.options, self.genesis)
            }
        }
    }

    struct CancelUpgrade: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "cancel-upgrade",
            abstract: "Take an upgrade back before its activation."
        )
        @OptionGroup var subject: Subject

        func run() async throws { try await self.subject.settle(.cancelUpgrade) }
    }

    struct ReleaseUpgrade: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "release-upgrade",
            abstract: "Take an upgrade's deposit back after its trial."
        )
        @OptionGroup var subject: Subject

        func run() async throws { try await self.subject.settle(.releaseUpgrade) }
    }

    struct Retire: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give a contract up: no code counts from now on.")
        @OptionGroup var subject: Subject

        func run() async throws { try await self.subject.settle(.retire) }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take back what was held for a contract that was given up."
        )
        @OptionGroup var subject: Subject

        func run() async throws { try await self.subject.settle(.release) }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a contract's code and what is held for it.")
        @OptionGroup var subject: Subject

        func run() async throws {
            try await reportingFailure {
                let key = RelayKey.credit(IncentiveKey.code(try CodeName(self.subject.name)))
                try await ChainAccess.with(self.subject.options, self.subject.genesis) { access in
                    guard let bytes = try await access.client.value(of: key, on: .access).value else {
                        throw CommandFailure("no contract \(self.subject.name) was deployed")
                    }
                    var reader = CanonicalReader(bytes)
                    try StandardOutput.write(Self.text(try ContractCode(from: &reader)))
                }
            }
        }

        private static func text(_ code: ContractCode) -> String {
            var rows = [
                ["owner", String(decoding: code.owner.bytes, as: UTF8.self)],
                ["deposit", "\(code.deposit.millionths)"],
            ]
            for version in [code.base, code.upgrade] {
                guard let version else { continue }
                rows.append(["from \(version.activeFrom)", version.digest.bytes.hex])
            }
            if code.retiredAt > 0 { rows.append(["given up at", "\(code.retiredAt)"]) }
            return Columns.text(rows)
        }
    }

    private static func submit(
        _ arguments: some MethodArguments,
        _ options: ValidatorOptions,
        _ genesis: GenesisOption
    ) async throws {
        try await ChainAccess.with(options, genesis) { access in
            try await ChainSubmission(access: access).submit(arguments)
        }
    }
}
