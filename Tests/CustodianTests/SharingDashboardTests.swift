import CanonicalBytes
import Certificates
import Contracts
import Dashboard
import Testing

@testable import Custodian

@Suite struct SharingDashboardTests {
    private static let two = "  - {name: two, action: queue, approvals: 2}"
    private static let one = "  - {name: one, action: queue}"

    private static func dashboard(_ test: TestDesk) -> SharingDashboard {
        SharingDashboard(desk: test.desk, datasets: DatasetStore(queue: test.desk.store.queue))
    }

    private static func steward(_ text: String) throws -> PartyName { try #require(PartyName(text)) }

    @Test func `two stewards must agree, and one of them agreeing twice does not do`() async throws {
        let test = try TestDesk(Self.two)
        let permission = try test.permit(try test.scope().digest)
        try await test.settle()
        let dashboard = Self.dashboard(test)
        let id = permission.id.hex
        let eve = try Self.steward("north:steward:eve")
        // The same party written as its URN, as a token could name it.
        let again = try Self.steward("urn:wardline:north:steward:eve")
        #expect(try await dashboard.decide(.approve, on: id, by: eve).contains("waiting now"))
        #expect(try await dashboard.decide(.approve, on: id, by: again).contains("another steward must agree"))
        #expect(try test.item(permission.id).state == .waiting)
        let view = try await dashboard.sharing()
        #expect(view.waiting.map(\.id) == [id] && view.waiting.first?.approvals == ["north:steward:eve"])
        let dan = try Self.steward("north:steward:dan")
        #expect(try await dashboard.decide(.approve, on: id, by: dan).contains("approved now"))
        try await test.settle()
        #expect(try test.item(permission.id).state == .recorded)
        let after = try await dashboard.sharing()
        #expect(after.waiting.isEmpty && after.items.first?.isStanding == true)
    }

    @Test(arguments: ["south:steward:sam", "north:custodian:records", "north:clinician:joe", "north:gateway:gw-1"])
    func `nobody but the organization's stewards decides`(name: String) async throws {
        let test = try TestDesk(Self.one)
        let permission = try test.permit(try test.scope().digest)
        try await test.settle()
        let dashboard = Self.dashboard(test)
        for decision in SharingDecision.allCases {
            let text = try await dashboard.decide(decision, on: permission.id.hex, by: try Self.steward(name))
            #expect(text.contains("Only a steward of north decides"))
        }
        #expect(try test.item(permission.id).state == .waiting)
        #expect(try test.desk.store.approvals(of: permission.id).isEmpty)
    }

    @Test func `a refusal and a revocation name the steward`() async throws {
        let test = try TestDesk(Self.one)
        let refused = try test.permit(try test.scope().digest)
        let standing = try test.permit(try test.scope("0a1b.waves").digest)
        try await test.settle()
        let dashboard = Self.dashboard(test)
        let eve = try Self.steward("north:steward:eve")
        _ = try await dashboard.decide(.deny, on: refused.id.hex, by: eve)
        _ = try await dashboard.decide(.approve, on: standing.id.hex, by: eve)
        try await test.settle()
        _ = try await dashboard.decide(.revoke, on: standing.id.hex, by: eve)
        try await test.settle()
        let items = try await dashboard.sharing().items
        #expect(items.count == 2)
        #expect(items.first { $0.id == refused.id.hex }?.reason == "denied-by-steward: refused by north:steward:eve")
        #expect(items.first { $0.id == standing.id.hex }?.reason == "revoked-by:north:steward:eve")
        #expect(items.first { $0.id == standing.id.hex }?.isStanding == false)
    }

    @Test(arguments: ["", "zz", "00", String(repeating: "00", count: 32)])
    func `an identifier of nothing decides nothing`(id: String) async throws {
        let test = try TestDesk(Self.one)
        let eve = try Self.steward("north:steward:eve")
        let dashboard = Self.dashboard(test)
        for decision in SharingDecision.allCases {
            let text = try await dashboard.decide(decision, on: id, by: eve)
            #expect(text.contains("No request of this identifier"))
        }
    }
}
