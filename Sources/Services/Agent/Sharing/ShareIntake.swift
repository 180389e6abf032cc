internal import CanonicalBytes
internal import Certificates
package import Ledger
internal import Pseudonyms
package import Spool

/// Why a share request is not taken.
package struct ShareRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// A stable word for programs.
    package let code: String
    /// For people.
    package let detail: String

    package init(_ code: String, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    package var description: String { "\(self.code): \(self.detail)" }
}

/// Looks at a share request when it arrives: whoever hands in what cannot succeed shall learn it then and there.
///
/// Pure, and costly for what it takes: about one verification on P-256. What depends on the chain's state is the chain's
/// affair.
package struct ShareIntake: Sendable {
    /// Where share requests come by MQTT.
    package static let topic = "wardline/share/requests"
    /// ms from arrival to the end of validity at most: no chain takes more.
    private static let lifetimeMax = ChainParameter.transactionLifetime.range.upperBound

    /// What may be handed in this way, each on its channel.
    private static let methods: [(contract: String, method: String, channel: Channel)] = [
        ("access", "request", .access), ("zk", "request", .access), ("access", "accept", .access),
        ("access", "emergency", .access), ("access", "consent-set", .access), ("access", "consent-withdraw", .access),
        ("access", "offer", .access), ("access", "offer-withdraw", .access), ("sharing", "deliver-ack", .index),
    ]

    private let verifier: TransactionVerifier
    /// Bytes of a transaction at most.
    package let bytesMax: Int

    /// - Parameter genesis: of the agent's chain; its issuers are those whose certificates can be judged here.
    package init(genesis: Genesis) {
        self.verifier = TransactionVerifier(
            chain: Array(genesis.chain.utf8),
            issuers: genesis.issuers,
            cache: CertificateCache(limit: 256)
        )
        let parameter = ChainParameter.transactionBytesMax
        let found = genesis.parameters.first { $0.name.utf8.elementsEqual(parameter.rawValue.utf8) }?.value
        self.bytesMax = Int(found ?? parameter.defaultValue)
    }

    /// Judges a request.
    ///
    /// - Parameters:
    ///   - bytes: as they came.
    ///   - source: how they came.
    ///   - now: of their arrival, ms since 1970.
    /// - Returns: what to keep.
    /// - Throws: ``ShareRefusal``.
    package func check(
        _ bytes: [UInt8],
        from source: ShareRequest.Source,
        now: Int64
    ) throws(ShareRefusal) -> ShareRequest {
        guard bytes.count <= self.bytesMax else {
            throw ShareRefusal("too-long", "the chain takes transactions of at most \(self.bytesMax) bytes")
        }
        let transaction: Transaction
        do throws(ProtocolFailure) { transaction = try Transaction(bytes: bytes) } catch {
            throw ShareRefusal("malformed", "not a signed transaction: \(error.detail)")
        }
        let body = transaction.body
        guard body.chain == self.verifier.chain else {
            throw ShareRefusal("another-chain", "the transaction is for another chain than this agent's")
        }
        try Self.checkMethod(of: body)
        try Self.checkTime(of: body, now: UInt64(max(0, now)))
        try self.checkSignature(of: transaction, seconds: UInt64(max(0, now)) / 1_000)
        return ShareRequest(
            id: transaction.id,
            channel: body.channel.rawValue,
            method: "\(body.contract).\(body.method)",
            validUntil: Int64(clamping: body.validUntil),
            source: source,
            bytes: bytes
        )
    }

    private static func checkMethod(of body: TransactionBody) throws(ShareRefusal) {
        let known = self.methods.first {
            $0.contract.utf8.elementsEqual(body.contract.utf8) && $0.method.utf8.elementsEqual(body.method.utf8)
        }
        // The refused name is not repeated: it may hold anything.
        guard let known else {
            let names = self.methods.map { "\($0.contract).\($0.method)" }.joined(separator: ", ")
            throw ShareRefusal("method-not-allowed", "an agent hands in \(names)")
        }
        guard body.channel == known.channel else {
            throw ShareRefusal("wrong-channel", "this method belongs on the channel \(known.channel.name)")
        }
    }

    private static func checkTime(of body: TransactionBody, now: UInt64) throws(ShareRefusal) {
        guard body.validUntil >= now else { throw ShareRefusal("expired", "the transaction's time is over") }
        guard body.validUntil - now <= self.lifetimeMax else {
            throw ShareRefusal("valid-until-too-far-ahead", "a transaction may be valid for at most 7 days")
        }
    }

    /// An issuer that the chain took later is unknown here: then the chain alone judges.
    private func checkSignature(of transaction: Transaction, seconds: UInt64) throws(ShareRefusal) {
        let certificate: ImplicitCertificate?
        do throws(ProtocolFailure) { certificate = try transaction.certificate } catch {
            throw ShareRefusal("malformed", "not a certificate or signature: \(error.detail)")
        }
        guard let certificate else { throw ShareRefusal("not-signed", "the transaction is not signed") }
        guard certificate.fields.notBefore <= seconds, seconds <= certificate.fields.notAfter else {
            throw ShareRefusal("certificate-not-valid-now", "the signer's certificate is not valid now")
        }
        let name = certificate.fields.issuer.utf8
        let kind: TrustedIssuer.Kind =
            if case .pseudonym = transaction.authorization { .pseudonymAuthority } else { .authority }
        guard self.verifier.issuers.contains(where: { $0.kind == kind && $0.issuer.name.utf8.elementsEqual(name) })
        else { return }
        do throws(ProtocolFailure) { _ = try self.verifier.verify(transaction) } catch {
            throw ShareRefusal("signature-does-not-hold", error.detail)
        }
    }
}

extension Transaction {
    /// The signer's certificate, not verified; nil for an unsigned transaction.
    fileprivate var certificate: ImplicitCertificate? {
        get throws(ProtocolFailure) {
            switch self.authorization {
            case .identity(let bytes, _): try ImplicitCertificate(bytes: bytes)
            case .pseudonym(let bytes):
                try ImplicitCertificate(bytes: try PseudonymSignature(bytes: bytes).certificate)
            case .none: nil
            }
        }
    }
}
