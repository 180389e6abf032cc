import CanonicalBytes
import Certificates
import Consensus
import Contracts
import Foundation
import Ledger
import Uplink

/// A block whose certificate and roots hold, with what came of its transactions.
struct ProvenBlock {
    let block: LedgerBlock
    let certificate: QuorumCertificate
    let receipts: [TransactionReceipt]
    /// The committee that certified it.
    let committee: Committee

    /// Asks validators until one proves a block; the last one for no height.
    static func fetch(_ height: Height?, on channel: Channel, from access: ChainAccess) async throws -> ProvenBlock {
        try await access.any { url in
            let explorer = ExplorerClient(base: url, client: access.http)
            let pair = try await explorer.block(at: height, on: channel)
            let block = try LedgerBlock(bytes: pair.payload)
            let certificate = try QuorumCertificate(bytes: pair.certificate)
            let isAsked = height == nil || block.header.height == height
            guard isAsked else { throw CommandFailure("answers with another block") }
            let view = try await access.view(of: channel, reaching: block.header.epoch)
            try view.check(block.header, certificate)
            let receipts = try await explorer.receipts(at: block.header.height, on: channel)
            let isWhole =
                BlockTrees.root(block.transactions.map(\.id)) == block.header.transactionRoot
                && BlockTrees.root(receipts.map(\.bytes)) == block.header.receiptRoot
                && receipts.count == block.transactions.count
            guard isWhole, let committee = view.committees.committee(deciding: block.header.height) else {
                throw CommandFailure("the block's contents are not those of its header")
            }
            return ProvenBlock(block: block, certificate: certificate, receipts: receipts, committee: committee)
        }
    }
}

/// Blocks and transactions in words.
struct ExplorerText {
    let genesis: Genesis
    /// Shows arguments and data of events too, hexadecimal.
    let isRaw: Bool

    func text(_ proven: ProvenBlock) -> String {
        let header = proven.block.header
        let signers = (proven.certificate.signers(in: proven.committee) ?? []).map { self.name(of: $0.id) }
        var rows = [
            ["block", "\(header.height)"], ["hash", header.hash.bytes.hex], ["channel", header.channel.name],
            ["time", Self.time(header.time)], ["epoch", "\(header.epoch)"], ["parent", header.parent.bytes.hex],
            ["transactions", "\(proven.block.transactions.count), root \(header.transactionRoot.hex)"],
            ["receipts", "root \(header.receiptRoot.hex)"], ["state", "root \(header.stateRoot.hex)"],
            ["validators", "digest \(header.validatorsRoot.hex)"],
        ]
        if header.evidenceRoot != BlockHeader.noRoot { rows.append(["evidence", "root \(header.evidenceRoot.hex)"]) }
        rows.append([
            "certificate",
            "view \(proven.certificate.view), \(signers.count) of \(proven.committee.size): "
                + signers.joined(separator: ", "),
        ])
        if let next = proven.block.nextCommittee {
            rows.append(["next committee", next.members.map { self.name(of: $0.id) }.joined(separator: ", ")])
        }
        let transactions = zip(proven.block.transactions, proven.receipts).enumerated()
        return Columns.text(rows) + transactions.map { "\($0). \(self.text($1.0, $1.1))" }.joined()
    }

    func text(_ transaction: Transaction, _ receipt: TransactionReceipt) -> String {
        let body = transaction.body
        var text = "\(transaction.id.hex)  \(body.contract).\(body.method)  by \(Self.caller(of: transaction))  "
        text += receipt.code == 0 ? "ok" : "rejected: \(RejectionCode.text(receipt.code))"
        text += "  cost \(receipt.cost), \(transaction.bytes.count) bytes\n"
        if self.isRaw { text += "   arguments \(body.arguments.hex)\n" }
        for event in receipt.events {
            text += "   event \(event.topic)\(self.isRaw ? " \(event.data.hex)" : ", \(event.data.count) bytes")\n"
        }
        return text
    }

    func object(_ proven: ProvenBlock) -> [String: Any] {
        let header = proven.block.header
        let signers = proven.certificate.signers(in: proven.committee) ?? []
        return [
            "channel": header.channel.name, "height": header.height, "block": header.hash.bytes.hex,
            "parent": header.parent.bytes.hex, "time_ms": header.time, "epoch": header.epoch,
            "view": proven.certificate.view, "state_root": header.stateRoot.hex,
            "transaction_root": header.transactionRoot.hex, "receipt_root": header.receiptRoot.hex,
            "signers": signers.map { self.name(of: $0.id) },
            "transactions": zip(proven.block.transactions, proven.receipts).map { self.object($0, $1) },
        ]
    }

    func object(_ transaction: Transaction, _ receipt: TransactionReceipt) -> [String: Any] {
        let body = transaction.body
        var object: [String: Any] = [
            "transaction": transaction.id.hex, "contract": body.contract, "method": body.method,
            "caller": Self.caller(of: transaction), "nonce": body.nonce, "valid_until_ms": body.validUntil,
            "bytes": transaction.bytes.count, "code": Int(receipt.code), "cost": receipt.cost,
        ]
        if self.isRaw { object["arguments"] = body.arguments.hex }
        object["events"] = receipt.events.map { event -> [String: Any] in
            self.isRaw
                ? ["topic": event.topic, "data": event.data.hex] : ["topic": event.topic, "bytes": event.data.count]
        }
        return object
    }

    /// A validator by the name that the genesis gives it, by its number otherwise.
    private func name(of id: ReplicaID) -> String {
        self.genesis.validators.first { $0.id == id }.map { "\(id.number) \($0.name)" } ?? "\(id.number)"
    }

    static func caller(of transaction: Transaction) -> String {
        switch transaction.authorization {
        case .identity(let bytes, _): (try? ImplicitCertificate(bytes: bytes))?.fields.subject ?? "somebody"
        case .pseudonym: "the pseudonym \(transaction.body.signer.prefix(8).hex)"
        case .none: "nobody"
        }
    }

    /// Date and time, UTC.
    static func time(_ milliseconds: UInt64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1_000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}

/// One JSON object a line.
enum JSONLine {
    static func text(_ object: [String: Any]) throws -> String {
        let options: JSONSerialization.WritingOptions = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try JSONSerialization.data(withJSONObject: object, options: options), as: UTF8.self)
            + "\n"
    }
}
