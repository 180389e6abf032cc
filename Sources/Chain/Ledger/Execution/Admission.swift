package import CanonicalBytes
internal import Certificates

/// Why a transaction may not stand in a block; a block that holds such a one is invalid.
package enum AdmissionFailure: Error, Hashable, Sendable {
    case wrongChannel
    /// Its time is over, or lies too far ahead.
    case expired
    case notYetValid
    /// The certificate is not valid at the block's time.
    case certificateTime
    case revoked
    /// The issuer is no longer accepted.
    case untrustedIssuer
    /// The nonce was used, or is older than the window of this signer.
    case replayed
    case tooLong
    /// Only evidence comes without a signature, and only when it is new and holds.
    case unsigned
    case damaged(ProtocolFailure)

    /// A stable word for clients.
    package var code: String {
        switch self {
        case .wrongChannel: "wrong-channel"
        case .expired: "expired"
        case .notYetValid: "valid-until-too-far-ahead"
        case .certificateTime: "certificate-not-valid-now"
        case .revoked: "certificate-revoked"
        case .untrustedIssuer: "issuer-not-trusted"
        case .replayed: "nonce-used"
        case .tooLong: "too-long"
        case .unsigned: "not-signed"
        case .damaged: "store-damaged"
        }
    }
}

/// What must hold of a transaction before any contract sees it.
package struct AdmissionRule: Sendable {
    private let block: BlockContext
    private let bytesMax: UInt64
    private let lifetime: UInt64

    /// Reads the parameters that hold in this block.
    ///
    /// - Throws: for a damaged store.
    package init(block: BlockContext, state: StateSession) throws(ProtocolFailure) {
        self.block = block
        self.bytesMax = try state.parameter(.transactionBytesMax)
        self.lifetime = try state.parameter(.transactionLifetime)
    }

    /// Admits a transaction and uses its nonce.
    ///
    /// - Throws: ``AdmissionFailure``; the session is then as before.
    package func admit(_ verified: VerifiedTransaction, to state: StateSession) throws(AdmissionFailure) {
        let body = verified.transaction.body
        guard body.channel == self.block.channel else { throw .wrongChannel }
        guard UInt64(verified.transaction.bytes.count) <= self.bytesMax else { throw .tooLong }
        guard let certificate = verified.caller.certificate, let issuer = verified.issuer else {
            // Evidence repeats without harm: the contract counts it once.
            guard Array(body.contract.utf8) == Array("evidence".utf8) else { throw .unsigned }
            return
        }
        guard self.block.time <= body.validUntil else { throw .expired }
        guard body.validUntil <= self.block.time.addingReportingOverflow(self.lifetime).partialValue else {
            throw .notYetValid
        }
        let seconds = self.block.time / 1_000
        guard certificate.fields.notBefore <= seconds, seconds <= certificate.fields.notAfter else {
            throw .certificateTime
        }
        do throws(ProtocolFailure) {
            try self.checkStanding(of: certificate.digest, issuer: issuer, state)
            var window = try NonceWindow(bytes: state.value(of: StateKey.nonces(of: body.signer)))
            guard window.use(body.nonce) else { throw ProtocolFailure(.duplicate, "the nonce was used") }
            state.set(StateKey.nonces(of: body.signer), to: window.bytes)
        } catch {
            switch error.code {
            case .duplicate: throw .replayed
            case .context: throw .revoked
            case .key: throw .untrustedIssuer
            default: throw .damaged(error)
            }
        }
    }

    private func checkStanding(
        of digest: [UInt8],
        issuer: TrustedIssuer,
        _ state: StateSession
    ) throws(ProtocolFailure) {
        var writer = CanonicalWriter(capacity: 128)
        issuer.write(to: &writer)
        let known = try state.value(of: StateKey.issuer(issuer.kind, issuer.issuer.name))
        try require(known == writer.bytes, .key, "the issuer is not trusted")
        let revoked = try state.value(of: StateKey.revocation(of: digest, by: issuer.issuer.name))
        try require(revoked == nil, .context, "the certificate is revoked")
    }
}

extension StateSession {
    /// A parameter's value inside its range, or its default.
    ///
    /// - Throws: for a damaged store.
    package func parameter(_ parameter: ChainParameter) throws(ProtocolFailure) -> UInt64 {
        guard let bytes = try self.value(of: StateKey.parameter(parameter.rawValue)) else {
            return parameter.defaultValue
        }
        var reader = CanonicalReader(bytes)
        let value = try reader.u64()
        return min(max(value, parameter.range.lowerBound), parameter.range.upperBound)
    }
}
