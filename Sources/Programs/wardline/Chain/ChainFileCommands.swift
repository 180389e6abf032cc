import ArgumentParser
import BLSCertificates
import CanonicalBytes
import ChainInterface
import Consensus
import Contracts
import Credentials
import Foundation
import Ledger
import Uplink

struct ChainExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a channel's blocks with their certificates to a file.",
        discussion: """
            Only certified blocks get into the file. Until it is complete its name ends in .partial; run again, it goes on \
            where it was. It is the whole channel up to the last block at the time.
            """
    )

    @OptionGroup var options: ValidatorOptions
    @OptionGroup var genesis: GenesisOption
    @OptionGroup var channel: ChannelOption

    @Option(help: "The file to write; it must not exist.", completion: .file())
    var output: String

    func run() async throws {
        try await reportingFailure {
            try await ChainAccess.with(self.options, self.genesis) { access in
                let channel = self.channel.channel
                let writer = try ExportWriter(
                    self.output,
                    header: ExportHeader(genesis: access.genesis, channel: channel),
                    logic: ConsortiumContracts(scheme: access.scheme),
                    scheme: access.scheme
                )
                let progress = FileProgress()
                if writer.height > 0 { StandardError.write("going on after block \(writer.height)\n") }
                var isMore = true
                while isMore {
                    let height = writer.height
                    try await access.any { url in
                        let validator = ValidatorClient(base: url, client: access.http)
                        let blocks = try await validator.blocks(from: writer.height + 1, on: channel)
                        for block in blocks { try writer.append(block.payload, block.certificate) }
                    }
                    isMore = writer.height > height
                    progress.show("block \(writer.height)")
                }
                progress.finish()
                try writer.finish()
                try StandardOutput.write("\(self.output): \(channel.name), \(writer.height) blocks\n")
            }
        }
    }
}

struct ChainVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check an exported channel, a validator's directory, or a proof, offline.",
        discussion: """
            Of an exported channel every certificate, signature, root and effect is computed again from the genesis on. \
            Exit code 1 with the first block that is wrong. Without --genesis the file's own one is used: compare its \
            digest with the one that you trust. Of a directory, whose validator must not run, every committee, certificate, \
            block and receipt that is there is checked, and every entry of the state against the last block's root, also when \
            it began with a snapshot or old blocks are pruned.
            """
    )

    @Argument(help: "A file of `wardline chain export`.", completion: .file())
    var file: String?

    @OptionGroup var genesis: GenesisOption

    @Option(help: "A validator's directory instead; the validator must not run.", completion: .directory)
    var directory: String?

    @Option(help: "A file with a proof of a transaction or value instead.", completion: .file())
    var proof: String?

    @Option(help: "With --proof: the changes of the committee up to it.", completion: .file())
    var handovers: String?

    @Flag(help: "Print one JSON object; of a directory one a line for each channel.")
    var json = false

    func validate() throws {
        guard [self.file, self.directory, self.proof].compactMap({ $0 }).count == 1 else {
            throw ValidationError("name the file of an export, a validator with --directory, or a proof with --proof")
        }
        guard self.handovers == nil || self.proof != nil else { throw ValidationError("--handovers is for --proof") }
    }

    func run() throws {
        try reportingFailure {
            if let file = self.file { try self.verify(export: file) }
            if let directory = self.directory { try self.verify(directory: directory) }
            if let proof = self.proof { try self.verify(proof: proof) }
        }
    }

    private func verify(export path: String) throws {
        let reader = try ExportReader(path)
        let trusted = try self.genesis.path.map { try GenesisOption.read($0) }
        let scheme = try ChainSignatures.required(of: (trusted ?? reader.header.genesis).committee)
        var audit = try ExportAudit(
            reader,
            genesis: trusted,
            logic: ConsortiumContracts(scheme: scheme),
            scheme: scheme
        )
        let progress = FileProgress()
        while try audit.step() {
            progress.show("block \(audit.height), \(reader.offset * 100 / max(1, reader.size)) %")
        }
        progress.finish()
        let report = audit.report
        if trusted == nil { StandardError.write("the genesis is the file's own: compare its digest\n") }
        try StandardOutput.write(self.json ? JSONLine.text(Self.object(report)) : Self.text(report))
    }

    private static func text(_ report: ExportReport) -> String {
        Columns.text([
            ["chain", report.chain], ["genesis", report.genesis.hex], ["channel", report.channel.name],
            ["blocks", "\(report.progress.height)"], ["transactions", "\(report.progress.transactions)"],
            ["rejected", "\(report.progress.rejected)"], ["evidence", "\(report.progress.evidence)"],
            ["committees", "\(report.progress.committees)"], ["last block", report.tip.bytes.hex],
            ["state root", report.stateRoot.hex],
        ]) + "everything holds\n"
    }

    private static func object(_ report: ExportReport) -> [String: Any] {
        [
            "chain": report.chain, "genesis": report.genesis.hex, "channel": report.channel.name,
            "blocks": report.progress.height, "transactions": report.progress.transactions,
            "rejected": report.progress.rejected, "evidence": report.progress.evidence,
            "committees": report.progress.committees, "block": report.tip.bytes.hex,
            "state_root": report.stateRoot.hex,
        ]
    }

    private func verify(proof path: String) throws {
        let genesis = try self.genesis.load()
        let bytes = try PrivateFile.read(path, upTo: 64 << 20, isSecret: false)
        if bytes.starts(with: Array("WLVP".utf8)) {
            let proof = try ValueProof(bytes: bytes)
            try proof.verify(by: try self.view(genesis, proof.header.channel))
            try self.report(value: proof)
        } else {
            let proof = try TransactionProof(bytes: bytes)
            try proof.verify(by: try self.view(genesis, proof.header.channel))
            try StandardOutput.write(try ProofText(genesis: genesis, isRaw: false).text(proof, json: self.json))
        }
        if !self.json { try StandardOutput.write("the proof holds\n") }
    }

    private func report(value proof: ValueProof) throws {
        let header = proof.header
        guard self.json else {
            return try StandardOutput.write(
                Columns.text([
                    ["key", proof.key.hex], ["value", proof.value?.hex ?? "none"],
                    ["after block", "\(header.height) of \(header.channel.name), \(ExplorerText.time(header.time))"],
                ])
            )
        }
        var object: [String: Any] = [
            "key": proof.key.hex, "height": header.height, "channel": header.channel.name, "time_ms": header.time,
        ]
        if let value = proof.value { object["value"] = value.hex }
        try StandardOutput.write(try JSONLine.text(object))
    }

    private func view(_ genesis: Genesis, _ channel: Channel) throws -> CommitteeView {
        let scheme = try ChainSignatures.required(of: genesis.committee)
        var view = CommitteeView(genesis: genesis, channel: channel, scheme: scheme)
        guard let path = self.handovers else { return view }
        var reader = CanonicalReader(try PrivateFile.read(path, upTo: 64 << 20, isSecret: false))
        while reader.remaining > 0 {
            let handover = try Handover(from: &reader)
            try view.follow(handover.header, handover.certificate, next: handover.next)
        }
        return view
    }
}

/// How far a long command is, on a terminal.
final class FileProgress {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var shown = ContinuousClock.now

    func show(_ text: String) {
        guard self.isTerminal, ContinuousClock.now - self.shown > .milliseconds(200) else { return }
        self.shown = .now
        StandardError.write("\r\(text)   ")
    }

    func finish() { if self.isTerminal { StandardError.write("\r") } }
}
