import Agent
import ArgumentParser
import CanonicalBytes
import Credentials
import Foundation
import Spool

extension SpoolCommand {
    struct ShareRequests: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "share-requests",
            abstract: "List the share requests that the agent was given to hand in, and what became of them.",
            discussion: """
                Columns: when it came, identifier, method, how it came, state, and behind it the block's height and the \
                contract's code, or the reason. Works beside a running agent.
                """
        )

        @OptionGroup var file: ConfigurationFile

        @Option(help: "Only those in this state: queued, submitted, committed, rejected or expired.")
        var state: StoredShareRequest.State?

        @Option(help: ArgumentHelp("Write the proof that a request is in a block to a new file.", valueName: "id"))
        var proof: String?

        @Option(help: "The new file for --proof.", completion: .file())
        var output: String?

        @Flag(help: "Print one JSON object a line.")
        var json = false

        func validate() throws {
            guard (self.proof == nil) == (self.output == nil) else {
                throw ValidationError("--proof and --output go together")
            }
        }

        func run() throws {
            try reportingFailure {
                let spool = try self.file.store().spool
                if let proof, let output { return try Self.write(proofOf: proof, from: spool, to: output) }
                var sequence: Int64 = 0
                while true {
                    let found = try spool.shareRequests(self.state, after: sequence, max: 1_000)
                    guard let last = found.last else { return }
                    for request in found { try StandardOutput.write(self.line(request)) }
                    sequence = last.sequence
                }
            }
        }

        private static func write(proofOf text: String, from spool: Spool, to path: String) throws {
            guard let id = [UInt8](hex: text), id.count == 32 else {
                throw CommandFailure("an identifier has 64 hexadecimal digits")
            }
            guard let bytes = try spool.shareProof(id) else {
                throw CommandFailure("no block is known to hold \(text)")
            }
            guard !PrivateFile.exists(path) else { throw CommandFailure("\(path) exists already") }
            try PrivateFile.write(bytes, to: path)
        }

        private func line(_ request: StoredShareRequest) throws -> [UInt8] {
            guard !self.json else {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                return Array(try encoder.encode(ShareRequestDocument(request))) + [UInt8(ascii: "\n")]
            }
            let outcome: String
            if let height = request.height, let code = request.code {
                outcome = "block \(height)\t\(code == 0 ? "ok" : "\(code) \(request.reason)")"
            } else {
                outcome = request.reason.isEmpty ? "-" : request.reason
            }
            let columns = [
                Seconds.text(UInt64(max(0, request.accepted)) / 1_000), request.id.hex, request.method,
                request.source.rawValue, request.state.rawValue, outcome,
            ]
            return Array((columns.joined(separator: "\t") + "\n").utf8)
        }
    }
}

extension StoredShareRequest.State: ExpressibleByArgument {}
