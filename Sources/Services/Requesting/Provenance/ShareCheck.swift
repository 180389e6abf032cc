internal import CanonicalBytes
internal import Certificates
internal import ChainReading
internal import Consensus
internal import Contracts
internal import Foundation
package import Ledger
internal import Receiving
internal import Signcryption

/// Checks a share from its folder and the genesis alone: no server is asked, and no key is needed.
package struct ShareCheck: Sendable {
    private let folder: ShareFolder
    private let genesis: Genesis

    /// - Parameters:
    ///   - folder: of the share; its secrets are not looked at.
    ///   - genesis: of the chain, from a source that is trusted.
    package init(_ folder: ShareFolder, genesis: Genesis) {
        self.folder = folder
        self.genesis = genesis
    }

    /// Every step with what was found.
    package func run() -> ShareReport {
        var report = ShareReport()
        var whole = ShareReport.Part(scope: nil)
        guard self.folder.has(Provenance.fileName) || self.folder.has(ShareFolder.data) else {
            let text = "no data were fetched yet: `wardline share fetch` brings them and signs what they are"
            whole.steps.append(.init(name: "provenance", state: .missing, text: text, facts: [:]))
            report.parts = [whole]
            return report
        }
        let signed: (statement: Provenance, certificate: ImplicitCertificate)
        do {
            signed = try Provenance.verified(in: self.folder, issuers: self.genesis.issuers)
            guard signed.statement.share.chain.isSame(as: self.genesis.chain) else {
                throw ProtocolFailure(.context, "the share is of the chain \(signed.statement.share.chain)")
            }
        } catch {
            whole.steps.append(.init(name: "provenance", state: .failed, text: "\(error)", facts: [:]))
            report.parts = [whole]
            return report
        }
        let (statement, certificate) = signed
        whole.steps.append(self.provenance(statement, certificate))
        whole.steps.append(self.files(statement))
        let chain: ChainView
        do {
            chain = try ChainView(self.genesis, self.folder)
            whole.steps.append(self.committees())
        } catch {
            whole.steps.append(.init(name: "committees", state: .failed, text: "\(error)", facts: [:]))
            report.parts = [whole]
            return report
        }
        whole.steps.append(self.data())
        report.parts = [whole]
        for entry in statement.share.scopes {
            var part = ShareReport.Part(scope: entry.scope)
            do {
                let check = ScopeCheck(
                    scope: try ScopeFolder(self.folder, entry),
                    record: statement.share,
                    certificate: certificate,
                    issuers: self.genesis.issuers,
                    chain: chain
                )
                part.steps = check.run()
            } catch {
                part.steps = [.init(name: "scope", state: .failed, text: "\(error)", facts: [:])]
            }
            report.parts.append(part)
        }
        return report
    }

    private func provenance(_ statement: Provenance, _ certificate: ImplicitCertificate) -> ShareReport.Step {
        let subject = certificate.fields.subject
        let facts = [
            "certificate": certificate.digest.hex, "created": "\(statement.created)",
            "requester": subject.isEmpty ? "a pseudonym" : subject,
        ]
        guard certificate.digest.hex.isSame(as: statement.share.requester) else {
            let text = "signed under another certificate than the share was asked for with"
            return .init(name: "provenance", state: .failed, text: text, facts: facts)
        }
        let text = "signed under the certificate that the share was asked for with"
        return .init(name: "provenance", state: .verified, text: text, facts: facts)
    }

    private func files(_ statement: Provenance) -> ShareReport.Step {
        let facts = ["files": "\(statement.files.count)"]
        do {
            let differences = try statement.differences(in: self.folder)
            guard differences.isEmpty else {
                let others = differences.count > 3 ? " and \(differences.count - 3) more" : ""
                let text = differences.prefix(3).joined(separator: ", ") + others
                return .init(name: "files", state: .failed, text: text, facts: facts)
            }
            let text = "all files are what the requester signed"
            return .init(name: "files", state: .verified, text: text, facts: facts)
        } catch { return .init(name: "files", state: .failed, text: "\(error)", facts: facts) }
    }

    private func committees() -> ShareReport.Step {
        let count = Channel.allCases.map { (try? self.folder.handovers($0).count) ?? 0 }.reduce(0, +)
        let text = "\(count) changes of committees follow from the genesis"
        return .init(name: "committees", state: .verified, text: text, facts: [:])
    }

    /// The data are just what the kept records give.
    private func data() -> ShareReport.Step {
        let name = "data"
        do {
            let export = try ShareExport(self.folder)
            guard let format = export.format else {
                return .init(name: name, state: .missing, text: "no data were written", facts: [:])
            }
            let expected = try export.digests(format)
            let found = self.folder.list(ShareFolder.data)
            guard Set(found) == Set(expected.keys) else {
                return .init(name: name, state: .failed, text: "other data files than the records give", facts: [:])
            }
            for file in found where try self.folder.digest("\(ShareFolder.data)/\(file)") != expected[file] {
                let text = "\(ShareFolder.data)/\(file) is not what the records give"
                return .init(name: name, state: .failed, text: text, facts: [:])
            }
            let text = "the data are what the opened envelopes held, as the requester signed it"
            return .init(name: name, state: .verified, text: text, facts: ["format": format.rawValue])
        } catch { return .init(name: name, state: .failed, text: "\(error)", facts: [:]) }
    }
}
