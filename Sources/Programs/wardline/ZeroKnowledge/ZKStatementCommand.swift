import ArgumentParser
import CanonicalBytes
import Certificates
import Contracts
import Credentials
import FiniteFields
import Ledger
import ProofFiles
import Transcripts
import Uplink

struct ZKStatementCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "statement",
        abstract: "Write what a proof for a new request has to show, as the chain wants it now.",
        discussion: "Draws the request's identifier, and reads the length of epochs and the number of slots."
    )

    @OptionGroup var options: ValidatorOptions
    @OptionGroup var genesis: GenesisOption

    @Option(help: "The path of the credential's leaf, for its root.", completion: .file(extensions: ["json"]))
    var path: String

    @Option(help: "The digest of the scope that is asked for, 64 hexadecimal digits.")
    var scope: String

    @Option(help: "One of the epoch's requests that was not used yet, from 0.")
    var slot: UInt32

    @Option(help: "The statement's file.", completion: .file(extensions: ["json"]))
    var output: String

    func run() async throws {
        try await reportingFailure {
            let path = try ProofInputs.read(self.path) { try CredentialPathFile($0) }
            let scope = try ProofInputs.digest(self.scope, "--scope")
            let text = try await ChainAccess.with(self.options, self.genesis) { access in
                let epochs = ChainParameter.epochSeconds
                let slots = ContractParameter.slotsPerEpoch
                let seconds = try await self.number(epochs.rawValue, epochs.defaultValue, epochs.range, access)
                let limit = try await self.number(slots.rawValue, slots.defaultValue, slots.range, access)
                return try JSONLine.text([
                    "version": 1, "chain": access.client.chain.hex, "request": SecureRandom.bytes(32).hex,
                    "certificate": access.identity.certificate.digest.hex, "scope": scope.hex,
                    "epoch": Int(Seconds.now / seconds), "slot": Int(self.slot), "limit": Int(limit),
                    "root": path.root.bytes.hex,
                ])
            }
            _ = try StatementFile(Array(text.utf8))
            try PublicFile.write(Array(text.utf8), to: self.output)
        }
    }

    /// A parameter's value as contracts take it, proven.
    private func number(
        _ name: String,
        _ initial: UInt64,
        _ range: ClosedRange<UInt64>,
        _ access: ChainAccess
    ) async throws -> UInt64 {
        guard let bytes = try await access.client.value(of: StateKey.parameter(name), on: .access).value else {
            return initial
        }
        var reader = CanonicalReader(bytes)
        return min(max(try reader.u64(), range.lowerBound), range.upperBound)
    }
}
