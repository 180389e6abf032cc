import CanonicalBytes
import Certificates
import Credentials
import Custodian
import Foundation
import Receiving
import Records
import Signcryption
import TestIdentities
import Testing

@Suite struct GrantingTests {
    @Test("A repeated order goes on with the grant that was made, also after a restart of the custodian")
    func repeated() async throws {
        try await SharingSite.with(centers: 2) { site in
            let first = try await site.grant(site.order())
            let again = try await site.grant(site.order())
            #expect(again.isRepeated && again.digest == first.digest && again.file == first.file)
            let custodian = try Custodian(directory: site.custodian.directory, identity: site.custodian.identity)
            let desk = try GrantDesk(custodian: custodian)
            let restarted = try await desk.grant(site.order(), at: SharingSite.now)
            await desk.close()
            #expect(restarted.digest == first.digest)
            let renewed = try await site.grant(site.order(), renew: true)
            #expect(!renewed.isRepeated && renewed.digest != first.digest)
        }
    }

    @Test("A center that is away is named, and gets the same grant when it is back")
    func centerAway() async throws {
        try await SharingSite.with(centers: 2) { site in
            // It was there when the grant was made.
            let whole = try await site.grant(site.order(threshold: 1))
            #expect(whole.refusals.isEmpty)
            try await site.stop(1)
            let partial = try await site.grant(site.order(threshold: 1))
            #expect(partial.digest == whole.digest)
            #expect(partial.refusals.map(\.center) == [site.url(1)])
            #expect(partial.isUsable)
            await #expect(throws: CustodianError.self) {
                try await site.grant(site.order(threshold: 1, permission: 8))
            }
        }
    }

    @Test("Another order under the same permission is refused")
    func anotherOrder() async throws {
        try await SharingSite.with(centers: 2) { site in
            _ = try await site.grant(site.order())
            await #expect(throws: CustodianError.self) { try await site.grant(site.order(threshold: 1)) }
            let other = try site.authority.enroll("lab:researcher:other")
            await #expect(throws: CustodianError.self) { try await site.grant(site.order(to: other)) }
            let second = try await site.grant(site.order(to: other, permission: 8))
            #expect(second.isUsable && !second.isRepeated)
        }
    }

    @Test("A scope of epoch keys is never granted, nor anything to a certificate that cannot receive")
    func unfit() async throws {
        try await SharingSite.with { site in
            let keys = try site.custodian.scope(label: "0a1b.vitals.epoch-keys", epoch: 2_970)
            let plain = site.order()
            let order = GrantOrder(
                permission: plain.permission,
                scope: keys,
                receiverCertificate: plain.receiverCertificate,
                centers: plain.centers,
                threshold: nil,
                notBefore: plain.notBefore,
                notAfter: plain.notAfter
            )
            var failure = await #expect(throws: ProtocolFailure.self) { try await site.grant(order) }
            #expect(failure?.code == .context)
            let gateway = site.gateway
            failure = await #expect(throws: ProtocolFailure.self) { try await site.grant(site.order(to: gateway)) }
            #expect(failure?.code == .context)
        }
    }

    @Test("A server that does not prove the key of its certificate is no center of a grant")
    func foreignCenter() async throws {
        try await SharingSite.with { site in
            var order = site.order()
            order = GrantOrder(
                permission: order.permission,
                scope: order.scope,
                receiverCertificate: order.receiverCertificate,
                centers: ["https://localhost:1"],
                threshold: nil,
                notBefore: order.notBefore,
                notAfter: order.notAfter
            )
            let wanted = order
            await #expect(throws: CustodianError.self) { try await site.grant(wanted) }
        }
    }
}
