import Certificates
import Consensus
import Contracts
import Ledger
import LedgerStore
import Testing

@testable import Validator

@Suite("The consortium decides about itself", .serialized)
struct GovernanceTests {
    @Test(
        "Governors bring in a fifth validator on one channel, and the proof of it brings it in on the other",
        arguments: CertificateKind.allCases
    )
    func fifthValidator(_ kind: CertificateKind) async throws {
        try await TestConsortium(kind).run { site in
            try site.startAll()
            let governor = try site.client("clinic-1:operator:o1")
            let names = try (1...5).map { try #require(PartyName("clinic-\($0):validator:v\($0)")) }
            let next = try #require(site.logic.next)
            let expires = WallClock.milliseconds + 60_000
            let propose = Propose(expires: expires, change: .committee(next, names: names))
            let proposed = try await site[1].submit(try governor.transaction(propose, on: .access).bytes)
            #expect(proposed.receipt.code == 0)
            try site.start(5)
            let approve = Approve(proposal: proposed.transaction.id)
            let approved = try await site[2].submit(try governor.transaction(approve, on: .access).bytes)
            #expect(approved.receipt.code == 0)
            let handover = try #require(try await site[2].handovers(after: 0, channel: .access).first)
            #expect(handover.header == approved.header && handover.next == next)
            let follow = FollowCommittee(header: handover.header, certificate: handover.certificate, next: next)
            let followed = try await site[3].submit(try governor.transaction(follow, on: .index).bytes)
            #expect(followed.receipt.code == 0)
            for channel in Channel.allCases {
                let height = channel == .access ? approved.header.height : followed.header.height
                try await site.wait(5, for: height, channel)
                let transaction = try site.client().transaction([1], channel: channel)
                let proof = try await site[5].submit(transaction.bytes)
                #expect(proof.header.epoch == 1)
                #expect(try await site[5].handovers(after: 0, channel: channel).count == 1)
            }
            // Four of five decide: the new one's votes count.
            await site.stop(3)
            for channel in Channel.allCases {
                let place = try await site.commit(
                    try site.client().transaction([2], channel: channel),
                    at: [1, 2, 4, 5]
                )
                let block = try #require(try await self.block(site, place.height, channel))
                let signers = try #require(block.certificate.signers(in: next))
                #expect(signers.count == 4 && signers.contains { $0.id == ReplicaID(5) })
            }
        }
    }

    @Test("Nobody comes in whose keys are of another kind, or whose possession of them is not proven")
    func unfitKeys() async throws {
        try await TestConsortium(.bls).run { site in
            try site.startAll()
            let governor = try site.client("clinic-1:operator:o1")
            let names = try (1...5).map { try #require(PartyName("clinic-\($0):validator:v\($0)")) }
            let fit = site.signers[4].member(ReplicaID(5))
            let others = site.signers[0].member(ReplicaID(1))
            let (key, proof) = (fit.shareKey.prefix(48), fit.shareKey.suffix(96))
            func code(_ shareKey: [UInt8]) async throws -> UInt16 {
                let fifth = Member(id: ReplicaID(5), votingKey: fit.votingKey, shareKey: shareKey)
                let members = site.genesis.committee.members + [fifth]
                let next = try #require(Committee(epoch: 1, members: members))
                let propose = Propose(
                    expires: WallClock.milliseconds + 60_000,
                    change: .committee(next, names: names)
                )
                return try await site[1].submit(try governor.transaction(propose, on: .access).bytes).receipt.code
            }
            let unfit: [[UInt8]] = [
                try TestSigner(.ed25519, 5).member(ReplicaID(5)).shareKey, Array(key), fit.shareKey + [0],
                Array(key) + [UInt8](repeating: 0, count: 96), Array(key) + Array(others.shareKey.suffix(96)),
                Array(others.shareKey.prefix(48)) + Array(proof), Array(key) + proof.map { $0 ^ 1 },
            ]
            for (place, shareKey) in unfit.enumerated() {
                #expect(try await code(shareKey) == RejectionCode.validatorKeyUnfit.number, "case \(place)")
            }
            #expect(try await code(fit.shareKey) == 0)
        }
    }

    private func block(_ site: TestConsortium, _ height: Height, _ channel: Channel) async throws -> FinalBlock? {
        try await site.wait(5, for: height, channel)
        return try site[5].block(at: height, channel: channel)
    }
}
