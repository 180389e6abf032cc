package import Logging
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// A TCP port on which monitors and hospital systems hand in HL7 v2 messages.
package final class MLLPListener: Sendable {
    package let settings: ListenerSettings
    private let core: ListenerCore
    private let loop: any EventLoop
    private let tls: NIOSSLContext?
    private let logger: Logger
    private let channel: NIOLoopBoundBox<(any Channel)?>

    /// Answers in work get this long when the agent stops.
    private static let drainTime = TimeAmount.seconds(6)

    /// Reads certificates and keys; nothing is listened to yet.
    ///
    /// - Throws: ``ListenerFailure`` when a file cannot be used.
    package init(_ settings: ListenerSettings, committer: MessageCommitter, logger: Logger) throws(ListenerFailure) {
        self.settings = settings
        self.logger = logger
        self.tls = try settings.tls.map { files throws(ListenerFailure) in
            try Self.context(files, name: settings.name)
        }
        self.loop = MultiThreadedEventLoopGroup.singleton.next()
        self.core = ListenerCore(settings, committer: committer, loop: self.loop, logger: logger)
        self.channel = NIOLoopBoundBox.makeBoxSendingValue(nil, eventLoop: self.loop)
    }

    /// What it has done so far.
    package var state: ListenerState { self.core.state }

    /// Reads the files of a listener, so that a wrong one is found before the start.
    ///
    /// - Throws: ``ListenerFailure``.
    package static func check(_ settings: ListenerSettings) throws(ListenerFailure) {
        guard let tls = settings.tls else { return }
        _ = try Self.context(tls, name: settings.name)
    }

    /// Begins to listen.
    ///
    /// - Returns: the port.
    /// - Throws: ``ListenerFailure`` when the address cannot be had.
    @discardableResult
    package func start() async throws(ListenerFailure) -> Int {
        do {
            let port = try await self.bind().get()
            self.core.change { $0.isListening = true }
            self.logger.info(
                "mllp listens",
                metadata: [
                    "listener": "\(self.settings.name)", "port": "\(port)", "tls": "\(self.settings.tls != nil)",
                ]
            )
            return port
        } catch {
            let address = "\(self.settings.host):\(self.settings.port)"
            let reason = "mllp \(self.settings.name): cannot listen on \(address): \(error)"
            self.core.change { $0.failure = reason }
            throw ListenerFailure(reason)
        }
    }

    /// Takes no more connections and bytes, answers what waits for its commit, and closes everything.
    package func stop() async {
        let (loop, core, channel) = (self.loop, self.core, self.channel)
        let ended = loop.flatSubmit {
            channel.value?.close(promise: nil)
            channel.value = nil
            return core.drain(within: Self.drainTime, on: loop)
        }
        try? await ended.get()
        self.core.change { $0.isListening = false }
    }

    private func bind() -> EventLoopFuture<Int> {
        let (core, tls, channel, loop) = (self.core, self.tls, self.channel, self.loop)
        let bootstrap = ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 64)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { child in
                child.eventLoop.makeCompletedFuture {
                    guard core.admits() else { throw ListenerFailure("too many connections") }
                    let pipeline = child.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.addHandler(MLLPConnection(core))
                }
            }
        let (host, port) = (self.settings.host, self.settings.port)
        return bootstrap.bind(host: host, port: port).hop(to: loop).map { listening in
            channel.value = listening
            return listening.localAddress?.port ?? port
        }
    }

    /// TLS 1.2 or later, since monitors live long; a client must show a certificate of the institution.
    private static func context(
        _ files: ListenerSettings.TLS,
        name: String
    ) throws(ListenerFailure) -> NIOSSLContext {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(files.certificateFile)
            let key = try NIOSSLPrivateKey(file: files.keyFile, format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) },
                privateKey: .privateKey(key)
            )
            configuration.minimumTLSVersion = .tlsv12
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(files.clientCAFile))
            configuration.certificateVerification = .noHostnameVerification
            configuration.shutdownTimeout = .seconds(1)
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw ListenerFailure(
                "mllp \(name): the TLS files cannot be used (\(files.certificateFile), \(files.keyFile), "
                    + "\(files.clientCAFile)): \(error)"
            )
        }
    }
}

/// Why a listener does not work, in words for an operator.
package struct ListenerFailure: Error, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
