import ArgumentParser
import AsyncHTTPClient
import CanonicalBytes
import Certificates
import Consensus
import Credentials
import Foundation
import Ledger
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

/// One validator's interface, as the load uses it.
final class LoadTarget: Sendable {
    /// Why a request brought nothing.
    struct Failure: Error {
        /// The code of a refusal; nil when there was no answer.
        let code: String?
    }

    /// Requests with transactions at once.
    private static let requestsMax = 4
    /// How long a validator is left alone that did not answer, ns.
    private static let pause: UInt64 = 300_000_000

    private struct State: Sendable {
        var requests = 0
        var downUntil: UInt64 = 0
    }

    let base: String
    private let client: HTTPClient
    private let state = Mutex(State())

    private init(_ base: String, _ client: HTTPClient) {
        self.base = base
        self.client = client
    }

    static func all(_ bases: [String], identity: Identity) throws -> [LoadTarget] {
        try bases.map { base in
            guard base.hasPrefix("https://") else { throw ValidationError("'\(base)' does not begin with https://") }
            var configuration = HTTPClient.Configuration(
                tlsConfiguration: try identity.clientTLS(),
                redirectConfiguration: .disallow,
                timeout: HTTPClient.Configuration.Timeout(connect: .seconds(2), read: .seconds(35))
            )
            configuration.connectionPool = .init(
                idleTimeout: .seconds(60),
                concurrentHTTP1ConnectionsPerHostSoftLimit: 64
            )
            configuration.connectionPool.retryConnectionEstablishment = false
            configuration.httpVersion = .http1Only
            ServerRole.require([.validator], in: &configuration)
            let client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
            return LoadTarget(base, client)
        }
    }

    func close() async { try? await self.client.shutdown() }

    // MARK: - Turns

    /// Whether a request with transactions may be made now; it is then counted until ``leave(failed:)``.
    func enter() -> Bool {
        self.state.withLock { state in
            guard state.requests < Self.requestsMax, MonotonicTime.now >= state.downUntil else { return false }
            state.requests += 1
            return true
        }
    }

    func leave(failed: Bool) {
        self.state.withLock { state in
            state.requests -= 1
            if failed { state.downUntil = MonotonicTime.now + Self.pause }
        }
    }

    // MARK: - Requests

    /// Hands in a batch.
    ///
    /// - Returns: for each its refusal's code, empty for none.
    func offer(_ transactions: [[UInt8]]) async throws(Failure) -> [String] {
        var writer = CanonicalWriter(capacity: transactions.reduce(0) { $0 + $1.count + 4 })
        for bytes in transactions { writer.lengthPrefixed(bytes) }
        let answer = try await self.send(.POST, "/v1/transactions/batch", writer.bytes, seconds: 10)
        var reader = CanonicalReader(answer)
        var codes: [String] = []
        do throws(ProtocolFailure) {
            while reader.remaining > 0 { codes.append(try reader.text()) }
        } catch { throw Failure(code: nil) }
        guard codes.count == transactions.count else { throw Failure(code: nil) }
        return codes
    }

    /// Hands in one transaction and waits for its block.
    ///
    /// - Returns: whether it is final; false while that is open.
    func submit(_ bytes: [UInt8], waitMilliseconds: Int) async throws(Failure) -> Bool {
        let seconds = Int64(waitMilliseconds / 1_000 + 5)
        let path = "/v1/transactions?wait=\(waitMilliseconds)"
        return try await !self.send(.POST, path, bytes, seconds: seconds).isEmpty
    }

    /// Blocks from a height upwards with their certificates, not verified.
    func blocks(
        from height: Height,
        on channel: Ledger.Channel
    ) async throws(Failure) -> [(block: LedgerBlock, certificate: QuorumCertificate)] {
        let path = "/v1/channels/\(channel.name)/blocks?from=\(height)"
        return try Self.blocks(in: try await self.send(.GET, path, nil, seconds: 10))
    }

    /// Every change of a channel's committee since the genesis, not verified.
    func handovers(on channel: Ledger.Channel) async throws(Failure) -> [Handover] {
        let answer = try await self.send(.GET, "/v1/channels/\(channel.name)/committees?after=0", nil, seconds: 10)
        var reader = CanonicalReader(answer)
        var handovers: [Handover] = []
        do throws(ProtocolFailure) {
            while reader.remaining > 0 { handovers.append(try Handover(from: &reader)) }
        } catch { throw Failure(code: nil) }
        return handovers
    }

    /// The height of the last block.
    func height(of channel: Ledger.Channel) async throws(Failure) -> Height {
        do throws(Failure) {
            let answer = try await self.send(.GET, "/v1/channels/\(channel.name)/blocks/latest", nil, seconds: 10)
            return try Self.blocks(in: answer).last?.block.header.height ?? 0
        } catch {
            if error.code == "unknown-block" { return 0 }
            throw error
        }
    }

    private static func blocks(
        in answer: [UInt8]
    ) throws(Failure) -> [(block: LedgerBlock, certificate: QuorumCertificate)] {
        var reader = CanonicalReader(answer)
        var blocks: [(block: LedgerBlock, certificate: QuorumCertificate)] = []
        do throws(ProtocolFailure) {
            while reader.remaining > 0 {
                let block = try LedgerBlock(bytes: try reader.lengthPrefixed())
                blocks.append((block, try QuorumCertificate(bytes: try reader.lengthPrefixed())))
            }
        } catch { throw Failure(code: nil) }
        return blocks
    }

    private func send(
        _ method: HTTPMethod,
        _ path: String,
        _ body: [UInt8]?,
        seconds: Int64
    ) async throws(Failure) -> [UInt8] {
        var request = HTTPClientRequest(url: self.base + path)
        request.method = method
        if let body {
            request.headers.add(name: "content-type", value: "application/octet-stream")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let status: Int
        let content: ByteBuffer
        do {
            let answer = try await self.client.execute(request, timeout: .seconds(seconds))
            status = Int(answer.status.code)
            content = try await answer.body.collect(upTo: 64 << 20)
        } catch { throw Failure(code: nil) }
        guard (200..<300).contains(status) else {
            let text = String(decoding: content.readableBytesView.prefix(1_024), as: UTF8.self)
            throw Failure(code: Self.code(in: text) ?? "status-\(status)")
        }
        return Array(content.readableBytesView)
    }

    /// The member `code` of a problem document.
    private static func code(in text: String) -> String? {
        guard let start = text.range(of: #""code":""#)?.upperBound else { return nil }
        return String(text[start...].prefix { $0 != "\"" })
    }
}
