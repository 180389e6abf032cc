import CanonicalBytes
import EVMProofs
import Foundation
import IBTP
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// JSON-RPC of a chain whose blocks a test writes, over HTTP on loopback; it can be told to lie.
final class TestNode: Sendable {
    struct Block {
        var header: EVMBlockHeader
        var receipts: [EVMReceipt]

        var transactions: [[UInt8]] {
            self.receipts.indices.map { Keccak256.digest(self.header.hash + [UInt8($0)]) }
        }
    }

    enum Lie: CaseIterable {
        case forgottenLogs
        case anotherHash
        case anotherReceipt
        case missingReceipt
        case logsOfAnotherBlock
        case anotherParent
        case takenBack
        case wrongQuestion
        case brokenText
        case wideQuery
    }

    struct State {
        var blocks: [Block] = []
        var lie: Lie?
        /// Widest stretch of blocks that was asked for.
        var widest: UInt64 = 0
    }

    static let broker = SampleLogs.address(0xB0)

    let state = Mutex(State())
    let url: String
    private let channel: any Channel

    init() async throws {
        let box = Box()
        self.channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.pipeline.configureHTTPServerPipeline().flatMapThrowing {
                    try channel.pipeline.syncOperations.addHandler(Handler(box))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        self.url = "http://127.0.0.1:\(self.channel.localAddress?.port ?? 0)"
        box.node.withLock { $0 = self }
    }

    func close() async throws { try await self.channel.close() }

    /// The server's way to the node, which is there only after it listens.
    final class Box: Sendable { let node = Mutex<TestNode?>(nil) }

    /// Adds a block with receipts on the last one.
    func append(_ receipts: [EVMReceipt]) throws {
        try self.state.withLock { state in state.blocks.append(try Self.block(on: state.blocks, receipts, salt: 0)) }
    }

    /// Replaces the blocks from a height on by as many others.
    func replace(from height: Int, _ receipts: [[EVMReceipt]]) throws {
        try self.state.withLock { state in
            state.blocks.removeSubrange(height...)
            for receipts in receipts { state.blocks.append(try Self.block(on: state.blocks, receipts, salt: 7)) }
        }
    }

    func lie(_ lie: Lie?) { self.state.withLock { $0.lie = lie } }

    private static func block(on blocks: [Block], _ receipts: [EVMReceipt], salt: UInt64) throws -> Block {
        let empty = Keccak256.digest([0x80])
        let root = receipts.isEmpty ? empty : try ReceiptTrie(receipts.map(\.encoded)).root
        let bloom = EVMBloom.filter(receipts.flatMap(\.logs))
        let parent = blocks.last?.header.hash ?? [UInt8](repeating: 0, count: 32)
        let fields = EVMBlockHeader.Field.allCases.prefix(16).map { field -> RLPItem in
            switch field {
            case .parentHash: .bytes(parent)
            case .receiptsRoot: .bytes(root)
            case .logsBloom: .bytes(bloom)
            case .number: .number(UInt64(blocks.count))
            case .timestamp: .number(1_000 + UInt64(blocks.count) + salt)
            default:
                switch field.shape {
                case .bytes(let count): .bytes([UInt8](repeating: 0, count: count))
                case .anyBytes: .bytes([])
                case .number: .number(1)
                }
            }
        }
        return Block(header: try EVMBlockHeader(fields: fields), receipts: receipts)
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let box: Box
        private var body: [UInt8] = []

        init(_ box: Box) { self.box = box }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch self.unwrapInboundIn(data) {
            case .head: self.body = []
            case .body(let part): self.body += part.readableBytesView
            case .end:
                let answer = self.box.node.withLock { $0 }?.answer(Data(self.body)) ?? Data()
                let headers = HTTPHeaders([("content-length", "\(answer.count)")])
                let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
                context.write(self.wrapOutboundOut(.head(head)), promise: nil)
                context.write(self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer)))), promise: nil)
                context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}
