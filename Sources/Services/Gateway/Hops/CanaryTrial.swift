internal import Attesting
internal import ChainReading
internal import Contracts
internal import IBTP
internal import PathProofs
internal import Transcripts

/// Tries verification nodes with messages that nobody has sent, as an honest gateway's questions are followed by one now
/// and then: who signs without looking signs these as well, and answers for it on the relay chain.
///
/// A canary is like the question before it in all but the payload's hash, so that no node can tell by its form.
struct CanaryTrial: Sendable {
    let panel: AttesterPanel
    let relay: ShoreClient
    let board: GatewayBoard
    /// One question of so many is followed by a canary; 0: none.
    let every: UInt32

    /// Perhaps sends a canary after a question; what goes wrong with it holds nothing up.
    ///
    /// - Parameters:
    ///   - question: that was answered.
    ///   - list: whose nodes were asked.
    func follow(_ question: any HopAsking, by list: VerificationNodeList) async {
        // Nobody must know before which one it will be.
        guard self.every > 0, UInt32.random(in: 0..<self.every) == 0 else { return }
        do { try await self.send(like: question, by: list) } catch { self.board.note(.certify, "a canary: \(error)") }
    }

    private func send(like question: any HopAsking, by list: VerificationNodeList) async throws {
        let secret = SecureRandom.bytes(Canary.secretByteCount)
        let path = try Canary.path(like: question.path, secret: secret)
        let signed = await self.panel.signatures(of: try question.about(path), by: list)
        self.board.countCanary(isCertified: !signed.isEmpty)
        for (node, signature) in signed {
            self.board.note(.certify, "\(node) certified a message that nobody has sent")
            let evidence = try CanaryEvidence(secret: secret, path: path, node: node, signature: signature)
            _ = try await self.relay.writer.submit(ReportCanary(evidence: evidence), needless: [.faultsKnown])
        }
    }
}
