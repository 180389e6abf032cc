internal import Certificates
internal import ChainReading
internal import Contracts
internal import Ledger
internal import ServiceLifecycle

/// Which refusals go on the chain as `sharing.refuse`: those that answer the permission's own requester.
///
/// Nobody waits for a block. Most refusals are found when the permission was seen to name the certificate that signed the
/// request; for the others that is looked up, so that nobody puts marks on another's permission.
struct RefusalNotes: Service {
    /// Found after the permission was seen to be the requester's.
    private static let ofRequester: Set<AttributeRefusal.Reason> = [
        .permissionRevoked, .permissionExpired, .consentForbids, .consentRequired, .labelForbids,
        .labelConsentRequired, .offerWithdrawn, .anotherScope,
        .unusableAttributes,
    ]
    /// Found before.
    private static let ofAnybody: Set<AttributeRefusal.Reason> = [.anotherRequester, .certificateRevoked]

    let recorder: RefusalRecorder
    let chain: any ChainFacts

    /// Has a refusal recorded if it belongs on the chain.
    ///
    /// - Parameters:
    ///   - refusal: of a request whose signatures hold.
    ///   - request: that request.
    func note(_ refusal: AttributeRefusal, of request: AttributeKeyRequest) async {
        guard case .refused(let reason, _) = refusal else { return }
        if Self.ofAnybody.contains(reason) {
            guard await self.isRequester(request) else { return }
        } else {
            guard Self.ofRequester.contains(reason) else { return }
        }
        self.recorder.record(permission: request.permission, code: reason.rawValue)
    }

    private func isRequester(_ request: AttributeKeyRequest) async -> Bool {
        let fact = try? await self.chain.fact(of: AccessKey.permission(request.permission), on: .access)
        guard let bytes = fact?.value, let permission = try? Permission(bytes: bytes) else { return false }
        return permission.requester == request.certificate.digest
    }

    func run() async throws { await cancelWhenGracefulShutdown { await self.recorder.run() } }
}
