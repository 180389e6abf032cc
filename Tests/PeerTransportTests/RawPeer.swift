import Credentials
import NIOCore
import NIOPosix
import NIOSSL

@testable import PeerTransport

/// A client that says what it likes.
enum RawPeer {
    typealias Wire = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// A client's TLS that does not look at the server's host name.
    static func tls(_ identity: Identity) throws -> TLSConfiguration {
        var tls = try identity.clientTLS()
        tls.certificateVerification = .noHostnameVerification
        return tls
    }

    /// Connects; without TLS when there is no configuration.
    static func connect(_ port: Int, _ tls: TLSConfiguration?) async throws -> Wire {
        let context = try tls.map { try NIOSSLContext(configuration: $0) }
        return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try self.add(context, to: channel)
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
    }

    /// Connects for a peer that only writes; unlike a ``Wire`` it may be let go at any time.
    static func line(_ port: Int, _ tls: TLSConfiguration?) async throws -> any Channel {
        let context = try tls.map { try NIOSSLContext(configuration: $0) }
        return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.add(context, to: channel) }
            }
            .connect(host: "127.0.0.1", port: port).get()
    }

    private static func add(_ context: NIOSSLContext?, to channel: any Channel) throws {
        guard let context else { return }
        let handler = try NIOSSLClientHandler(context: context, serverHostname: nil)
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    /// Sends bytes, and reads frames until the other end closes.
    static func exchange(_ bytes: [UInt8], _ port: Int, _ tls: TLSConfiguration?) async throws -> [Frame] {
        try await self.connect(port, tls).executeThenClose { inbound, outbound in
            var decoder = FrameDecoder(limits: FrameLimits(bytesMax: 1_024))
            var frames: [Frame] = []
            do {
                if !bytes.isEmpty { try await outbound.write(ByteBuffer(bytes: bytes)) }
                for try await part in inbound {
                    var offset = 0
                    while let frame = try decoder.next(from: part.readableBytesSpan, at: &offset) {
                        frames.append(frame)
                    }
                }
            } catch  where !(error is CancellationError) {
                // An alert, a reset, a close without goodbye, no frame at all: what came before it counts.
            }
            return frames
        }
    }
}
