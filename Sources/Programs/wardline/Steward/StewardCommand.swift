import ArgumentParser
import CanonicalBytes
import Uplink

struct StewardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "steward",
        abstract: "Decide about an institution's data: who gets it, what is published, who holds it.",
        discussion: """
            A steward talks to the institution's custodian, which holds the keys and acts on the chain. Where the rules ask \
            for two stewards, two different identities must approve; one that denies is enough.
            """,
        subcommands: [
            Queue.self, Show.self, Approve.self, Deny.self, Revoke.self, StewardRulesCommand.self,
            StewardPublishCommand.self, StewardWithdrawCommand.self, StewardDatasetsCommand.self,
            StewardHolderCommand.self,
        ]
    )

    struct Queue: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the requests and permissions that wait for stewards, or those in another state."
        )

        @OptionGroup var options: StewardOptions

        @Option(help: "waiting, recorded, refused and so on, or all.")
        var state = "waiting"

        func run() async throws {
            try await reportingFailure {
                let isWord = self.state.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
                guard isWord else { throw ValidationError("--state is a word") }
                let answer = try await self.options.asking {
                    try await $0.read("/v1/share-requests?state=\(self.state)")
                }
                try self.options.print(answer, as: ShareListAnswer.self, \.text)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show everything about a request or permission.")

        @OptionGroup var options: StewardOptions
        @OptionGroup var share: ShareIdentifier

        func run() async throws {
            try await reportingFailure {
                let answer = try await self.options.asking { try await $0.read("/v1/share-requests/\(self.share.id)") }
                try self.options.print(answer, as: ShareAnswer.self, \.text)
            }
        }
    }

    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Agree that a request is permitted, or that a permission gets its grant.",
            discussion: """
                Once as many different stewards agree as the rule says, the custodian permits the request on the chain and \
                makes the grant. A permission whose grant failed or was denied can be approved again.
                """
        )

        @OptionGroup var options: StewardOptions
        @OptionGroup var share: ShareIdentifier

        @Option(help: "Days from the grant to its end; never longer than the rule and the permission say.")
        var days: UInt64?

        func run() async throws {
            try await reportingFailure {
                let body = try StewardOptions.encode(["days": self.days])
                try await self.options.decide(self.share.id, "approve", body)
            }
        }
    }

    struct Deny: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Refuse a request or a permission; the chain records it."
        )

        @OptionGroup var options: StewardOptions
        @OptionGroup var share: ShareIdentifier

        func run() async throws {
            try await reportingFailure { try await self.options.decide(self.share.id, "deny", Array("{}".utf8)) }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a permission and its grant, on the chain and at the privacy centers."
        )

        @OptionGroup var options: StewardOptions

        @Option(help: "The permission, 64 hexadecimal digits.")
        var permission: String

        func validate() throws { _ = try ProofInputs.digest(self.permission, "--permission") }

        func run() async throws {
            try await reportingFailure { try await self.options.decide(self.permission, "revoke", Array("{}".utf8)) }
        }
    }
}

extension StewardOptions {
    fileprivate func decide(_ id: String, _ verb: String, _ body: [UInt8]) async throws {
        let answer = try await self.asking { try await $0.write("/v1/share-requests/\(id)/\(verb)", body) }
        try self.print(answer, as: ShareAnswer.self, \.line)
    }
}
