import CanonicalBytes
import Consensus
import Ledger
import PeerTransport

extension Conduct {
    // MARK: - History

    /// A snapshot's manifest or chunk with a damaged byte behind its header.
    mutating func bend(snapshot honest: Outgoing) -> Outgoing {
        guard honest.bytes.count > 32, self.does(.forgedHistory, 700) else { return honest }
        var bytes = honest.bytes
        let place = Int.random(in: 18..<bytes.count, using: &self.random)
        bytes[place] ^= UInt8.random(in: 1...255, using: &self.random)
        return Outgoing(bytes: bytes, kind: honest.kind, frameClass: honest.frameClass, peers: honest.peers)
    }

    /// A manifest or a chunk that nobody asked for.
    mutating func unaskedSnapshot(_ channel: Channel) -> Outgoing {
        let content = (0..<Int.random(in: 1...2_048, using: &self.random)).map { _ in
            UInt8.random(in: 0...255, using: &self.random)
        }
        var writer = CanonicalWriter(capacity: content.count + 32)
        writer.u8(channel.rawValue)
        if self.random.chance(500) {
            writer.u8(2)
        } else {
            writer.u8(4)
            writer.u64(self.standing[channel]?.status?.committed ?? 1)
            writer.u32(UInt32.random(in: 0...8, using: &self.random))
        }
        writer.lengthPrefixed(content)
        return Outgoing(bytes: writer.bytes, kind: WireKind.snapshot, frameClass: .sync, peers: self.somebody())
    }

    /// Certified blocks of which one is exchanged for a block that nobody certified, or has another body under its header.
    mutating func bend(_ blocks: [CertifiedBlock], _ channel: Channel, _ honest: Outgoing) -> [Outgoing] {
        guard let place = blocks.indices.randomElement(using: &self.random), self.does(.forgedHistory, 700),
            let block = try? LedgerBlock(bytes: blocks[place].block.payload)
        else { return [honest] }
        var forged = blocks
        let certificate = blocks[place].certificate
        let isBody = self.random.chance(500) && !block.transactions.isEmpty
        forged[place] = isBody ? Self.shortened(block, certificate) : Self.uncertified(block, like: certificate)
        return [Outgoing(.blocks(forged), in: channel, to: honest.peers)]
    }

    private static func shortened(_ block: LedgerBlock, _ certificate: QuorumCertificate) -> CertifiedBlock {
        let other = LedgerBlock(
            header: block.header,
            transactions: block.transactions.dropLast(),
            nextCommittee: block.nextCommittee
        )
        return CertifiedBlock(block: other.description(payload: other.bytes), certificate: certificate)
    }

    private static func uncertified(_ block: LedgerBlock, like: QuorumCertificate) -> CertifiedBlock {
        let header = block.header.changed(time: block.header.time + 1)
        let other = LedgerBlock(header: header, transactions: block.transactions, nextCommittee: block.nextCommittee)
        let certificate = QuorumCertificate(
            version: like.version,
            epoch: like.epoch,
            view: like.view,
            height: like.height,
            block: header.hash,
            signers: like.signers,
            proof: like.proof
        )
        return CertifiedBlock(block: other.description(payload: other.bytes), certificate: certificate)
    }

    /// An answer to who asks for blocks: one of its own making, under a certificate of nothing.
    mutating func forgeBlocks(from height: Height, _ channel: Channel, to peer: UInt16) -> [Outgoing] {
        let mine = self.forgedOrder.compactMap { self.forged[$0] }.filter { $0.channel == channel }
        guard let block = mine.last?.block, block.height >= height, self.does(.forgedHistory, 300) else { return [] }
        let certificate = QuorumCertificate(
            version: .ed25519MultiSignature,
            epoch: self.committee.epoch,
            view: self.standing[channel]?.status?.view ?? 0,
            height: block.height,
            block: block.hash,
            signers: [UInt8](repeating: 0xFF, count: (self.committee.size + 7) / 8),
            proof: [UInt8](repeating: 7, count: 64 * self.committee.size)
        )
        let forged = CertifiedBlock(block: block, certificate: certificate)
        return [Outgoing(.blocks([forged]), in: channel, to: [peer])]
    }

    // MARK: - Noise

    /// Questions that cost the others work.
    mutating func questions(_ count: Int) -> [Outgoing] {
        var frames: [Outgoing] = []
        for _ in 0..<count {
            self.note(.flood)
            let channel: Channel = self.random.chance(500) ? .access : .index
            switch Int.random(in: 0..<3, using: &self.random) {
            case 0: frames.append(Outgoing(.blockRequest(from: 1), in: channel, to: self.peers))
            case 1: frames.append(Outgoing(.bodyRequest(.zero), in: channel, to: self.peers))
            default:
                let wanted: [UInt8] = [channel.rawValue, 1]
                frames.append(Outgoing(bytes: wanted, kind: WireKind.snapshot, frameClass: .sync, peers: self.peers))
            }
        }
        return frames
    }

    /// Random bytes, and true messages with a flipped byte or without their end.
    mutating func garbage() -> [Outgoing] {
        self.note(.garbage)
        let kind = UInt8.random(in: 0...7, using: &self.random)
        if self.random.chance(500), let old = self.repetition() {
            var bytes = old.bytes
            if self.random.chance(500) {
                bytes.removeLast(Int.random(in: 1...bytes.count, using: &self.random))
            } else {
                let place = Int.random(in: 0..<bytes.count, using: &self.random)
                bytes[place] ^= UInt8.random(in: 1...255, using: &self.random)
            }
            return [Outgoing(bytes: bytes, kind: old.kind, frameClass: old.frameClass, peers: self.somebody())]
        }
        let length = Int.random(in: 0...4_096, using: &self.random)
        let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &self.random) }
        return [Outgoing(bytes: bytes, kind: kind, frameClass: .votes, peers: self.somebody())]
    }
}
