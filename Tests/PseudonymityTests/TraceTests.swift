import CanonicalBytes
import Certificates
import Contracts
import Credentials
import Ledger
import Pseudonyms
import TestIdentities
import Testing
import Transcripts
import Uplink

@testable import Pseudonymity

@Suite struct TraceTests {
    private static let statement = Array("A court orders it.".utf8)

    /// Puts an order on the chain.
    private static func order(
        _ certificate: ImplicitCertificate,
        on site: TestSite,
        by authority: PartyName? = nil
    ) -> [UInt8] {
        let id = SecureRandom.bytes(32)
        let order = OrderTrace(
            order: id,
            certificate: certificate.digest,
            reason: .court,
            statement: PseudonymFinding.digest(ofStatement: Self.statement)
        )
        site.chain.put(order, by: authority ?? site.tracer.name)
        return id
    }

    /// Both halves under an order.
    private static func halves(
        _ order: [UInt8],
        _ certificate: ImplicitCertificate,
        _ site: TestSite
    ) async throws -> (CertificateEvidence, HolderEvidence) {
        let question = CertificateQuestion(order: order, certificate: certificate.bytes).bytes
        let found = try CertificateEvidence(bytes: await site.pseudonymClient(site.tracer).trace(question))
        let next = HolderQuestion(order: order, evidence: found).bytes
        return (found, try HolderEvidence(bytes: await site.registrationClient(site.tracer).trace(next)))
    }

    @Test("Under an order both authorities together name the holder, and the finding is checked offline")
    func traced() async throws {
        try await TestSite.with { site in
            let other = try site.authority.enroll("lab:researcher:eve")
            _ = try await site.requester(other).request(count: 2)
            let credentials = try await site.requester().request(count: 3)
            let certificate = credentials[1].certificate
            let order = Self.order(certificate, on: site)
            let (found, holder) = try await Self.halves(order, certificate, site)
            let finding = PseudonymFinding(
                order: try site.chain.proof(of: AccessKey.trace(order)),
                certificate: found,
                holder: holder,
                statement: Self.statement
            )
            let read = try PseudonymFinding(bytes: finding.bytes)
            let verified = try read.verify(issuers: site.chain.genesis.issuers, view: site.chain.view)
            #expect(verified.user == "lab:researcher:ada")
            #expect(verified.certificate == certificate)
            #expect(verified.epoch == site.epoch)
            #expect(verified.order.authority == site.tracer.name)
            #expect(verified.order.isComplete)
            #expect(verified.statement == "A court orders it.")
            // Asked again they give the same halves, and the chain is told once.
            let again = try await Self.halves(order, certificate, site)
            #expect(again.0 == found && again.1 == holder)
            #expect(site.chain.answerCount == 2)
        }
    }

    @Test("Without an order, under another's, or for another certificate nothing is opened")
    func refused() async throws {
        try await TestSite.with { site in
            let certificates = try await site.requester().request(count: 2).map(\.certificate)
            let client = try site.pseudonymClient(site.tracer)
            func ask(_ order: [UInt8], _ certificate: ImplicitCertificate) async -> Refusal? {
                await refusal {
                    _ = try await client.trace(
                        CertificateQuestion(order: order, certificate: certificate.bytes).bytes
                    )
                }
            }
            #expect(await ask(SecureRandom.bytes(32), certificates[0])?.code == "no-order")
            let stranger = try #require(PartyName("court:tracing-authority:other"))
            let foreign = Self.order(certificates[0], on: site, by: stranger)
            #expect(await ask(foreign, certificates[0])?.code == "no-order")
            let order = Self.order(certificates[0], on: site)
            #expect(await ask(order, certificates[1])?.code == "another-certificate")
            site.chain.isDown = true
            #expect(await ask(order, certificates[0])?.status == 503)
            site.chain.isDown = false
            #expect(site.chain.answerCount == 0)
            #expect(await ask(order, certificates[0]) == nil)
        }
    }

    @Test("Only tracing authorities may ask", arguments: ["lab:researcher:x", "lab:operator:x", "ward:custodian:x"])
    func roles(_ name: String) async throws {
        try await TestSite.with { site in
            let someone = try site.authority.enroll(name)
            let first = await refusal { _ = try await site.pseudonymClient(someone).trace([1]) }
            let second = await refusal { _ = try await site.registrationClient(someone).trace([1]) }
            #expect(first?.code == "role-not-allowed")
            #expect(second?.code == "role-not-allowed")
        }
    }

    @Test("A certificate that the authority did not make is not traced, though ordered")
    func foreignCertificate() async throws {
        try await TestSite.with { site in
            let order = Self.order(site.user.certificate, on: site)
            let question = CertificateQuestion(order: order, certificate: site.user.certificate.bytes).bytes
            let refused = await refusal { _ = try await site.pseudonymClient(site.tracer).trace(question) }
            #expect(refused?.code == "unknown-certificate")
        }
    }

    @Test("The registration authority opens nothing on altered, swapped or unrecorded evidence")
    func altered() async throws {
        try await TestSite.with { site in
            let certificates = try await site.requester().request(count: 2).map(\.certificate)
            let orders = certificates.map { Self.order($0, on: site) }
            let client = try site.pseudonymClient(site.tracer)
            var found: [CertificateEvidence] = []
            for (order, certificate) in zip(orders, certificates) {
                let question = CertificateQuestion(order: order, certificate: certificate.bytes).bytes
                found.append(try CertificateEvidence(bytes: await client.trace(question)))
            }
            func ask(_ order: [UInt8], _ evidence: [UInt8]) async throws -> Refusal? {
                let question = HolderQuestion(order: order, evidence: try CertificateEvidence(bytes: evidence)).bytes
                return await refusal { _ = try await site.registrationClient(site.tracer).trace(question) }
            }
            // Another certificate's evidence under this order.
            #expect(try await ask(orders[0], found[1].bytes)?.code == "another-certificate")
            // A proof with one bit changed.
            var broken = found[0].bytes
            broken[broken.count - 1] ^= 1
            #expect(try await ask(orders[0], broken)?.status == 422)
            // A second order for the same certificate, which the authority of pseudonyms has not answered.
            let silent = Self.order(certificates[0], on: site)
            var moved = found[0].bytes
            moved.replaceSubrange(4..<36, with: silent)
            #expect(try await ask(silent, moved)?.code == "no-order")
            #expect(try await ask(orders[0], found[0].bytes) == nil)
        }
    }

    @Test("A finding with parts of two orders, another statement or a forged state does not verify")
    func mismatched() async throws {
        try await TestSite.with { site in
            let certificates = try await site.requester().request(count: 2).map(\.certificate)
            let orders = certificates.map { Self.order($0, on: site) }
            let (found, holder) = try await Self.halves(orders[0], certificates[0], site)
            let (_, otherHolder) = try await Self.halves(orders[1], certificates[1], site)
            let proof = try site.chain.proof(of: AccessKey.trace(orders[0]))
            let other = try site.chain.proof(of: AccessKey.trace(orders[1]))
            func code(_ proof: ValueProof, _ holder: HolderEvidence, _ statement: [UInt8]) -> ProtocolFailure.Code? {
                let finding = PseudonymFinding(order: proof, certificate: found, holder: holder, statement: statement)
                do throws(ProtocolFailure) {
                    _ = try finding.verify(issuers: site.chain.genesis.issuers, view: site.chain.view)
                    return nil
                } catch { return error.code }
            }
            #expect(code(proof, holder, Self.statement) == nil)
            #expect(code(other, holder, Self.statement) == .context)
            #expect(code(proof, otherHolder, Self.statement) == .context)
            #expect(code(proof, holder, [1]) == .context)
            var forged = proof.bytes
            forged[forged.count / 3] ^= 1
            if let forged = try? ValueProof(bytes: forged) { #expect(code(forged, holder, Self.statement) != nil) }
        }
    }
}
