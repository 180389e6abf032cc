import AccessPolicies
import ArgumentParser
import CanonicalBytes
import Custodian
import Foundation
import Transcripts
import Uplink

struct StewardPublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract:
            "Publish a data set: scopes, the policy for them, and keywords that only those who may search can read.",
        discussion: """
            The custodian states the policy on the chain for each scope (with --circuit), publishes the data set, and seals \
            the gateways' index keys for those whose attributes satisfy the policy. Prints the data set's identifier; with \
            --wait it returns when the chain has it.
            """
    )

    /// Between two looks at what came of it.
    private static let pause = Duration.milliseconds(500)

    @OptionGroup var options: StewardOptions

    @Option(help: "A scope's label, with * for any run of characters (repeatable).")
    var label: [String]

    @Option(help: "The first epoch of the scopes; any by default.")
    var firstEpoch: UInt64?

    @Option(help: "The last epoch of the scopes; any by default.")
    var lastEpoch: UInt64?

    @Option(help: "Of the data, milliseconds since 1970; as the epochs say by default.")
    var from: UInt64?

    @Option(help: "Of the data, milliseconds since 1970; as the epochs say by default.")
    var to: UInt64?

    @OptionGroup var policy: PolicyOptions

    @Option(help: "The registered circuit that proofs are for, 64 hexadecimal digits; stewards decide without.")
    var circuit: String?

    @Option(help: "Length of the permission that a proof brings at once; 0: stewards decide.")
    var permissionSeconds: UInt64 = 0

    @Option(help: "A word by which the data set is found (repeatable).")
    var keyword: [String] = []

    @Flag(help: "The data is sealed under single control.")
    var singleControl = false

    @Option(help: "The data set's identifier, to repeat a command that was interrupted; random by default.")
    var dataset: String?

    @Flag(help: "Wait until the chain has it.")
    var wait = false

    func run() async throws {
        try await reportingFailure {
            let id = try self.dataset.map { try ProofInputs.digest($0, "--dataset") } ?? SecureRandom.bytes(32)
            let order = DatasetOrder(
                dataset: id.hex,
                labels: self.label,
                firstEpoch: self.firstEpoch,
                lastEpoch: self.lastEpoch,
                from: self.from,
                to: self.to,
                policy: try self.policy.required().policy.text,
                circuit: self.circuit,
                permissionSeconds: self.permissionSeconds,
                keywords: self.keyword,
                singleControl: self.singleControl
            )
            let body = try StewardOptions.encode(order)
            let answer = try await self.options.asking { custodian in
                let taken = try await custodian.write("/v1/datasets", body)
                return self.wait ? try await Self.published(id.hex, custodian) : taken
            }
            try self.options.print(answer, as: DatasetAnswer.self) { "\($0.dataset)\n" }
        }
    }

    private static func published(_ id: String, _ custodian: CustodianClient) async throws -> [UInt8] {
        var told = ""
        while true {
            let answer = try await custodian.read("/v1/datasets/\(id)")
            let dataset = try JSONDecoder().decode(DatasetAnswer.self, from: Data(answer))
            guard dataset.state == "publishing" else { return answer }
            if !dataset.reason.isEmpty, dataset.reason != told {
                StandardError.write("not yet: \(dataset.reason)\n")
                told = dataset.reason
            }
            try await Task.sleep(for: self.pause)
        }
    }
}

struct StewardWithdrawCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "withdraw",
        abstract: "Withdraw a data set from the catalog; permissions that were given stay until they are revoked."
    )

    @OptionGroup var options: StewardOptions

    @Argument(help: "The data set's identifier, 64 hexadecimal digits.")
    var dataset: String

    func validate() throws { _ = try ProofInputs.digest(self.dataset, "the identifier") }

    func run() async throws {
        try await reportingFailure {
            let answer = try await self.options.asking { try await $0.remove("/v1/datasets/\(self.dataset)") }
            try self.options.print(answer, as: DatasetAnswer.self, \.text)
        }
    }
}

struct StewardDatasetsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "datasets",
        abstract: "List the institution's data sets, with their scopes and how many index keys are sealed."
    )

    @OptionGroup var options: StewardOptions

    func run() async throws {
        try await reportingFailure {
            let answer = try await self.options.asking { try await $0.read("/v1/datasets") }
            try self.options.print(answer, as: DatasetListAnswer.self) { $0.datasets.map(\.text).joined() }
        }
    }
}

struct StewardHolderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "holder",
        abstract:
            "Say which patient holds the scopes of a label, so that she can consent and offer; list them without.",
        discussion: """
            The prefix is a pseudonym's tag, or a whole label. The custodian tells the chain about the scopes that there \
            are, and about those of later weeks when gateways begin them.
            """
    )

    @OptionGroup var options: StewardOptions

    @Option(help: "The patient's party name, organization:patient:name.")
    var patient: String?

    @Option(help: "What the labels are, or have before a dot.")
    var labelPrefix: String?

    func validate() throws {
        guard (self.patient == nil) == (self.labelPrefix == nil) else {
            throw ValidationError("name both --patient and --label-prefix, or none to list")
        }
    }

    func run() async throws {
        try await reportingFailure {
            guard let patient, let labelPrefix else {
                let answer = try await self.options.asking { try await $0.read("/v1/holders") }
                return try self.options.print(answer, as: HolderListAnswer.self) { list in
                    list.holders.map { "\($0.label_prefix)  \($0.patient)\n" }.joined()
                }
            }
            let body = try StewardOptions.encode(
                HolderListAnswer.Holder(patient: patient, label_prefix: labelPrefix)
            )
            let answer = try await self.options.asking { try await $0.write("/v1/holders", body) }
            try self.options.print(answer, as: HolderListAnswer.Holder.self) { "\($0.label_prefix)  \($0.patient)\n" }
        }
    }
}
