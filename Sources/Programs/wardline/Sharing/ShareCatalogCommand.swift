import ArgumentParser
import CanonicalBytes
import Certificates
import ChainReading
import Consortium
import Contracts
import Foundation
import Ledger
import Requesting

struct ShareCatalogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "catalog",
        abstract: "List the data sets that are published.",
        discussion: """
            Each is proven by the chain. Keywords stand there as tags that only somebody with the organization's key of \
            keywords can tell: its custodian gives it to researchers and clinicians.
            """
    )

    @OptionGroup var participants: ShareParticipants

    @Option(help: "Only data sets with this keyword; may be repeated, and each must be there.")
    var keyword: [String] = []

    @Option(help: "Only data sets of this organization.")
    var organization: String?

    @Option(help: "Epochs of keywords that are tried, back from the present one.")
    var epochs: UInt64 = 2

    @Flag(help: "Print one JSON object for each data set.")
    var json = false

    func validate() throws {
        guard (1...100).contains(self.epochs) else { throw ValidationError("--epochs is 1 to 100") }
    }

    func run() async throws {
        try await reportingFailure {
            try await self.participants.connected(isPseudonym: false) { live, file, _ in
                let catalog = DatasetCatalog(chain: live.parties.chain, keys: live.discovery)
                let found = try await catalog.search(
                    organization: self.organization,
                    keywords: self.keyword,
                    epochs: self.keyword.isEmpty ? [] : self.present(file.genesis)
                )
                for (organization, why) in found.blind.sorted(by: { $0.key < $1.key }) {
                    StandardError.write("keywords of \(organization) cannot be told: \(why)\n")
                }
                for dataset in found.datasets { try StandardOutput.write(self.text(dataset)) }
                if !self.json, found.datasets.isEmpty { StandardError.write("no data set\n") }
            }
        }
    }

    /// The present epoch and those before it.
    private func present(_ genesis: Genesis) -> [UInt64] {
        let parameter = ChainParameter.epochSeconds
        let seconds = genesis.parameters.first { $0.name == parameter.rawValue }?.value ?? parameter.defaultValue
        let epoch = Seconds.now / max(1, seconds)
        return (0..<self.epochs).compactMap { $0 <= epoch ? epoch - $0 : nil }
    }

    private func text(_ dataset: CataloguedDataset) throws -> String {
        let arguments = dataset.arguments
        if self.json {
            return try JSONLine.text([
                "dataset": arguments.dataset.hex, "publisher": "\(dataset.publisher)",
                "scopes": arguments.scopes.map(\.hex), "from": arguments.from, "to": arguments.to,
                "policy": dataset.policy ?? "", "policyDigest": arguments.policy.hex,
                "tags": arguments.tags.map(\.hex), "keywords": dataset.keywords,
            ])
        }
        return Columns.text([
            ["data set", arguments.dataset.hex], ["publisher", "\(dataset.publisher)"],
            ["scopes", "\(arguments.scopes.count)"],
            ["time", "\(ExplorerText.time(arguments.from)) to \(ExplorerText.time(arguments.to))"],
            ["policy", dataset.policy ?? "\(arguments.policy.hex) (its text is not on the chain)"],
        ]) + "\n"
    }
}
