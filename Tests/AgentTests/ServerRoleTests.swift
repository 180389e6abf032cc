import Certificates
import Credentials
import Custodian
import Foundation
import FreePorts
import Logging
import PrivacyCenter
import SecureHTTP
import ServiceLifecycle
import Testing
import Uplink

@testable import Agent

@Suite("Servers of another role", .timeLimit(.minutes(10)))
struct ServerRoleTests {
    private func custodian(_ site: UplinkSite) throws -> (port: Int, services: [any Service]) {
        let port = try FreePorts.one()
        let configuration = CustodianConfiguration(
            identityDirectory: site.custodianIdentity.directory,
            directory: "\(site.site.folder)/custodian",
            address: "127.0.0.1",
            port: port
        )
        return (port, try CustodianService.services(configuration, logger: TestSite.logger))
    }

    private func center(_ site: UplinkSite) throws -> (port: Int, services: [any Service]) {
        let port = try FreePorts.one()
        let configuration = PrivacyCenterConfiguration(
            identityDirectory: site.centerIdentity.directory,
            address: "127.0.0.1",
            port: port,
            store: .sqlite(directory: "\(site.site.folder)/center")
        )
        return (port, try PrivacyCenterService.services(configuration, logger: TestSite.logger))
    }

    private func url(_ port: Int) throws -> ServiceURL { try #require(ServiceURL("https://127.0.0.1:\(port)")) }

    @Test("a gateway sends a custodian no envelope, and asks a privacy center for no scope")
    func gateway() async throws {
        let site = try UplinkSite()
        let (custodian, center) = (try self.custodian(site), try self.center(site))
        try await Running.services(custodian.services + center.services) {
            let watch = IdentityWatch(site.gateway)
            let toCenters = SecureClient(identity: watch, servers: [.privacyCenter])
            let toCustodian = SecureClient(identity: watch, servers: [.custodian, .institution])
            let wrongCenter = PrivacyCenterClient(
                name: UplinkSite.centerName,
                base: try self.url(custodian.port),
                client: toCenters
            )
            let rightCenter = PrivacyCenterClient(
                name: UplinkSite.centerName,
                base: try self.url(center.port),
                client: toCenters
            )
            #expect(await eventuallyAnswers { (try? await rightCenter.treeHead()) != nil })
            let wrongCustodian = CustodianClient(base: try self.url(center.port), client: toCustodian)
            let rightCustodian = CustodianClient(base: try self.url(custodian.port), client: toCustodian)
            #expect(await eventuallyAnswers { (try? await rightCustodian.scope(label: "a.vitals", epoch: 1)) != nil })

            let first = await #expect(throws: UplinkFailure.self) { try await wrongCenter.treeHead() }
            #expect(first?.description.contains("ward:custodian:c1, where the role privacy-center is expected") == true)
            #expect(first?.description.contains("check host and port") == true)
            let second = await #expect(throws: UplinkFailure.self) {
                try await wrongCustodian.scope(label: "b.vitals", epoch: 1)
            }
            #expect(
                second?.description.contains(
                    "cloud:privacy-center:one, where the role custodian or institution is expected"
                ) == true
            )
            #expect(try site.custodian.registry.scopes().map(\.label) == ["a.vitals"])
            // A refused connection leaves nothing behind that a later request would trip over.
            for _ in 0..<20 {
                await #expect(throws: UplinkFailure.self) { try await wrongCenter.treeHead() }
            }
            let head = try await rightCenter.treeHead()
            #expect(!head.isEmpty)
            await toCenters.close()
            await toCustodian.close()
        }
    }

    @Test("a custodian publishes no scope to another custodian")
    func publisher() async throws {
        let site = try UplinkSite()
        _ = try site.custodian.scope(label: "a.vitals", epoch: 1)
        let custodian = try self.custodian(site)
        try await Running.services(custodian.services) {
            let address = "https://127.0.0.1:\(custodian.port)"
            let isRefused = await eventuallyAnswers {
                do {
                    _ = try await CustodianService.publish(site.custodian, to: address)
                    return false
                } catch { return "\(error)".contains("where the role privacy-center is expected") }
            }
            let waiting = try site.custodian.registry.unpublishedCount(to: address)
            #expect(isRefused && waiting == 1)
        }
    }
}
