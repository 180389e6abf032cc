import ArgumentParser
import Consensus
import Credentials
import Foundation
import Ledger

/// Hands anchors to a chain at a rate, through failures of validators, and accounts for every one of them.
struct ChainLoad: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chain-load",
        abstract: "Load a chain with signed anchors, and tell when each of them was final.",
        discussion: """
            Each identity has at most 32 transactions on their way, which is what a chain allows a signer; several \
            identities make a high rate possible. A transaction that is not final in time is handed in again, the same \
            bytes, to f + 1 other validators. Final is what a block with a valid certificate holds, whoever shows it.

            Writes one line of JSON for every transaction, and prints a summary. SIGTERM ends the load before its time.
            """
    )

    @Option(name: .customLong("identity"), help: "A gateway's identity directory; may be repeated.")
    var identities: [String]

    @Option(name: .customLong("validator"), help: "A validator's interface, https://host:7401; may be repeated.")
    var validators: [String]

    @Option(help: "The chain's genesis.")
    var genesis: String

    @Option(help: "index: anchors; access: registrations, of which the first takes effect and all are final.")
    var channel = "index"

    @Option(help: "Transactions a second.")
    var rate = 100.0

    @Flag(help: "As many as fit instead of a rate.")
    var max = false

    @Option(help: "Of these, so many a second are handed in alone and waited for at the validator.")
    var probes = 0.0

    @Option(help: "Seconds of load.")
    var seconds = 10.0

    @Option(help: "Index pointers of one anchor.")
    var pointers = 16

    @Option(help: "Tags of one pointer.")
    var tags = 4

    @Option(help: "Transactions of one identity on their way at once, at most 32.")
    var window = 32

    @Option(help: "Transactions of one request.")
    var batch = 128

    @Option(help: "Transactions signed before the clock starts.")
    var presign = 0

    @Option(help: "Signatures made at the same time.")
    var signers = 1

    @Option(help: "Milliseconds after which a transaction is handed in again; doubles each time.")
    var retryMs = 2_000

    @Option(help: "Milliseconds between two looks for blocks.")
    var pollMs = 20

    @Option(help: "Seconds after the load for what is still on its way.")
    var drain = 60.0

    @Option(help: "The file for one line of JSON per transaction.")
    var output: String?

    func validate() throws {
        guard !self.identities.isEmpty, !self.validators.isEmpty else {
            throw ValidationError("name an --identity and a --validator")
        }
        guard Channel(name: self.channel) != nil else { throw ValidationError("--channel is index or access") }
        guard (1...32).contains(self.window), (1...1_000).contains(self.batch), self.retryMs > 0, self.pollMs > 0,
            (1...1_000).contains(self.pointers), (0...16).contains(self.tags), self.signers > 0
        else { throw ValidationError("a number is out of range") }
    }

    func run() async throws {
        let genesis = try Genesis(bytes: PrivateFile.read(self.genesis, upTo: 64 << 20, isSecret: false))
        let identities = try self.identities.map { try Identity.load(directory: $0) }
        let shape = LoadShape(
            channel: Channel(name: self.channel) ?? .index,
            pointers: self.pointers,
            tags: self.tags
        )
        let mill = try LoadMill(identities: identities, genesis: genesis, shape: shape, window: self.window)
        mill.produce(self.presign)
        let targets = try LoadTarget.all(self.validators, identity: identities[0])
        let book = LoadBook(retryNanoseconds: UInt64(self.retryMs) * 1_000_000)
        let run = LoadRun(
            mill: mill,
            book: book,
            targets: targets,
            copies: genesis.committee.oneCorrect,
            pace: LoadPace(rate: self.max ? nil : self.rate, probes: self.probes, seconds: self.seconds),
            batch: self.batch,
            drainSeconds: self.drain,
            stop: LoadStop()
        )
        let follower = try LoadFollower(
            genesis: genesis,
            channel: shape.channel,
            targets: targets,
            book: book,
            pollMilliseconds: self.pollMs
        )
        let outcome = await run.run(follower: follower, producers: self.signers)
        for target in targets { await target.close() }
        try self.report(book, outcome, follower)
    }

    private func report(_ book: LoadBook, _ outcome: LoadRun.Outcome, _ follower: LoadFollower) throws {
        let entries = book.all
        if let output = self.output {
            let lines = entries.map { $0.json + "\n" }.joined()
            // In place: an atomic write would put a file where a device or a pipe was.
            try Data(lines.utf8).write(to: URL(filePath: output))
        }
        let summary = LoadSummary(
            entries: entries,
            outcome: outcome,
            blocks: follower.blocks,
            longestGap: follower.longestGapMilliseconds
        )
        print(summary.json)
    }
}
