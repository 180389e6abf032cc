import CanonicalBytes
import ConsentTools
import ProfileWorkshop
import ProofFiles

/// JSON that other programs, issuers, holders and vendors write.
enum DocumentTargets {
    static let all: [Target] = [
        Target(name: "fhir-consent", weight: 12, family: .consents) { _, payload, _ in Self.consent(payload) },
        Target(name: "proof-documents", weight: 10, family: .documents) { _, payload, _ in
            Self.document(payload)
        },
        Target(name: "profile-proposal", weight: 6, family: .json) { bench, payload, random in
            Self.proposal(payload, bench.corpus.pick(.json, &random))
        },
        Target(name: "iomt-templates", weight: 8, family: .templates) { bench, payload, random in
            Self.templates(payload, bench.corpus.pick(.templates, &random))
        },
    ]

    // MARK: - Consents

    /// What a resource says is what it says when it is written by us: nothing is lost or changed on the way.
    private static func consent(_ payload: [UInt8]) -> Verdict {
        do throws(ProtocolFailure) {
            let statement = try FHIRConsent.statement(from: payload)
            guard let text = try? FHIRConsent.json(statement, at: 0) else { return .broken("it cannot be written") }
            let again = try FHIRConsent.statement(from: Array(text.utf8))
            return again == statement ? .accepted : .broken("another statement than was written")
        } catch { return error.detail.isEmpty ? .broken("a failure without words") : .refused(error.code.rawValue) }
    }

    // MARK: - Proofs

    private enum Document: CaseIterable {
        case proof, statement, path, issued, ceremony

        /// Reads a document, and again what is written of it.
        ///
        /// - Returns: whether both say the same.
        /// - Throws: why it is none of this kind.
        func isKept(_ bytes: [UInt8]) throws(ProtocolFailure) -> Bool {
            switch self {
            case .proof: try DocumentTargets.proofFile(bytes)
            case .statement: try DocumentTargets.statementFile(bytes)
            case .path: try DocumentTargets.pathFile(bytes)
            case .issued: try DocumentTargets.issuedCredential(bytes)
            case .ceremony: try DocumentTargets.ceremonyPlan(bytes)
            }
        }
    }

    private static func proofFile(_ bytes: [UInt8]) throws(ProtocolFailure) -> Bool {
        let read = try ProofFile(bytes)
        let again = try ProofFile(read.bytes)
        return again == read
    }

    private static func statementFile(_ bytes: [UInt8]) throws(ProtocolFailure) -> Bool {
        let read = try StatementFile(bytes)
        // Nothing writes one: what it says fits into a circuit, or it is refused.
        _ = try read.context()
        return read.slot < read.limit && read.request.count == 32
    }

    private static func pathFile(_ bytes: [UInt8]) throws(ProtocolFailure) -> Bool {
        let read = try CredentialPathFile(bytes)
        let again = try CredentialPathFile(read.bytes)
        return again == read
    }

    private static func issuedCredential(_ bytes: [UInt8]) throws(ProtocolFailure) -> Bool {
        let written = try IssuedCredential(bytes).encoded()
        let again = try IssuedCredential(written).encoded()
        return again == written
    }

    private static func ceremonyPlan(_ bytes: [UInt8]) throws(ProtocolFailure) -> Bool {
        let read = try CeremonyPlan(bytes)
        let again = try CeremonyPlan(read.bytes)
        return again.bytes == read.bytes
    }

    /// No two kinds have the same members: at most one reads a document.
    private static func document(_ payload: [UInt8]) -> Verdict {
        var accepted = 0
        var code = "none"
        for kind in Document.allCases {
            do throws(ProtocolFailure) {
                guard try kind.isKept(payload) else { return .broken("another \(kind) than was written") }
                accepted += 1
            } catch {
                if error.detail.isEmpty { return .broken("a failure without words") }
                // That it is another kind of document says nothing; any other reason does.
                if error.code != .format { code = error.code.rawValue }
            }
        }
        if accepted > 1 { return .broken("\(accepted) kinds of document at once") }
        return accepted == 1 ? .accepted : .refused(code)
    }

    // MARK: - Profiles out of samples and templates

    private static func proposal(_ sample: [UInt8], _ other: [UInt8]) -> Verdict {
        guard let proposal = ProfileProposal(samples: [sample, other], topic: "ward/7/monitor", id: "sample") else {
            return .refused("no format")
        }
        guard let draft = proposal.draft(id: "sample", name: "A sample", source: "a sample") else {
            return .refused("no field")
        }
        return ConfigurationTargets.isReadable(draft.text)
    }

    private static func templates(_ payload: [UInt8], _ other: [UInt8]) -> Verdict {
        let sources = [payload, other].enumerated().map { place, bytes in
            TemplateSet.Source(name: "\(place).json", text: String(decoding: bytes, as: UTF8.self))
        }
        let naming = TemplateImport.Naming(id: "t", name: "T", source: "a test", topics: ["t/{device}"])
        let result = TemplateImport(TemplateSet(sources), naming: naming)
        guard result.findings.allSatisfy({ !$0.what.isEmpty && !$0.instead.isEmpty }) else {
            return .broken("a finding without words")
        }
        guard let draft = result.draft else { return .refused("templates") }
        // What a template denotes is more than it says, and bounded all the same.
        let length = draft.text.utf8.count
        return length <= 1 << 25 ? ConfigurationTargets.isReadable(draft.text) : .broken("a profile of \(length) bytes")
    }
}
