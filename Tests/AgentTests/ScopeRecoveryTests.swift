import CanonicalBytes
import Credentials
import Custodian
import Foundation
import FreePorts
import PrivacyCenter
import ServiceLifecycle
import Signcryption
import Testing

@testable import Agent

@Suite("A custodian that lost its list of scopes", .timeLimit(.minutes(10)))
struct ScopeRecoveryTests {
    /// Runs a privacy center that knows the scopes of the site's custodian.
    private func withCenter(_ site: UplinkSite, _ body: (String) async throws -> Void) async throws {
        let port = try FreePorts.one()
        let configuration = PrivacyCenterConfiguration(
            identityDirectory: site.centerIdentity.directory,
            address: "127.0.0.1",
            port: port,
            store: .sqlite(directory: "\(site.site.folder)/center")
        )
        let services = try PrivacyCenterService.services(configuration, logger: TestSite.logger)
        try await Running.services(services) {
            let address = "https://127.0.0.1:\(port)"
            let isPublished = await eventuallyAnswers {
                (try? await CustodianService.publish(site.custodian, to: address)) != nil
            }
            #expect(isPublished)
            try await body(address)
        }
    }

    /// A directory with a copy of the owner secret and nothing else.
    private func replacement(_ site: UplinkSite, _ name: String = "replacement") throws -> String {
        let directory = "\(site.site.folder)/\(name)"
        try PrivateFile.makeDirectory(directory)
        try PrivateFile.write(
            try PrivateFile.read("\(site.site.folder)/custodian/owner.secret"),
            to: "\(directory)/owner.secret"
        )
        return directory
    }

    @Test("gets it back from the owner secret and a privacy center, and opens what was sealed to it")
    func rebuild() async throws {
        let site = try UplinkSite()
        for number in 0..<30 { _ = try site.custodian.scope(label: "stream-\(number).vitals", epoch: 2_900) }
        let before = try site.custodian.registry.scopes()
        try await self.withCenter(site) { center in
            let directory = try self.replacement(site)
            let recovery = try ScopeRecovery(directory: directory, identity: site.custodianIdentity)
            var summary = RecoverySummary()
            try await recovery.run(from: center, summary: &summary) { _, why in Issue.record("\(why)") }
            #expect(summary.found == 30 && summary.added == 30 && summary.beside == 0 && summary.refused == 0)
            let custodian = try Custodian(directory: directory, identity: site.custodianIdentity)
            let after = try custodian.registry.scopes()
            #expect(after.map(\.descriptor) == before.map(\.descriptor))
            #expect(after.map(\.ownerCertificate) == before.map(\.ownerCertificate))
            #expect(try custodian.scope(label: "stream-7.vitals", epoch: 2_900).digest == before[23 + 4].digest)
            #expect(try custodian.registry.unpublishedCount(to: center) == 0)

            var again = RecoverySummary()
            try await recovery.run(from: center, summary: &again) { _, why in Issue.record("\(why)") }
            #expect(again.found == 30 && again.added == 0)
        }
    }

    @Test("keeps a descriptor beside the one that it signed in the meantime")
    func beside() async throws {
        let site = try UplinkSite()
        let first = try site.custodian.scope(label: "a.vitals", epoch: 1)
        try await self.withCenter(site) { center in
            let directory = try self.replacement(site)
            let custodian = try Custodian(directory: directory, identity: site.custodianIdentity)
            let second = try custodian.scope(label: "a.vitals", epoch: 1)
            #expect(second.digest != first.digest)
            var summary = RecoverySummary()
            let recovery = try ScopeRecovery(directory: directory, identity: site.custodianIdentity)
            try await recovery.run(from: center, summary: &summary) { _, why in Issue.record("\(why)") }
            #expect(summary.added == 1 && summary.beside == 1)
            #expect(try Set(custodian.registry.scopes().map(\.digest)) == [first.digest, second.digest])
            #expect(try custodian.scope(label: "a.vitals", epoch: 1).digest == second.digest, "gateways have that one")
        }
    }

    @Test("takes nothing that another owner secret made, and says so")
    func otherSecret() async throws {
        let site = try UplinkSite()
        _ = try site.custodian.scope(label: "a.vitals", epoch: 1)
        try await self.withCenter(site) { center in
            let directory = "\(site.site.folder)/other"
            _ = try Custodian(directory: directory, identity: site.custodianIdentity)
            var summary = RecoverySummary()
            var reasons: [String] = []
            let recovery = try ScopeRecovery(directory: directory, identity: site.custodianIdentity)
            try await recovery.run(from: center, summary: &summary) { reasons.append($1) }
            #expect(summary.found == 1 && summary.refused == 1 && summary.added == 0)
            #expect(reasons.first?.contains("another owner secret") == true)
        }
    }

    @Test("without the owner secret it is told so, and none is made")
    func noSecret() throws {
        let site = try UplinkSite()
        let directory = "\(site.site.folder)/empty"
        try PrivateFile.makeDirectory(directory)
        #expect(throws: CustodianError.self) {
            try ScopeRecovery(directory: directory, identity: site.custodianIdentity)
        }
        #expect(!PrivateFile.exists("\(directory)/owner.secret"))
    }
}
