internal import CanonicalBytes
internal import ChainReading
internal import Contracts
internal import Foundation
internal import IBTP
internal import Ledger
internal import Records
internal import Uplink

/// What became of one exchange.
struct ExchangeReport: Encodable {
    let id: String
    /// Block of the asking chain that said the request, and its time, ms since 1970.
    let height: UInt64
    let time: UInt64
    /// From handing in the call to knowing its block, ms.
    let asked: Double
    /// From handing in the call to the exchange's end on the asking chain, ms; nil when it did not come.
    var ended: Double?
    /// How it ended, as the relay chain told.
    var status: String?
    /// Time of the relay chain's block that took the request, ms since 1970; nil when it was not asked, or did not.
    var taken: UInt64?
}

/// Opens exchanges of the service share about requests that nobody files.
struct ExchangeAsker: Sendable {
    let client: ChainClient
    let writer: ChainSubmitter
    /// Under which the asker asks.
    let certificate: [UInt8]
    let to: String
    let timeoutBlocks: UInt64
    let expirySeconds: UInt64
    let waitSeconds: Int

    func exchange() async throws -> ExchangeReport {
        let begun = ContinuousClock.now
        let target = try self.target()
        let call = CallService(service: "share", timeoutBlocks: self.timeoutBlocks, targets: [target])
        let proof = try await self.writer.submit(call)
        let asked = (ContinuousClock.now - begun).milliseconds
        guard let id = proof.receipt.events.compactMap({ Self.identifier(of: $0) }).first else {
            throw ProtocolFailure(.format, "a call without a message")
        }
        var report = ExchangeReport(
            id: id.description,
            height: proof.header.height,
            time: proof.header.time,
            asked: asked
        )
        let deadline = begun + .seconds(self.waitSeconds)
        while self.waitSeconds > 0, ContinuousClock.now < deadline {
            if let bytes = try await self.client.value(of: InterchainKey.call(id), on: .access).value {
                let status = try OpenedCall(bytes: bytes).status
                if status != .begin {
                    report.ended = (ContinuousClock.now - begun).milliseconds
                    report.status = "\(status)"
                    return report
                }
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        return report
    }

    private func target() throws -> CallService.Target {
        let random = { (0..<32).map { _ in UInt8.random(in: .min ... .max) } }
        let content = InterchainContent(function: "share.request", arguments: [random()])
        let payload = InterchainPayload(content: content.bytes, hash: PayloadHash.request(content))
        let extra = try RelayExtension(
            pathNonce: random(),
            expiry: UInt64(Date().timeIntervalSince1970) + self.expirySeconds,
            certificate: self.certificate,
            shareRequest: random()
        )
        return CallService.Target(to: self.to, payload: payload.bytes, extra: extra.bytes)
    }

    private static func identifier(of event: ContractEvent) -> MessageID? {
        guard event.topic == "interchain.out", let leaf = try? OutboundLeaf(bytes: event.data),
            case .message(let message) = leaf
        else { return nil }
        return try? message.id
    }
}

extension Duration {
    fileprivate var milliseconds: Double {
        Double(self.components.seconds) * 1_000 + Double(self.components.attoseconds) / 1e15
    }
}
