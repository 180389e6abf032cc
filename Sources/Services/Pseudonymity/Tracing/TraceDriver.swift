internal import CanonicalBytes
internal import Contracts
internal import Foundation
package import Ledger
package import Uplink

/// Why a trace brought no finding.
package enum TraceError: Error, Sendable, Hashable, CustomStringConvertible {
    /// An authority's half does not hold.
    case invalid(authority: String, String)
    /// The chain does not show both answers.
    case incomplete

    package var description: String {
        switch self {
        case .invalid(let authority, let text): "what the \(authority) answered does not hold: \(text)"
        case .incomplete: "the chain does not show both answers yet; open the order again in a moment"
        }
    }
}

/// Asks both authorities for their halves and puts them together: the tracing authority's part.
///
/// It can be repeated: each authority gives the same half again.
package struct TraceDriver: Sendable {
    /// An authority that has seen an older block than the one with the order is asked again so often.
    private static let attemptsMax = 20
    private static let pause = Duration.milliseconds(250)

    private let chain: ChainClient
    private let issuers: [TrustedIssuer]
    private let pseudonyms: PseudonymAuthorityClient
    private let registration: RegistrationClient

    /// - Parameters:
    ///   - chain: holds the order.
    ///   - issuers: of the chain.
    ///   - pseudonyms: the authority of the pseudonym.
    ///   - registration: the registration authority behind it.
    package init(
        chain: ChainClient,
        issuers: [TrustedIssuer],
        pseudonyms: PseudonymAuthorityClient,
        registration: RegistrationClient
    ) {
        self.chain = chain
        self.issuers = issuers
        self.pseudonyms = pseudonyms
        self.registration = registration
    }

    /// Finds out who is behind a certificate.
    ///
    /// - Parameters:
    ///   - order: on the chain.
    ///   - certificate: the raw certificate that it names.
    ///   - statement: the order's text.
    ///   - progress: gets a sentence about each step.
    /// - Returns: the finding, verified.
    /// - Throws: `UplinkFailure`, for example 403 `no-order`; ``TraceError``.
    package func open(
        order: [UInt8],
        certificate: [UInt8],
        statement: [UInt8],
        progress: @Sendable (String) -> Void = { _ in }
    ) async throws -> PseudonymFinding {
        let found = try await self.certificateEvidence(order, certificate)
        progress("the authority of pseudonyms has answered")
        let question = HolderQuestion(order: order, evidence: found).bytes
        let answer = try await Self.patiently { () async throws(UplinkFailure) in
            try await self.registration.trace(question)
        }
        let holder: HolderEvidence
        do throws(ProtocolFailure) { holder = try HolderEvidence(bytes: answer) } catch {
            throw TraceError.invalid(authority: "registration authority", "\(error)")
        }
        progress("the registration authority has answered")
        return try await self.finding(found, holder, statement)
    }

    private func certificateEvidence(_ order: [UInt8], _ certificate: [UInt8]) async throws -> CertificateEvidence {
        let question = CertificateQuestion(order: order, certificate: certificate).bytes
        let answer = try await Self.patiently { () async throws(UplinkFailure) in
            try await self.pseudonyms.trace(question)
        }
        do throws(ProtocolFailure) {
            let found = try CertificateEvidence(bytes: answer)
            try require(
                found.order == order && found.certificate == certificate,
                .context,
                "it is of another certificate or order"
            )
            _ = try found.verify()
            return found
        } catch { throw TraceError.invalid(authority: "authority of pseudonyms", "\(error)") }
    }

    /// The proof of the order with both answers; the slowest validator may not have it at once.
    private func finding(
        _ found: CertificateEvidence,
        _ holder: HolderEvidence,
        _ statement: [UInt8]
    ) async throws -> PseudonymFinding {
        for _ in 0..<Self.attemptsMax {
            let proof = try await self.chain.value(of: AccessKey.trace(found.order), on: .access)
            let record = proof.value.flatMap { try? TraceOrder(bytes: $0) }
            let evidence = record?.answers.map(\.evidence) ?? []
            guard evidence.contains(found.digest), evidence.contains(holder.digest) else {
                try await Task.sleep(for: Self.pause)
                continue
            }
            let finding = PseudonymFinding(order: proof, certificate: found, holder: holder, statement: statement)
            do throws(ProtocolFailure) { _ = try finding.contents(issuers: self.issuers) } catch {
                throw TraceError.invalid(authority: "two authorities", "\(error)")
            }
            return finding
        }
        throw TraceError.incomplete
    }

    private static func patiently(
        _ ask: () async throws(UplinkFailure) -> [UInt8]
    ) async throws -> [UInt8] {
        var attempt = 1
        while true {
            let failure: UplinkFailure
            do throws(UplinkFailure) { return try await ask() } catch { failure = error }
            guard case .refused(403, "no-order", _, _) = failure, attempt < self.attemptsMax else { throw failure }
            attempt += 1
            try await Task.sleep(for: self.pause)
        }
    }
}
