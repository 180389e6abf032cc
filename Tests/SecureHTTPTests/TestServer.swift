import Authority
import Certificates
import Credentials
import Foundation
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import NIOSSL

@testable import SecureHTTP

/// An authority with identities, and servers on free ports.
final class TestSite: Sendable {
    let directory: String
    let authority: Authority
    let server: Identity

    init(organization: String = "clinic") throws {
        self.directory = FileManager.default.temporaryDirectory.appendingPathComponent("wardline-\(UUID())").path
        try Authority.create(
            directory: self.directory,
            organization: organization,
            name: "ca",
            hosts: [.dns("localhost")],
            at: Self.now
        )
        self.authority = try Authority(directory: self.directory)
        self.server = try Self.identity(.privacyCenter, self.authority, self.directory, hosts: [.dns("localhost")])
    }

    deinit { try? FileManager.default.removeItem(atPath: self.directory) }

    static var now: UInt64 { UInt64(Date().timeIntervalSince1970) }

    func identity(_ role: PartyRole) throws -> Identity { try Self.identity(role, self.authority, self.directory) }

    private static func identity(
        _ role: PartyRole,
        _ authority: Authority,
        _ directory: String,
        hosts: [HostName] = []
    ) throws -> Identity {
        guard let party = PartyName(organization: "clinic", role: role, name: "one") else { throw CancellationError() }
        return try authority.install(party, hosts: hosts, into: "\(directory)/\(role.rawValue)", at: Self.now)
    }

    /// Runs a server for the time of `body`, which gets its port.
    func serve(
        _ clientCertificates: ClientCertificates = .required,
        identity: Identity? = nil,
        circle: TLSCircle = .consortium,
        address: String = "127.0.0.1",
        limits: ServerLimits = ServerLimits(),
        revocations: (any RevocationSource)? = nil,
        metrics: RequestMetrics? = nil,
        directory: String? = nil,
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        routes: (Router<SecureRequestContext>) -> Void = { _ in },
        body: @Sendable @escaping (Int) async throws -> Void
    ) async throws {
        let router = Router(context: SecureRequestContext.self)
        HealthRoutes.add(to: router)
        routes(router)
        let server = try SecureHTTPServer(
            name: "test",
            address: address,
            port: 0,
            identity: identity ?? self.server,
            clientCertificates: clientCertificates,
            circle: circle,
            limits: limits,
            revocations: revocations,
            metrics: metrics,
            directory: directory,
            router: router,
            logger: logger
        )
        try await withThrowingTaskGroup { group in
            group.addTask {
                do { try await server.run() } catch is CancellationError {}
            }
            try await body(server.port())
            group.cancelAll()
        }
    }
}

/// A TLS client that sends bytes as they are and reads until the server closes.
enum RawClient {
    /// Connects without a certificate of its own.
    static func anonymous(_ site: TestSite) throws -> TLSConfiguration {
        var tls = try site.server.clientTLS()
        tls.certificateChain = []
        tls.privateKey = nil
        return tls
    }

    static func get(
        _ path: String,
        _ port: Int,
        _ tls: TLSConfiguration,
        at host: String = "127.0.0.1"
    ) async throws -> String {
        let request = "GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        return try await self.exchange(request, port, tls, at: host)
    }

    /// Connections that have had an answer and stay open.
    static func held(_ count: Int, _ port: Int, _ tls: TLSConfiguration) async throws -> [any Channel] {
        let context = try NIOSSLContext(configuration: tls)
        var channels: [any Channel] = []
        for _ in 0..<count {
            let answered = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: Void.self)
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let handler = try NIOSSLClientHandler(context: context, serverHostname: "localhost")
                        try channel.pipeline.syncOperations.addHandlers([handler, FirstAnswer(answered)])
                    }
                }
                .connect(host: "127.0.0.1", port: port).get()
            try await channel.writeAndFlush(ByteBuffer(string: "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"))
            try await answered.futureResult.get()
            channels.append(channel)
        }
        return channels
    }

    private final class FirstAnswer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private var promise: EventLoopPromise<Void>?

        init(_ promise: EventLoopPromise<Void>) { self.promise = promise }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { self.promise.take()?.succeed() }

        func channelInactive(context: ChannelHandlerContext) { self.promise.take()?.fail(ChannelError.eof) }
    }

    /// The fingerprint of the certificate that the server shows.
    static func serverFingerprint(_ port: Int, _ tls: TLSConfiguration) async throws -> [UInt8] {
        let context = try NIOSSLContext(configuration: tls)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = try NIOSSLClientHandler(context: context, serverHostname: "localhost")
                    try channel.pipeline.syncOperations.addHandler(handler)
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"))
            for try await _ in inbound { break }
            let certificate = try await channel.channel.nioSSL_peerCertificate().get()
            return try certificate.map { try PeerIdentity($0).fingerprint } ?? []
        }
    }

    static func exchange(
        _ request: String,
        _ port: Int,
        _ tls: TLSConfiguration,
        at host: String = "127.0.0.1"
    ) async throws -> String {
        let context = try NIOSSLContext(configuration: tls)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = try NIOSSLClientHandler(context: context, serverHostname: "localhost")
                    try channel.pipeline.syncOperations.addHandler(handler)
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: request))
            var answer = ByteBuffer()
            do {
                for try await part in inbound { answer.writeImmutableBuffer(part) }
            } catch NIOSSLError.uncleanShutdown {
                // A server that ends a connection on a deadline need not say goodbye.
            }
            return String(buffer: answer)
        }
    }
}

/// Says that some digests are revoked.
struct Revoked: RevocationSource {
    let digests: [[UInt8]]
    func contains(_ digest: [UInt8]) -> Bool { self.digests.contains(digest) }
}
