import Contracts
import IBTP
import Ledger
import Relaying
import Testing

@testable import Gateway

@Suite("Leaves of a chain with several relay chains") struct RouteLeafTests {
    private static func record(_ hub: String, _ type: MessageType = .interchain) -> LeafRecord {
        let message = InterchainMessage(from: "\(hub):alpha:share", to: "\(hub):bravo:share", index: 3, type: type)
        let leaf = Contracts.OutboundLeaf.message(message)
        let place = LeafPlace(shore: .application, height: 5, tree: OutboundTree.out.rawValue, index: 0)
        return LeafRecord(place: place, bytes: leaf.bytes, leaf: leaf, transaction: [1], epoch: 0)
    }

    @Test("a gateway takes up what goes over its own relay chain, and nothing else", arguments: ["hub", "port"])
    func own(_ hub: String) throws {
        let other = hub == "hub" ? "port" : "hub"
        let request = try #require(Self.record(hub).parcel(for: "alpha", at: hub))
        #expect(request.kind == .request && request.message.index == 3)
        #expect(Self.record(hub).parcel(for: "alpha", at: other) == nil)
        #expect(Self.record(hub, .receiptSuccess).parcel(for: "bravo", at: hub)?.kind == .receipt)
        #expect(Self.record(hub, .receiptSuccess).parcel(for: "bravo", at: other) == nil)
    }
}
