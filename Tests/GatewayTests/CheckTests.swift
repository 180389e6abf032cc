import CanonicalBytes
import Certificates
import ChainReading
import Consensus
import Contracts
import Credentials
import Foundation
import Ledger
import PathProofs
import TestIslands
import Testing
import Uplink

@testable import Gateway

@Suite("Checks of a gateway and of a registration", .serialized, .timeLimit(.minutes(15))) struct CheckTests {
    private static func faults(_ findings: [Finding]) -> [String] {
        findings.filter { $0.grade == .fault }.map { "\($0.about): \($0.text)" }
    }

    @Test("nothing is in the way of a gateway that works, apart from what it will do itself")
    func healthy() async throws {
        try await Sea.with { sea in
            let configuration = try sea.configuration(of: "alpha")
            var findings = await GatewayDoctor(configuration).examine()
            #expect(Self.faults(findings).isEmpty, "\(findings)")
            // Nobody has brought the relay chain's list yet.
            #expect(findings.contains { $0.grade == .warning && $0.about == "list of hub" })
            let gateway = try sea.start(configuration)
            try await sea.wait { try await sea.island("alpha").value(of: InterchainKey.listEpoch("hub")) != nil }
            await gateway.stop()
            findings = await GatewayDoctor(configuration).examine()
            // Certificates of tests are good for a day.
            findings.removeAll { $0.about == "identity" }
            #expect(findings.allSatisfy { $0.grade == .fine }, "\(findings)")
        }
    }

    @Test("what is in the way is named, with what to do")
    func broken() async throws {
        try await Sea.with { sea in
            await sea.stopAttester("alpha.v2")
            let frozen = ProposedChange.standing(ChangeStanding(chain: "alpha", action: .freeze))
            try await sea.hub.decide(frozen)
            var configuration = try sea.configuration(of: "alpha")
            let ahead = ChainClock.now - 3_600_000
            var faults = Self.faults(await GatewayDoctor(configuration) { ahead }.examine())
            #expect(faults.contains { $0.hasPrefix("registration: alpha is frozen") })
            #expect(faults.contains { $0.hasPrefix("alpha, subgroup ethics: 0 of 1 reached") })
            #expect(faults.contains { $0.hasPrefix("clock: ") })
            configuration.name = "zulu"
            faults = Self.faults(await GatewayDoctor(configuration).examine())
            #expect(faults.contains { $0 == "registration: hub knows no chain zulu" })
            #expect(faults.contains { $0.hasPrefix("connection: the chain calls itself alpha") })
            configuration.relay.chain.genesisFile = "/nonexistent"
            faults = Self.faults(await GatewayDoctor(configuration).examine())
            #expect(faults.count == 1 && faults[0].hasPrefix("configuration: "))
        }
    }

    @Test("a registration that would work, and those that would not")
    func rehearsal() async throws {
        try await Sea.with { sea in
            let client = SecureClient(identity: IdentityWatch(sea.carrier), servers: [.validator], of: .allies)
            let genesis = try sea.island("alpha").genesis
            func examine(
                name: String = "delta",
                chain: String? = nil,
                committee: Committee? = nil,
                height: Height = 1,
                trust: UInt64 = 14 * 86_400,
                list: String = "delta"
            ) async throws -> [Finding] {
                let nodes = try VerificationNodes(of: list, directory: sea.folder.fresh("keys").made())
                let registration = RegisterChain(
                    name: name,
                    basis: .wardline(
                        ClientAnchor(
                            chain: Array((chain ?? genesis.chain).utf8),
                            committee: committee ?? genesis.committee,
                            firstHeight: height,
                            trustSeconds: trust
                        )
                    ),
                    operatorName: sea.hub.governor.name,
                    list: ListAnchor(list: try nodes.list().bytes, firstHeight: 1)
                )
                return await RegistrationRehearsal(
                    registration,
                    hub: try sea.read("hub", client),
                    chain: try sea.read("alpha", client)
                ).examine()
            }
            let outcome: Result<Void, any Error>
            do {
                _ = try await sea.ask()
                // It is connected under its name already; all else fits.
                #expect(Self.faults(try await examine()) == ["connection: it is connected to hub as alpha"])
                let fine = try await examine()
                #expect(fine.contains { $0.about == "light client" && $0.grade == .fine })
                #expect(fine.contains { $0.about == "leaf" && $0.text.hasPrefix("accepts") })
                func about(_ findings: [Finding]) -> Set<String> {
                    Set(findings.filter { $0.grade == .fault }.map(\.about))
                }
                #expect(try await about(examine(name: "alpha", list: "alpha")) == ["name"])
                #expect(try await about(examine(list: "echo")).contains("list"))
                #expect(try await about(examine(chain: "other")).isSuperset(of: ["anchor", "light client"]))
                #expect(try await about(examine(height: 2)).contains("anchor"))
                let hub = sea.hub.genesis.committee
                #expect(try await about(examine(committee: hub)).isSuperset(of: ["anchor", "light client"]))
                let short = try await examine(trust: 3_600)
                #expect(short.contains { $0.about == "trust" && $0.grade == .warning })
                outcome = .success(())
            } catch { outcome = .failure(error) }
            await client.close()
            try outcome.get()
        }
    }
}

private enum ChainClock {
    static var now: UInt64 { UInt64(Date().timeIntervalSince1970 * 1_000) }
}

extension String {
    /// The folder of this path, made.
    fileprivate func made() throws -> String {
        try PrivateFile.makeDirectory(self)
        return self
    }
}
