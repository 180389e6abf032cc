import Agent
import ArgumentParser
import CanonicalBytes
import Credentials
import Foundation
import Spool

struct SpoolCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spool",
        abstract: "Examine and read the agent's spool.",
        subcommands: [
            Stats.self, Export.self, Receipts.self, Refused.self, RetryRefused.self, Faults.self, CheckFaults.self,
            ShareRequests.self, ForgetSink.self, GenerateKey.self,
        ]
    )

    struct Stats: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what became of every message, and how full the spool is."
        )

        @OptionGroup var file: ConfigurationFile

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() throws {
            try reportingFailure {
                let figures = try SpoolFigures(self.file.store().statistics())
                let encoder = JSONEncoder()
                encoder.outputFormatting = .sortedKeys
                try StandardOutput.write(
                    self.json ? Array(encoder.encode(figures)) + [UInt8(ascii: "\n")] : Array(figures.table.utf8)
                )
            }
        }
    }

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the spool's Observations as NDJSON, oldest first."
        )

        @OptionGroup var file: ConfigurationFile

        @Option(help: "A new file to write; standard output by default.", completion: .file())
        var output: String?

        @Option(help: "Start behind this sequence number.")
        var after: Int64 = 0

        func run() throws {
            try reportingFailure {
                let spool = try self.file.store().spool
                let target = try self.target()
                var sequence = self.after
                while let chunk = try spool.observations(after: sequence).first {
                    try target.write(contentsOf: Data(chunk.lines))
                    sequence = chunk.lastSequence
                }
                if self.output != nil { try target.synchronize() }
                StandardError.write("last sequence: \(sequence)\n")
            }
        }

        private func target() throws -> FileHandle {
            guard let path = self.output else { return .standardOutput }
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else {
                throw ValidationError("cannot create \(path): \(String(cString: strerror(errno)))")
            }
            return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        }
    }

    struct Receipts: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Count the privacy centers' receipts, and verify them offline.",
            discussion: "Exit code 1 if a receipt does not verify."
        )

        @OptionGroup var file: ConfigurationFile

        @Flag(help: "Verify signature, audit path and envelope of each.")
        var verify = false

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() throws {
            try reportingFailure {
                let configuration = try self.file.load()
                let store = try AgentStore(configuration: configuration)
                guard self.verify else {
                    let count = try store.statistics().uplink.receipts
                    return try self.print(ReceiptAudit.Outcome(receipts: Int(count)))
                }
                guard let uplink = configuration.uplink else {
                    throw ValidationError("\(self.file.path) configures no uplink, whose identity names the authority")
                }
                let audit = try ReceiptAudit(
                    spool: store.spool,
                    identity: Identity.load(directory: uplink.identityDirectory)
                )
                let outcome = try audit.run { StandardError.write("\($0.h1.hex) \($0.center): \($1)\n") }
                try self.print(outcome)
                if outcome.failed > 0 { throw ExitCode.failure }
            }
        }

        private func print(_ outcome: ReceiptAudit.Outcome) throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            let text = "\(outcome.receipts) receipts" + (self.verify ? ", \(outcome.failed) do not verify" : "")
            try StandardOutput.write(
                (self.json ? Array(encoder.encode(outcome)) : Array(text.utf8)) + [UInt8(ascii: "\n")]
            )
        }
    }

    struct RetryRefused: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "retry-refused",
            abstract: "Try again what a privacy center or the chain refused, once the reason is gone.",
            discussion: "A running agent takes it up within a second. SIGHUP tries refused anchors again as well."
        )

        @OptionGroup var file: ConfigurationFile

        func run() throws {
            try reportingFailure {
                let spool = try self.file.store().spool
                let count = try spool.retryRefused()
                try StandardOutput.write("\(count) envelopes wait for delivery again\n")
                let windows = try spool.retryRefusedAnchors()
                if windows > 0 { try StandardOutput.write("\(windows) windows wait for their anchor again\n") }
            }
        }
    }

    struct ForgetSink: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "forget-sink",
            abstract: "Forget a sink that is no longer configured, so that it holds back pruning no more.",
            discussion: "A sink that is configured again under this name starts with the oldest Observation."
        )

        @OptionGroup var file: ConfigurationFile

        @Argument(help: "The sink's name.")
        var name: String

        func run() throws {
            try reportingFailure {
                let configuration = try self.file.load()
                guard !configuration.sinks.contains(where: { $0.name == self.name }) else {
                    throw ValidationError("\(self.name) is still configured")
                }
                guard self.name != Spool.sealer || configuration.uplink == nil else {
                    throw ValidationError("the uplink is still configured; take it out of \(self.file.path) first")
                }
                let spool = try AgentStore(configuration: configuration).spool
                let known = try spool.sinks().map(\.name)
                guard known.contains(where: { $0.utf8.elementsEqual(self.name.utf8) }) else {
                    let names = known.isEmpty ? "it has none" : "it has " + known.joined(separator: ", ")
                    throw ValidationError("the spool has no sink \(self.name); \(names)")
                }
                try spool.removeSink(self.name)
            }
        }
    }

    struct GenerateKey: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "generate-key",
            abstract: "Make a random 32-byte key in a new file that only its owner can read."
        )

        @Argument(help: "The file to make.", completion: .file())
        var path: String

        func run() throws { try reportingFailure { try MasterKey.generate(at: self.path) } }
    }
}

/// The spool's accounts as people and scripts read them.
struct SpoolFigures: Encodable {
    let received, normalized, duplicate, deadLettered, ignored, redelivered: Int64
    let observations, suppressed, backlogMessages, backlogBatches, deadLettersOpen, inboxBytes, spoolBytes: Int64
    let unsealedObservations, heldObservations, sealedEnvelopes, sealedObservations: Int64
    let outboxEnvelopes, outboxBytes, outboxRefused, deliveredEnvelopes, receipts, privacyCenterFaults: Int64
    let anchoredWindows, anchoredEnvelopes, lateWindows, refusedWindows, waitingForAnchor: Int64
    let shareRequests, shareRequestsOpen, shareRequestsCommitted, shareRequestsRejected, shareRequestsExpired: Int64

    init(_ statistics: SpoolStatistics) {
        let counts = statistics.messages
        self.received = counts.received
        self.normalized = counts.normalized
        self.duplicate = counts.duplicate
        self.deadLettered = counts.deadLettered
        self.ignored = counts.ignored
        self.redelivered = counts.redelivered
        self.observations = statistics.observationsStored
        self.suppressed = statistics.observationsSuppressed
        self.backlogMessages = statistics.backlog.messages
        self.backlogBatches = statistics.backlog.batches
        self.deadLettersOpen = statistics.deadLettersOpen
        self.inboxBytes = statistics.sizes.inbox + statistics.sizes.inboxLog
        self.spoolBytes = statistics.sizes.spool + statistics.sizes.spoolLog
        let uplink = statistics.uplink
        self.unsealedObservations = uplink.unsealedObservations
        self.heldObservations = uplink.heldObservations
        self.sealedEnvelopes = uplink.sealedEnvelopes
        self.sealedObservations = uplink.sealedObservations
        self.outboxEnvelopes = uplink.outboxEnvelopes
        self.outboxBytes = uplink.outboxBytes
        self.outboxRefused = uplink.refusedEnvelopes
        self.deliveredEnvelopes = uplink.deliveredEnvelopes
        self.receipts = uplink.receipts
        self.privacyCenterFaults = uplink.faults
        let anchors = statistics.anchors
        self.anchoredWindows = anchors.anchoredWindows
        self.anchoredEnvelopes = anchors.anchoredEnvelopes
        self.lateWindows = anchors.lateWindows
        self.refusedWindows = anchors.refusedWindows
        self.waitingForAnchor = anchors.waitingEnvelopes
        self.shareRequests = counts.shareRequests
        let shares = statistics.shareRequests
        self.shareRequestsOpen = shares.open
        self.shareRequestsCommitted = shares.committed
        self.shareRequestsRejected = shares.rejected
        self.shareRequestsExpired = shares.expired
    }

    var table: String {
        let rows: [(String, Int64)] = [
            ("messages processed", self.received), ("  normalized", self.normalized),
            ("  duplicates", self.duplicate), ("  dead letters", self.deadLettered), ("  ignored", self.ignored),
            ("  redelivered", self.redelivered), ("  share requests", self.shareRequests),
            ("messages waiting", self.backlogMessages),
            ("observations", self.observations), ("  suppressed", self.suppressed),
            ("to be sealed", self.unsealedObservations), ("  held for a scope", self.heldObservations),
            ("envelopes sealed", self.sealedEnvelopes), ("  in the outbox", self.outboxEnvelopes),
            ("  delivered", self.deliveredEnvelopes), ("  refused", self.outboxRefused), ("receipts", self.receipts),
            ("faults of centers", self.privacyCenterFaults), ("anchored windows", self.anchoredWindows),
            ("  late", self.lateWindows), ("  refused", self.refusedWindows),
            ("anchored envelopes", self.anchoredEnvelopes), ("  waiting", self.waitingForAnchor),
            ("share requests open", self.shareRequestsOpen), ("  committed", self.shareRequestsCommitted),
            ("  rejected", self.shareRequestsRejected), ("  expired", self.shareRequestsExpired),
            ("dead letters open", self.deadLettersOpen),
            ("inbox bytes", self.inboxBytes),
            ("spool bytes", self.spoolBytes),
        ]
        return rows.map { name, value in name.padding(toLength: 22, withPad: " ", startingAt: 0) + "\(value)\n" }
            .joined()
    }
}
