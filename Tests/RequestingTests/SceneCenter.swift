import CanonicalBytes
import Certificates
import ChainReading
import Contracts
import Ledger
import P256Group
import Receiving
import Records
import Signcryption
import Synchronization
import Transcripts

@testable import Uplink

/// A privacy center of a scene, which may lie.
struct SceneCenter: SharingCenter {
    enum Manner: Sendable {
        case honest
        /// Gives another envelope of the scope.
        case otherEnvelope
        /// Changes its parts.
        case falsePart
        /// Judges by an old head.
        case staleHead(CertifiedHead)
        /// Does not record what it hands over.
        case unrecorded
        /// Records other envelopes than it hands over.
        case otherRecord
        case refuses(String)
        /// Does not list or have these.
        case lacks([Digest])
        /// Answers so many questions for parts, then fails.
        case stops(after: Mutexed<Int>)
        /// Answers for no other envelope before the question is given up.
        case hangs(but: Digest)
    }

    /// A counter that copies share.
    final class Mutexed<Value: Sendable>: Sendable {
        private let value: Mutex<Value>
        init(_ value: Value) { self.value = Mutex(value) }
        func update<Result: Sendable>(_ body: (inout sending Value) -> sending Result) -> Result {
            self.value.withLock { body(&$0) }
        }
    }

    let scene: Scene
    let place: Int
    var manner = Manner.honest

    private var key: RequesterKey { self.scene.centers[self.place] }

    func putCertificate(_ bytes: [UInt8], digest: Digest) async throws(UplinkFailure) {}

    func envelopes(
        ofScope scope: [UInt8],
        after next: UInt64?,
        under grant: Digest?
    ) async throws(UplinkFailure) -> EnvelopeListPage {
        if case .refuses(let code) = self.manner { throw Self.refusal(code) }
        guard let sender = Digest(bytes: self.scene.gateway.certificate.digest) else { throw .malformed("a digest") }
        var all = self.scene.state.withLock { $0.envelopes.map(\.h1) }
        if case .lacks(let missing) = self.manner { all.removeAll { missing.contains($0) } }
        return EnvelopeListPage(
            envelopes: all.map { ListedEnvelope(h1: $0, senderCertificate: sender) },
            next: nil
        )
    }

    func envelope(_ h1: Digest, under grant: Digest?) async throws(UplinkFailure) -> [UInt8] {
        let (found, other) = self.scene.state.withLock { state in
            state.envelopeQuestions += 1
            let found = state.envelopes.first { $0.h1 == h1 }?.bytes
            return (found, state.envelopes.first { $0.h1 != h1 }?.bytes)
        }
        if case .otherEnvelope = self.manner, let other { return other }
        if case .hangs(let only) = self.manner, only != h1 {
            try? await Task.sleep(for: .seconds(3_600))
            throw .unreachable("CancellationError()")
        }
        guard let found else { throw Self.refusal("unknown-envelope") }
        return found
    }

    func envelopes(_ h1s: [Digest], under grant: Digest) async throws(UplinkFailure) -> [[UInt8]] {
        var envelopes: [[UInt8]] = []
        for h1 in h1s { envelopes.append(try await self.envelope(h1, under: grant)) }
        return envelopes
    }

    func capsule(_ digest: Digest, under grant: Digest?) async throws(UplinkFailure) -> [UInt8] { self.scene.capsule }

    func certificate(_ digest: Digest) async throws(UplinkFailure) -> [UInt8] {
        self.scene.gateway.certificate.bytes
    }

    func answer(_ question: ReencryptionQuestion) async throws(UplinkFailure) -> SharingAnswer {
        if case .refuses(let code) = self.manner { throw Self.refusal(code) }
        if case .stops(let left) = self.manner {
            let isOver = left.update { count in
                count -= 1
                return count < 0
            }
            if isOver { throw .unreachable("the center is gone") }
        }
        do { return try self.reencrypt(question) } catch { throw .malformed("\(error)") }
    }

    private func reencrypt(_ question: ReencryptionQuestion) throws -> SharingAnswer {
        let (shares, envelopes, file) = self.scene.state.withLock { state in
            (
                state.shares[question.grant.bytes] ?? [], state.envelopes,
                state.grants.values.first { VerifiedGrant.digest(of: $0.grant) == question.grant.bytes }
            )
        }
        guard let file, shares.indices.contains(self.place) else { throw ProtocolFailure(.context, "no grant") }
        let grant = try GrantVerification.verified(file, issuers: self.scene.chain.genesis.issuers)
        let sender = try CertifiedKey(
            self.scene.gateway.certificate,
            from: self.scene.chain.authority.issuer
        )
        var parts: [Digest: [UInt8]] = [:]
        for h1 in question.envelopes {
            guard let bytes = envelopes.first(where: { $0.h1 == h1 })?.bytes else {
                throw ProtocolFailure(.context, "no envelope")
            }
            var part = try ParsedEnvelope(bytes: bytes).verify(sender: sender)
                .reencrypt(
                    under: grant,
                    share: shares[self.place],
                    nonce: question.nonce,
                    at: self.scene.chain.now / 1_000
                )
            if case .falsePart = self.manner { part[part.count - 1] ^= 1 }
            parts[h1] = part
        }
        return SharingAnswer(parts: parts, delivery: try self.delivery(question, grant), head: try self.head())
    }

    private func head() throws -> [UInt8] {
        if case .staleHead(let old) = self.manner { return old.bytes }
        return try self.scene.chain.head(.access).bytes
    }

    private func delivery(_ question: ReencryptionQuestion, _ grant: VerifiedGrant) throws -> [UInt8] {
        if case .unrecorded = self.manner { return [] }
        var listed = question.envelopes.map(\.bytes)
        if case .otherRecord = self.manner { listed.reverse() }
        let count = UInt32(listed.count)
        let arguments = RecordDelivery(
            grant: question.grant.bytes,
            list: TaggedHash.digest("DELIVERY-LIST", list: [question.nonce] + listed),
            count: count,
            receiver: grant.terms.receiverCertificateDigest,
            parts: count
        )
        let proof = try self.scene.chain.call(arguments, by: self.key)
        guard proof.receipt.code == 0 else { throw ProtocolFailure(.context, "code \(proof.receipt.code)") }
        return proof.bytes
    }

    private static func refusal(_ code: String) -> UplinkFailure {
        .refused(status: 403, code: code, detail: "refused", retryAfterSeconds: nil)
    }
}
