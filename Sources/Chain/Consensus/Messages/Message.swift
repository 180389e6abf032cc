package import CanonicalBytes

/// Everything that replicas say to each other.
package enum Message: Hashable, Sendable {
    case prePrepare(PrePrepare)
    case prepare(Prepare)
    case commit(Commit)
    case viewChange(ViewChange)
    case newView(NewView)
    case status(Status)
    /// Asks for certified blocks from this height upwards.
    case blockRequest(from: Height)
    /// Certified blocks, ascending and without gaps.
    case blocks([CertifiedBlock])
    /// Asks for a block that is not certified yet, by its hash.
    case bodyRequest(BlockHash)
    case body(Block)
}

extension Message {
    /// Blocks that one answer may hold.
    package static let blocksPerAnswer = 64

    /// The canonical bytes: a kind, then the body.
    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 512)
        switch self {
        case .prePrepare(let message):
            writer.u8(1)
            message.write(to: &writer)
        case .prepare(let message):
            writer.u8(2)
            message.write(to: &writer)
        case .commit(let message):
            writer.u8(3)
            message.write(to: &writer)
        case .viewChange(let message):
            writer.u8(4)
            message.write(to: &writer)
        case .newView(let message):
            writer.u8(5)
            message.write(to: &writer)
        case .status(let message):
            writer.u8(6)
            message.write(to: &writer)
        case .blockRequest(let height):
            writer.u8(7)
            writer.u64(height)
        case .blocks(let blocks):
            writer.u8(8)
            writer.u16(UInt16(blocks.count))
            for block in blocks { block.write(to: &writer) }
        case .bodyRequest(let hash):
            writer.u8(9)
            hash.write(to: &writer)
        case .body(let block):
            writer.u8(10)
            writer.lengthPrefixed(block.payload)
        }
        return writer.bytes
    }

    /// Reads a message strictly; every count and length is bounded.
    ///
    /// - Throws: ``ProtocolFailure`` with code `FORMAT`, or what the block reader throws.
    package init(bytes: [UInt8], blocks reader: any BlockReader) throws(ProtocolFailure) {
        var input = CanonicalReader(bytes)
        try self.init(rest: &input, blocks: reader)
    }

    /// Reads a message that fills what is left of the input.
    ///
    /// - Throws: as ``init(bytes:blocks:)``.
    package init(rest input: inout CanonicalReader, blocks reader: any BlockReader) throws(ProtocolFailure) {
        switch try input.u8() {
        case 1: self = .prePrepare(try PrePrepare(from: &input, blocks: reader))
        case 2: self = .prepare(try Prepare(from: &input))
        case 3: self = .commit(try Commit(from: &input))
        case 4: self = .viewChange(try ViewChange(from: &input))
        case 5: self = .newView(try NewView(from: &input))
        case 6: self = .status(try Status(from: &input))
        case 7: self = .blockRequest(from: try input.u64())
        case 8:
            let count = Int(try input.u16())
            try require(count <= Self.blocksPerAnswer, .format, "\(count) blocks in an answer")
            var blocks: [CertifiedBlock] = []
            for _ in 0..<count { blocks.append(try CertifiedBlock(from: &input, blocks: reader)) }
            self = .blocks(blocks)
        case 9: self = .bodyRequest(try input.blockHash())
        case 10: self = .body(try reader.block(of: try input.lengthPrefixed()))
        case let kind: throw ProtocolFailure(.format, "unknown message kind \(kind)")
        }
        try input.finish()
    }
}

extension CertifiedBlock {
    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.block.payload)
        self.certificate.write(to: &writer)
    }

    package init(from reader: inout CanonicalReader, blocks: any BlockReader) throws(ProtocolFailure) {
        self.block = try blocks.block(of: try reader.lengthPrefixed())
        self.certificate = try QuorumCertificate(from: &reader)
        try require(
            self.certificate.block == self.block.hash && self.certificate.height == self.block.height,
            .format,
            "a certificate of another block"
        )
    }
}
