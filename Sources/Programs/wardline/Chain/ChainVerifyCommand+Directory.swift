import BLSCertificates
import CanonicalBytes
import Consensus
import Contracts
import Foundation
import Ledger
import Validator

extension ChainVerifyCommand {
    /// Checks what a validator that does not run has of both channels.
    func verify(directory path: String) throws {
        let ledger = "\(path)/ledger"
        guard FileManager.default.fileExists(atPath: ledger) else {
            throw CommandFailure("\(path) is no directory of a validator that ever ran: \(ledger) is missing")
        }
        let genesis = try self.genesis.load()
        let scheme = try ChainSignatures.required(of: genesis.committee)
        let check = try LedgerCheck(
            ledger,
            genesis: genesis,
            logic: ConsortiumContracts(scheme: scheme),
            scheme: scheme
        )
        for channel in Channel.allCases {
            let report = try check.check(channel)
            try StandardOutput.write(self.json ? JSONLine.text(Self.object(report)) : Self.text(report))
        }
    }

    private static func text(_ report: LedgerCheck.Report) -> String {
        let blocks = report.earliest.map { "\($0) to \(report.last)" } ?? "none above \(report.last)"
        return Columns.text([
            ["channel", report.channel.name], ["blocks", blocks],
            ["began with", report.snapshot.map { "a snapshot of block \($0)" } ?? "the genesis"],
            ["transactions", "\(report.transactions)"], ["committees", "\(report.committees)"],
            ["entries", "\(report.entries), of block \(report.stateHeight)"], ["last block", report.tip.bytes.hex],
            ["state root", report.stateRoot.hex],
        ]) + "everything holds\n"
    }

    private static func object(_ report: LedgerCheck.Report) -> [String: Any] {
        var object: [String: Any] = [
            "channel": report.channel.name, "last": report.last, "transactions": report.transactions,
            "committees": report.committees, "entries": report.entries, "state_height": report.stateHeight,
            "block": report.tip.bytes.hex, "state_root": report.stateRoot.hex,
        ]
        if let earliest = report.earliest { object["earliest"] = earliest }
        if let snapshot = report.snapshot { object["snapshot"] = snapshot }
        return object
    }
}
