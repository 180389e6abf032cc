import ArgumentParser
import AuditTrail
import BLSCertificates
import CanonicalBytes
import ChainInterface
import Consensus
import Contracts
import Credentials
import Foundation
import Ledger
import Uplink

/// Holds two audits that share no option: what both knew, such as --json, would be taken by this command.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Answer who saw what under which policy, and whether every device's messages are accounted for.",
        subcommands: [AuditSharingCommand.self, AuditDevicesCommand.self],
        defaultSubcommand: AuditSharingCommand.self
    )
}

struct AuditSharingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sharing",
        abstract: "Answer who saw what under which policy, from the chain alone.",
        discussion: """
            Reads both channels from their genesis on, out of files that `wardline chain export` wrote or from validators, \
            and computes every certificate, signature, root and effect again before it believes a block. Nothing can be \
            left out or put in. Without other options it lists everything about sharing; --seen lists deliveries alone. \
            It is what `wardline audit` does by itself.
            """
    )

    @Option(
        name: .customLong("export"),
        help: "A channel's export; give both, access and index. Validators are asked without.",
        completion: .file()
    )
    var exports: [String] = []

    @OptionGroup var options: ValidatorOptions
    @OptionGroup var genesis: GenesisOption
    @OptionGroup var filter: AuditFilter

    @Flag(help: "Write FHIR R4 AuditEvents, one a line.")
    var fhir = false

    @Flag(help: "Write one JSON object a line.")
    var json = false

    func validate() throws {
        guard self.exports.isEmpty || self.exports.count == 2 else {
            throw ValidationError("give two exports, of access and of index, or none")
        }
        guard !self.fhir || !self.json else { throw ValidationError("use either --fhir or --json") }
    }

    func run() async throws {
        try await reportingFailure {
            let genesis = try self.genesis.load()
            let query = try self.filter.query()
            var history = SharingHistory()
            if self.exports.isEmpty {
                try await self.read(genesis, into: &history)
            } else {
                try self.readExports(genesis, into: &history)
            }
            let entries = query.entries(of: history)
            for entry in entries { try StandardOutput.write(try self.line(entry, history, genesis)) }
            if !self.fhir, !self.json { StandardError.write("\(entries.count) entries\n") }
        }
    }

    // MARK: - Reading

    private func readExports(_ genesis: Genesis, into history: inout SharingHistory) throws {
        var channels: Set<Channel> = []
        for path in self.exports {
            let reader = try ExportReader(path)
            guard reader.header.genesis == genesis else { throw CommandFailure("\(path) begins with another genesis") }
            channels.insert(reader.header.channel)
            var audit = try AuditedChannel(genesis, reader.header.channel)
            while let (payload, certificate) = try reader.next() {
                try audit.append(payload, certificate, to: &history)
            }
            audit.finish()
        }
        guard channels.count == Channel.allCases.count else {
            throw CommandFailure("both files are of one channel; access and index are needed")
        }
    }

    private func read(_ genesis: Genesis, into history: inout SharingHistory) async throws {
        var collected = history
        try await ChainAccess.with(self.options, self.genesis) { access in
            for channel in Channel.allCases {
                var audit = try AuditedChannel(genesis, channel)
                while true {
                    let height = audit.height + 1
                    let blocks = try await access.any {
                        try await ValidatorClient(base: $0, client: access.http).blocks(from: height, on: channel)
                    }
                    for block in blocks { try audit.append(block.payload, block.certificate, to: &collected) }
                    if blocks.isEmpty { break }
                }
                audit.finish()
            }
        }
        history = collected
    }

    // MARK: - Telling

    private func line(_ entry: AuditEntry, _ history: SharingHistory, _ genesis: Genesis) throws -> String {
        if self.fhir { return try FHIRAuditEvent.json(entry, of: history, chain: genesis.chain) + "\n" }
        if self.json { return try JSONLine.text(self.object(entry, history)) }
        let receiver = entry.receiver.isEmpty ? "" : Self.name(entry.receiver, history)
        let policy = history.policies[entry.policy] ?? (entry.policy.isEmpty ? "" : String(entry.policy.hex.prefix(16)))
        return [
            ExplorerText.time(entry.time), entry.what, "by \(entry.actor.text)",
            receiver.isEmpty ? "" : "for \(receiver)",
            entry.scopes.isEmpty
                ? "" : "scope \(entry.scopes.map { String($0.hex.prefix(16)) }.joined(separator: ","))",
            policy.isEmpty ? "" : "policy '\(policy)'", entry.purpose.isEmpty ? "" : "purpose \(entry.purpose)",
            entry.offer.isEmpty ? "" : "offer \(entry.offer.hex.prefix(16))",
            entry.exchange.isEmpty ? "" : "exchange \(entry.exchange)",
        ].filter { !$0.isEmpty }.joined(separator: "  ") + "\n"
    }

    private func object(_ entry: AuditEntry, _ history: SharingHistory) -> [String: Any] {
        var object: [String: Any] = [
            "time_ms": entry.time, "what": entry.code, "text": entry.what, "by": entry.actor.text,
            "channel": entry.channel.name, "height": entry.height, "transaction": entry.transaction.hex,
            "success": entry.isSuccess,
        ]
        if case .delivered(let count) = entry.action { object["envelopes"] = count }
        if !entry.organization.isEmpty { object["organization"] = entry.organization }
        if !entry.scopes.isEmpty { object["scopes"] = entry.scopes.map(\.hex) }
        if !entry.purpose.isEmpty { object["purpose"] = entry.purpose }
        if !entry.exchange.isEmpty { object["exchange"] = entry.exchange }
        if let text = history.policies[entry.policy] { object["policy"] = text }
        for (name, value) in [
            ("policy_digest", entry.policy), ("offer", entry.offer), ("request", entry.request),
            ("permission", entry.permission),
            ("grant", entry.grant), ("delivery", entry.delivery), ("receiver", entry.receiver),
        ] where !value.isEmpty { object[name] = value.hex }
        if let party = history.party(certified: entry.receiver) { object["receiver_party"] = party }
        return object
    }

    private static func name(_ digest: [UInt8], _ history: SharingHistory) -> String {
        history.party(certified: digest) ?? "certificate \(digest.hex.prefix(16))"
    }
}

/// Which entries of the chain a command shows.
struct AuditFilter: ParsableArguments {
    @Option(help: "A patient, organization:patient:name: her scopes.")
    var patient: String?

    @Option(help: "A scope's digest, 64 hexadecimal digits.")
    var scope: String?

    @Option(help: "Whose data.")
    var organization: String?

    @Option(help: "A party that asked, got, gave or decided, organization:role:name.")
    var party: String?

    @Option(help: "The digest of a certificate that asked or got, 64 hexadecimal digits; a pseudonym's too.")
    var certificate: String?

    @Option(
        help:
            "A patient's offer, 64 hexadecimal digits: who made it, who took it, and what was granted and delivered on it."
    )
    var offer: String?

    @Option(help: "From this time on, for example 2026-11-01 or 2026-11-01T12:00:00Z.")
    var from: String?

    @Option(help: "Up to this time.")
    var to: String?

    @Flag(help: "Deliveries alone: who saw what.")
    var seen = false

    func query() throws -> AuditQuery {
        var query = AuditQuery()
        query.patient = self.patient
        query.scope = try self.scope.map { try Self.digest($0, "--scope") }
        query.organization = self.organization
        query.party = self.party
        query.certificate = try self.certificate.map { try Self.digest($0, "--certificate") }
        query.offer = try self.offer.map { try Self.digest($0, "--offer") }
        query.from = try self.from.map { try Self.time($0, "--from") } ?? 0
        query.to = try self.to.map { try Self.time($0, "--to") } ?? .max
        query.isOfDeliveries = self.seen
        return query
    }

    private static func digest(_ text: String, _ option: String) throws -> [UInt8] {
        guard let digest = [UInt8](hex: text), digest.count == 32 else {
            throw ValidationError("\(option) takes 64 hexadecimal digits")
        }
        return digest
    }

    private static func time(_ text: String, _ option: String) throws -> UInt64 {
        let date =
            (try? Date(text, strategy: .iso8601))
            ?? (try? Date(text, strategy: Date.ISO8601FormatStyle().year().month().day()))
        guard let seconds = date?.timeIntervalSince1970, seconds >= 0, seconds < 1e11 else {
            throw ValidationError("\(option) takes a date or time such as 2026-11-01T12:00:00Z")
        }
        return UInt64(seconds * 1_000)
    }
}

/// A channel that is followed from its genesis, for its history.
private struct AuditedChannel {
    private var audit: ChainAudit
    private let channel: Channel
    private let progress = FileProgress()

    init(_ genesis: Genesis, _ channel: Channel) throws {
        let scheme = try ChainSignatures.required(of: genesis.committee)
        self.channel = channel
        self.audit = try ChainAudit(
            genesis: genesis,
            channel: channel,
            logic: ConsortiumContracts(scheme: scheme),
            scheme: scheme
        )
    }

    var height: Height { self.audit.progress.height }

    mutating func append(_ payload: [UInt8], _ certificate: [UInt8], to history: inout SharingHistory) throws {
        let height = self.height + 1
        do throws(ProtocolFailure) {
            let receipts = try self.audit.append(payload, try QuorumCertificate(bytes: certificate))
            history.append(try LedgerBlock(bytes: payload), receipts)
        } catch { throw CommandFailure("block \(height) of \(self.channel.name) is wrong: \(error)") }
        self.progress.show("\(self.channel.name) \(height)")
    }

    func finish() { self.progress.finish() }
}
