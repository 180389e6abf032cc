import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Records
import Synchronization
import Testing

@testable import MLLPIngest

/// A monitor's end of a connection.
final class TestSender: Sendable {
    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let sender: TestSender

        init(_ sender: TestSender) { self.sender = sender }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = Array(buffer: self.unwrapInboundIn(data))
            self.sender.state.withLock { $0.bytes += bytes }
        }

        func channelInactive(context: ChannelHandlerContext) { self.sender.state.withLock { $0.isClosed = true } }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    private struct State {
        var bytes: [UInt8] = []
        var isClosed = false
        var channel: (any Channel)?
    }

    private let state = Mutex(State())

    init(port: Int, tls: TLSConfiguration? = nil) async throws {
        let context = try tls.map { try NIOSSLContext(configuration: $0) }
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let context {
                        try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
                    }
                    try pipeline.addHandler(Collector(self))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        self.state.withLock { $0.channel = channel }
    }

    func send(_ text: String) async throws { try await self.send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) async throws {
        guard let channel = self.state.withLock({ $0.channel }) else { return }
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    /// Says that nothing more comes, but goes on reading.
    func shutDown() async throws {
        guard let channel = self.state.withLock({ $0.channel }) else { return }
        try await channel.close(mode: .output).get()
    }

    func close() async {
        guard let channel = self.state.withLock({ $0.channel }) else { return }
        try? await channel.close().get()
    }

    var isClosed: Bool { self.state.withLock { $0.isClosed } }

    /// The MSA segments that have come so far.
    var answers: [String] {
        let text = String(decoding: self.state.withLock { $0.bytes }, as: UTF8.self)
        return text.split(separator: "\r").map(String.init).filter { $0.hasPrefix("MSA") }
    }

    static func frame(_ message: String) -> String { "\u{0B}\(message)\u{1C}\r" }

    static func oru(_ id: String, value: Int = 80, time: String = "20261121080000+0000") -> String {
        "MSH|^~\\&|MON|ICU|||\(time)||ORU^R01|\(id)|P|2.6\rOBX|1|NM|147842^MDC_ECG_HEART_RATE^MDC|1|\(value)|/min\r"
    }
}

/// Keeps what is stored in memory, and can be made to wait or to refuse.
final class RecordingStore: Sendable {
    struct Stored: Sendable, Equatable {
        let topic: String
        let payload: String
        let isRepeated: Bool
    }

    struct Full: Error, CustomStringConvertible { let description = "the disk is full" }

    private struct State {
        var messages: [Stored] = []
        var bursts: [MessageBurst] = []
        var refuses = false
        var entered = 0
    }

    private let state = Mutex(State())
    private let gate = NSCondition()
    private let isOpen = Mutex(true)

    var messages: [Stored] { self.state.withLock { $0.messages } }
    var bursts: [MessageBurst] { self.state.withLock { $0.bursts } }
    /// Writes that have begun.
    var entered: Int { self.state.withLock { $0.entered } }

    func refuse(_ refuses: Bool) { self.state.withLock { $0.refuses = refuses } }

    /// Lets writes wait until it is opened again.
    func setGate(open: Bool) {
        self.gate.lock()
        self.isOpen.withLock { $0 = open }
        self.gate.broadcast()
        self.gate.unlock()
    }

    func store(_ burst: MessageBurst) throws {
        self.state.withLock { $0.entered += 1 }
        self.gate.lock()
        while !self.isOpen.withLock({ $0 }) { self.gate.wait() }
        self.gate.unlock()
        try self.state.withLock { state in
            if state.refuses { throw Full() }
            state.bursts.append(burst)
            var offset = 0
            while let (message, next) = burst.message(at: offset) {
                offset = next
                #expect(message.broker == MLLPOrigin.broker)
                state.messages.append(
                    Stored(
                        topic: String(decoding: burst.bytes[message.topic], as: UTF8.self),
                        payload: String(decoding: burst.bytes[message.payload], as: UTF8.self),
                        isRepeated: message.marks.contains(.redelivered)
                    )
                )
            }
        }
    }
}

/// A certificate authority, a server's and a client's certificate, made by the openssl command.
final class TestCertificates: Sendable {
    let folder: String

    init() throws {
        self.folder = NSTemporaryDirectory() + "mllp-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        try self.authority("ca")
        try self.issue("server", by: "ca")
        try self.issue("client", by: "ca")
        try self.authority("stranger-ca")
        try self.issue("stranger", by: "stranger-ca")
    }

    deinit { try? FileManager.default.removeItem(atPath: self.folder) }

    func file(_ name: String) -> String { "\(self.folder)/\(name)" }

    /// How a client shows a certificate; nil for none.
    func client(_ name: String?) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(self.file("ca.pem")))
        configuration.certificateVerification = .noHostnameVerification
        if let name {
            configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(self.file("\(name).pem"))
                .map { .certificate($0) }
            configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: self.file("\(name).key"), format: .pem))
        }
        return configuration
    }

    private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    private func authority(_ name: String) throws {
        try Self.openssl(
            ["req", "-x509", "-subj", "/CN=\(name)", "-days", "2", "-keyout", self.file("\(name).key")]
                + ["-out", self.file("\(name).pem")] + Self.newKey
        )
    }

    private func issue(_ name: String, by authority: String) throws {
        try Self.openssl(
            ["req", "-subj", "/CN=\(name)", "-keyout", self.file("\(name).key"), "-out", self.file("\(name).csr")]
                + Self.newKey
        )
        try Self.openssl([
            "x509", "-req", "-in", self.file("\(name).csr"), "-CA", self.file("\(authority).pem"),
            "-CAkey", self.file("\(authority).key"), "-CAcreateserial", "-days", "2", "-out", self.file("\(name).pem"),
        ])
    }

    private static func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }
}

/// Polls a condition; false when it has not come true within twenty seconds or more.
func eventually(_ condition: () throws -> Bool) async rethrows -> Bool {
    for _ in 0..<2_000 {
        if try condition() { return true }
        try? await Task.sleep(for: .milliseconds(10))
    }
    return try condition()
}
