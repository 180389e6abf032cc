import Consensus
import Contracts
import Ledger
import Testing

@testable import ChainInterface

@Suite struct SharedFactTests {
    private static func pair(_ key: String, _ access: [UInt8]?, _ index: [UInt8]?) -> SharedFacts.Pair {
        SharedFacts.Pair(key: Array(key.utf8), access: access, index: index)
    }

    @Test("Nothing is missing where both channels hold the same")
    func same() {
        let facts = SharedFacts(
            handovers: [],
            indexEpoch: 0,
            values: [Self.pair("a", [1], [1]), Self.pair("b", nil, nil)]
        )
        #expect(facts.missing.isEmpty)
    }

    @Test("Committees that the index channel does not know come first, the oldest at the beginning; then values")
    func order() async throws {
        try await TestSite.with { site in
            let handovers = try await site.handovers(2)
            let values = [Self.pair("a", [1], [2]), Self.pair("b", [1], nil), Self.pair("c", nil, [1])]
            let behind = SharedFacts(handovers: handovers, indexEpoch: 0, values: values)
            #expect(
                behind.missing == handovers.map(SharedFact.committee)
                    + ["a", "b", "c"].map { .value(key: Array($0.utf8)) }
            )
            let later = SharedFacts(handovers: handovers, indexEpoch: 1, values: [])
            #expect(later.missing == [.committee(handovers[1])])
            #expect(SharedFacts(handovers: handovers, indexEpoch: 2, values: []).missing.isEmpty)
        }
    }

    @Test("The keys are all that both channels keep, once each, and each has a method that brings it")
    func keys() async throws {
        try await TestSite.with { site in
            let keys = SharedFacts.keys(
                genesis: site.genesis,
                handovers: [],
                contracts: ConsortiumContracts(scheme: Ed25519Scheme())
            )
            #expect(Set(keys).count == keys.count)
            for key in [
                StateKey.issuers, StateKey.parameter("epoch.seconds"), StateKey.parameter("anchor.late_seconds"),
                StateKey.validator(ReplicaID(4)), SystemKey.activation(Array("index".utf8)),
                SystemKey.activation(Array("index.anchor".utf8)),
            ] {
                #expect(keys.contains(key))
            }
            _ = try await site.submit(try site.proposal())
            for key in keys {
                let proof = try #require(try await BackendFacts(backend: site.backend).value(of: key, on: .access))
                #expect(SharedFact.call(bringing: proof) != nil)
            }
            let other = try await BackendFacts(backend: site.backend).value(of: [1, 2], on: .access)
            #expect(SharedFact.call(bringing: try #require(other)) == nil)
        }
    }
}
