import CanonicalBytes
import Testing
import Transcripts

@testable import BLSCertificates
@testable import Consensus

@Suite struct ReplicaTests {
    @Test(arguments: [true, false])
    func replicasCommitBlocksWithTheirChainsCertificates(_ isAggregated: Bool) throws {
        let validators = try Validators(isAggregated: isAggregated)
        var network = Network(validators)
        try network.run()
        for delivered in network.delivered {
            #expect(delivered.map(\.block.height) == [1, 2])
            for block in delivered {
                #expect(validators.isValid(block.certificate))
                #expect(block.certificate.block == block.block.hash)
            }
        }
    }

    @Test(arguments: [0, 1, 3])
    func aShareOfAnotherKeySpoilsNoCertificate(_ liar: Int) throws {
        let validators = try Validators()
        var network = Network(validators)
        // The liar signs its commits, with a share that another key made or that is no signature at all.
        network.bend = { message, from in
            guard from == liar, case .commit(let commit) = message else { return message }
            let other = validators.commit(commit.slot, by: 2).share
            let share = commit.slot.height == 1 ? other : [UInt8](repeating: 0, count: 96)
            return .commit(
                Commit(
                    signing: commit.slot,
                    share: share,
                    as: commit.replica,
                    in: Validators.chain,
                    with: validators.signers[liar]
                )
            )
        }
        try network.run()
        for (replica, delivered) in network.delivered.enumerated() where replica != liar {
            #expect(delivered.map(\.block.height) == [1, 2])
            for block in delivered {
                #expect(validators.isValid(block.certificate))
                #expect(block.certificate.signers[0] & 1 << UInt8(liar) == 0)
            }
        }
    }
}

/// Blocks of a height and a parent.
private struct Reader: BlockReader {
    static let genesis = BlockHash(TaggedHash.digest("TEST-GENESIS")) ?? .zero

    func block(of payload: [UInt8]) throws(ProtocolFailure) -> Block {
        var reader = CanonicalReader(payload)
        let height = try reader.u64()
        let parent = try reader.blockHash()
        try reader.finish()
        guard let hash = BlockHash(TaggedHash.digest("TEST-BLOCK", payload)) else {
            throw ProtocolFailure(.format, "hash")
        }
        return Block(height: height, parent: parent, hash: hash, payload: payload)
    }

    func block(height: Height, parent: BlockHash) throws(ProtocolFailure) -> Block {
        var writer = CanonicalWriter()
        writer.u64(height)
        parent.write(to: &writer)
        return try self.block(of: writer.bytes)
    }
}

/// Replicas on a network that loses nothing.
private struct Network {
    var replicas: [Replica]
    var delivered: [[CertifiedBlock]]
    /// What leaves instead of a replica's message.
    var bend: (_ message: Message, _ from: Int) -> Message = { message, _ in message }
    private var inbox: [(from: Int, to: Int, message: Message)] = []

    init(_ validators: Validators) {
        self.replicas = validators.signers.enumerated().map { index, signer in
            Replica(
                id: ReplicaID(UInt16(index)),
                chain: Validators.chain,
                genesis: (Reader.genesis, validators.committee),
                configuration: ReplicaConfiguration(),
                signer: signer,
                scheme: validators.scheme
            )
        }
        self.delivered = Array(repeating: [], count: validators.signers.count)
    }

    /// Two blocks are proposed and committed.
    mutating func run() throws {
        for index in self.replicas.indices { try self.step(index, .work(isPending: true)) }
        while !self.inbox.isEmpty {
            let next = self.inbox.removeFirst()
            let sender = ReplicaID(UInt16(next.from))
            let verified = try self.replicas[next.to].verifier.verify(next.message, from: sender)
            try self.step(next.to, .message(verified))
        }
    }

    private mutating func step(_ index: Int, _ event: Event) throws {
        for effect in self.replicas[index].step(event) {
            switch effect {
            case .send(let message, let peer):
                self.inbox.append((index, Int(peer.number), self.bend(message, index)))
            case .broadcast(let message):
                for peer in self.replicas.indices where peer != index {
                    self.inbox.append((index, peer, self.bend(message, index)))
                }
            case .validate(let block): try self.step(index, .validated(block.hash, isValid: true))
            case .build(let height, let parent):
                let block = height <= 2 ? try Reader().block(height: height, parent: parent) : nil
                try self.step(index, .built(block, height: height, parent: parent))
            case .deliver(let block): self.delivered[index].append(block)
            case .persist, .startTimer, .serveBlocks, .fetchSnapshot, .report, .alarm: break
            }
        }
    }
}
