internal import AuditTrail
internal import CanonicalBytes
internal import Certificates
internal import ChainInterface
internal import Consensus
internal import Contracts
internal import Dashboard
internal import Foundation
internal import Ledger

/// Reads a validator's own ledger for its dashboard; it changes nothing.
struct ValidatorDashboard: ChainDashboardSource {
    /// Blocks of each channel that the first page shows.
    private static let blocksMax: UInt64 = 15

    let backend: any ChainBackend

    func chain() async throws -> ChainView {
        let status = await self.backend.status()
        var channels: [ChainView.Channel] = []
        for channel in status.channels { channels.append(try await self.channel(channel)) }
        return ChainView(
            now: Int64(Date().timeIntervalSince1970 * 1_000),
            chain: status.chain,
            number: status.number,
            name: status.name,
            obstacles: status.obstacles,
            channels: channels,
            others: status.peers.map {
                .init(number: $0.number, name: $0.name, isConnected: $0.isConnected, score: $0.score)
            }
        )
    }

    func block(_ height: UInt64, on channel: String) async throws -> BlockView? {
        guard let channel = Channel(name: channel) else { return nil }
        return try await self.view(of: height, on: channel)
    }

    func place(ofTransaction id: String) async throws -> (channel: String, height: UInt64)? {
        guard let bytes = [UInt8](hex: id), bytes.count == 32 else { return nil }
        for channel in Channel.allCases {
            if let proof = try await self.backend.proof(of: bytes, on: channel) {
                return (channel.name, proof.header.height)
            }
        }
        return nil
    }

    private func channel(_ status: ChainStatus.ChannelStatus) async throws -> ChainView.Channel {
        var blocks: [BlockView] = []
        if let channel = Channel(name: status.channel), status.height > 0 {
            let first = max(1, status.earliestBlock, status.height - min(status.height, Self.blocksMax - 1))
            for height in stride(from: status.height, through: first, by: -1) {
                if let block = try await self.view(of: height, on: channel) { blocks.append(block) }
            }
        }
        return ChainView.Channel(
            name: status.channel,
            height: status.height,
            time: Int64(clamping: status.time),
            epoch: status.epoch,
            view: status.view,
            isChangingView: status.isChangingView,
            leader: status.leader,
            members: status.members,
            reachable: status.reachable,
            margin: status.margin,
            poolCount: status.poolCount,
            transactions: status.transactionsCommitted,
            viewChanges: status.viewChanges,
            evidence: status.evidenceReported,
            blocks: blocks
        )
    }

    private func view(of height: UInt64, on channel: Channel) async throws -> BlockView? {
        let served: ServedBlock?
        do throws(ChainRefusal) { served = try await self.backend.block(at: height, on: channel) } catch {
            if case .pruned = error { return nil }
            throw error
        }
        return served.map(self.view)
    }

    private func view(_ served: ServedBlock) -> BlockView {
        let header = served.block.header
        let genesis = self.backend.genesis
        let named = header.epoch == genesis.committee.epoch ? served.certificate.signers(in: genesis.committee) : nil
        return BlockView(
            channel: header.channel.name,
            height: header.height,
            hash: header.hash.bytes.hex,
            parent: header.parent.bytes.hex,
            time: Int64(clamping: header.time),
            epoch: header.epoch,
            view: served.certificate.view,
            signers: served.certificate.signers.reduce(0) { $0 + $1.nonzeroBitCount },
            signerNames: (named ?? []).map { member in
                genesis.validators.first { $0.id == member.id }?.name.description ?? "\(member.id.number)"
            },
            roots: [
                ("Transactions", header.transactionRoot.hex), ("Receipts", header.receiptRoot.hex),
                ("State", header.stateRoot.hex), ("Validators", header.validatorsRoot.hex),
            ],
            transactions: zip(served.block.transactions, served.receipts).map(Self.view)
        )
    }

    private static func view(_ transaction: Transaction, _ receipt: TransactionReceipt) -> BlockView.Transaction {
        let body = transaction.body
        return BlockView.Transaction(
            id: transaction.id.hex,
            kind: "\(body.contract).\(body.method)",
            caller: self.caller(of: transaction),
            rejection: receipt.code == 0 ? "" : RejectionCode.text(receipt.code),
            cost: receipt.cost,
            bytes: transaction.bytes.count,
            events: receipt.events.map(\.topic)
        )
    }

    private static func caller(of transaction: Transaction) -> String {
        switch transaction.authorization {
        case .identity(let bytes, _):
            // Patients sign consents themselves; whoever looks at blocks has no business with their names.
            (try? ImplicitCertificate(bytes: bytes)).map { PatientNames.left(out: $0.fields.subject) } ?? "somebody"
        case .pseudonym: "the pseudonym \(transaction.body.signer.prefix(8).hex)"
        case .none: "nobody"
        }
    }
}
