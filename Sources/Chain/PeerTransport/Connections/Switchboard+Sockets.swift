internal import NIOCore
internal import NIOPosix

extension Switchboard {
    /// What the kernel and the TLS handler hold for one connection before its queue has to wait.
    private static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 1 << 16, high: 1 << 18)
    /// With NIO's four reads in a row, this bounds what comes after reading paused.
    private static let receiveAllocator = AdaptiveRecvByteBufferAllocator(
        minimum: 4_096,
        initial: 16_384,
        maximum: 65_536
    )

    var serverBootstrap: ServerBootstrap {
        var bootstrap = ServerBootstrap(group: self.loop)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelOption(.recvAllocator, value: Self.receiveAllocator)
            .childChannelOption(.maxMessagesPerRead, value: 4)
        bootstrap = bootstrap.childChannelOption(.writeBufferWaterMark, value: Self.waterMark)
        return bootstrap
    }

    var clientBootstrap: ClientBootstrap {
        let bootstrap = ClientBootstrap(group: self.loop)
            .connectTimeout(self.handshakeTime)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.recvAllocator, value: Self.receiveAllocator)
            .channelOption(.writeBufferWaterMark, value: Self.waterMark)
        guard let bytes = self.configuration.sendBufferBytes else { return bootstrap }
        return bootstrap.channelOption(.socketOption(.so_sndbuf), value: .init(clamping: bytes))
    }
}
