import CanonicalBytes
import Certificates
import Credentials
import Custodian
import Foundation
import IdentityEncryption
import Receiving
import Records
import Signcryption
import TestIdentities
import Testing
import Uplink

@Suite struct ReceivingTests {
    /// The error that a body throws, as text; empty for none.
    private static func failure(_ body: () async throws -> Void) async -> String {
        do { try await body() } catch { return "\(error)" }
        return ""
    }

    @Test("A receiver with a grant and the identity's key reads every envelope of the scope")
    func roundTrip() async throws {
        try await SharingSite.with { site in
            let jsons = (1...40).map { #"{"resourceType":"Observation","id":"o\#($0)"}"# }
            for (number, json) in jsons.enumerated() { try await site.deliver(UInt64(number + 1), json) }
            let outcome = try await site.grant(site.order())
            #expect(outcome.isUsable && !outcome.isRepeated && outcome.refusals.isEmpty)
            let file = try GrantFile(bytes: outcome.file.bytes)
            #expect(file == outcome.file)
            let receiver = try site.receiver(file)
            var lines = Lines()
            let summary = try await receiver.receive { lines.append($0) }
            #expect(lines.texts == jsons)
            #expect(summary.envelopes == 40 && summary.observations == 40 && summary.messages == 40)
            #expect(summary.epochKeys == 1 && summary.parts == 40)
            #expect(receiver.faults.isEmpty)
        }
    }

    @Test("A center that does not give many envelopes at once is asked for each")
    func withoutBatches() async throws {
        try await SharingSite.with { site in
            let jsons = (1...20).map { #"{"id":"o\#($0)"}"# }
            for (number, json) in jsons.enumerated() { try await site.deliver(UInt64(number + 1), json) }
            let file = try await site.grant(site.order()).file
            let old = try site.clients(as: site.researcher).map { center in
                LyingCenter(center: center, takesBatches: false) { $0 }
            }
            let receiver = try site.receiver(file, centers: old)
            var lines = Lines()
            _ = try await receiver.receive { lines.append($0) }
            #expect(lines.texts == jsons)
            #expect(receiver.faults.isEmpty)
        }
    }

    @Test("One envelope is received by its H1, an unknown one is not")
    func single() async throws {
        try await SharingSite.with { site in
            try await site.deliver(1, #"{"id":"a"}"#)
            let h1 = try await site.deliver(2, #"{"id":"b"}"#)
            let receiver = try site.receiver(try await site.grant(site.order()).file)
            var lines = Lines()
            _ = try await receiver.receive(h1) { lines.append($0) }
            #expect(lines.texts == [#"{"id":"b"}"#])
            let unknown = try #require(Digest(bytes: [UInt8](repeating: 1, count: 32)))
            let text = await Self.failure { _ = try await receiver.receive(unknown) { _ in } }
            #expect(text.contains("no privacy center gives the envelope 0101"))
        }
    }

    @Test("Without the identity's key nothing opens, and the message says which one is needed")
    func missingKey() async throws {
        try await SharingSite.with { site in
            try await site.deliver(1, #"{"id":"a"}"#)
            let file = try await site.grant(site.order()).file
            for keys in [[], [try site.identityKey(of: "ward:gateway:bed-2")]] {
                let receiver = try site.receiver(file, keys: keys)
                var lines = Lines()
                let text = await Self.failure { _ = try await receiver.receive { lines.append($0) } }
                #expect(text.contains("the identity key of ward:gateway:bed-1 for 0a1b.vitals, epoch 2970, is needed"))
                #expect(text.contains("wardline ibe request --sender ward:gateway:bed-1"))
                #expect(lines.texts.isEmpty)
            }
        }
    }

    @Test("Everything but the identity's key does not open an envelope, whatever stands in for the epoch key")
    func grantAlone() async throws {
        try await SharingSite.with { site in
            try await site.deliver(1, #"{"id":"a"}"#)
            let receiver = try site.receiver(try await site.grant(site.order()).file, keys: [])
            let material = try await receiver.material()
            func open(_ epochKey: [UInt8]?) throws(ProtocolFailure) -> Int {
                let context = GrantReader.Context(nonce: material.nonce, epochKey: epochKey, capsule: material.capsule)
                return try material.reader.open(material.envelope, parts: material.parts, context: context).count
            }
            let epochKey = try site.identityKey().open(material.capsule)
            #expect(try open(epochKey) == 1)
            for guess in [[UInt8](repeating: 0, count: 32), Array(material.capsule.bytes.suffix(32))] {
                let failure = #expect(throws: ProtocolFailure.self) { try open(guess) }
                #expect(failure?.code == .aead)
            }
            let failure = #expect(throws: ProtocolFailure.self) { try open(nil) }
            #expect(failure?.code == .context)
        }
    }

    @Test("A grant is of no use to another receiver")
    func anotherReceiver() async throws {
        try await SharingSite.with { site in
            try await site.deliver(1, #"{"id":"a"}"#)
            let file = try await site.grant(site.order()).file
            let thief = try site.authority.enroll("lab:researcher:thief")
            let text = await Self.failure { _ = try site.receiver(file, as: thief) }
            #expect(text.contains("for another certificate, of lab:researcher:r"))
            // Nor does a center give the thief anything.
            let receiver = try site.receiver(file)
            _ = try await receiver.receive { _ in }
            let center = try site.client(0, as: thief)
            let digest = try #require(Digest(bytes: VerifiedGrant.digest(of: file.grant)))
            let refusal = await Self.failure {
                _ = try await center.envelopes(ofScope: site.scope.digest, after: nil, under: digest)
            }
            #expect(refusal.contains("not-receiver"), "\(refusal)")
        }
    }

    @Test("An expired grant is not taken by a center, and one for nobody else's scope is not made")
    func expired() async throws {
        try await SharingSite.with { site in
            try await site.deliver(1, #"{"id":"a"}"#)
            let outcome = try await site.grant(site.order(validity: (10, 20)))
            #expect(!outcome.isUsable)
            #expect(outcome.refusals.first?.why.contains("TIME") == true)
            let receiver = try site.receiver(outcome.file)
            let text = await Self.failure { _ = try await receiver.receive { _ in } }
            #expect(text.contains("no privacy center lists the scope: cloud-1:privacy-center:store"), "\(text)")
        }
    }

    @Test("A center that sends a false part is named, and others are asked instead")
    func lyingCenter() async throws {
        try await SharingSite.with(centers: 3) { site in
            for number in 1...3 as ClosedRange<UInt64> { try await site.deliver(number, #"{"id":"\#(number)"}"#) }
            let file = try await site.grant(site.order(threshold: 2)).file
            let honest = try site.clients(as: site.researcher)
            let liars = honest.map { center in
                LyingCenter(center: center) { part in
                    var part = part
                    part[part.count - 1] ^= 1
                    return part
                }
            }
            let receiver = try site.receiver(file, centers: [liars[0], honest[1], honest[2]])
            var lines = Lines()
            let summary = try await receiver.receive { lines.append($0) }
            #expect(lines.texts.count == 3 && summary.parts == 6)
            #expect(receiver.faults.map(\.center) == ["cloud-1:privacy-center:store"])
            #expect(receiver.faults.first?.isLie == true)
            #expect(receiver.faults.first?.why.contains("PROOF") == true)

            let without = try site.receiver(file, centers: [liars[0], liars[1], honest[2]])
            let text = await Self.failure { _ = try await without.receive { _ in } }
            #expect(text.contains("1 of 2 parts"))
            #expect(text.contains("cloud-1:privacy-center:store sent a false part"))
            #expect(text.contains("cloud-2:privacy-center:store sent a false part"))
        }
    }

    @Test("Envelopes that only some centers hold are opened with the parts of those, while one center is away")
    func someCenters() async throws {
        try await SharingSite.with(centers: 3) { site in
            try await site.deliver(1, #"{"id":"a"}"#, to: [0, 1])
            try await site.deliver(2, #"{"id":"b"}"#, to: [1, 2])
            let file = try await site.grant(site.order(threshold: 1)).file
            try await site.stop(0)
            let receiver = try site.receiver(file)
            var lines = Lines()
            _ = try await receiver.receive { lines.append($0) }
            #expect(lines.texts.sorted() == [#"{"id":"a"}"#, #"{"id":"b"}"#])
            #expect(receiver.faults.allSatisfy { $0.center == "cloud-1:privacy-center:store" && !$0.isLie })
            #expect(!receiver.faults.isEmpty)
        }
    }

    @Test("Envelopes under single control are passed over; the others are received")
    func singleControl() async throws {
        try await SharingSite.with { site in
            let h1 = try await site.deliver(1, #"{"id":"a"}"#, mode: .scopeKey)
            try await site.deliver(2, #"{"id":"b"}"#)
            let receiver = try site.receiver(try await site.grant(site.order()).file)
            var lines = Lines()
            let summary = try await receiver.receive { lines.append($0) }
            #expect(lines.texts == [#"{"id":"b"}"#])
            #expect(summary.passedOver == 1 && summary.envelopes == 1)
            let text = await Self.failure { _ = try await receiver.receive(h1) { _ in } }
            #expect(text.contains("under single control"), "\(text)")
        }
    }

    @Test("A center that answers in the place of another, or for another request, is named")
    func misplaced() async throws {
        try await SharingSite.with(centers: 2) { site in
            try await site.deliver(1, #"{"id":"a"}"#)
            let file = try await site.grant(site.order(threshold: 1)).file
            let honest = try site.clients(as: site.researcher)
            let receiver = try site.receiver(file, centers: [honest[1], honest[0]])
            let text = await Self.failure { _ = try await receiver.receive { _ in } }
            #expect(text.contains("cloud-1:privacy-center:store sent a false part: CONTEXT"), "\(text)")
            let other = try site.receiver(file)
            let stale = try await other.material().parts[0]
            let replaying = LyingCenter(center: honest[0]) { _ in stale }
            let again = try site.receiver(file, centers: [replaying, honest[1]])
            _ = try await again.receive { _ in }
            #expect(again.faults.map(\.center) == ["cloud-1:privacy-center:store"])
            #expect(again.faults.first?.isLie == true)
        }
    }

    @Test("After rotations the keys of then still grant and read")
    func rotations() async throws {
        try await SharingSite.with { site in
            try await site.deliver(1, #"{"id":"a"}"#)
            let owner = try site.rotate(site.custodian.identity)
            #expect(owner.certificate.bytes != site.scope.ownerCertificate)
            let custodian = try Custodian(directory: site.custodian.directory, identity: owner)
            let desk = try GrantDesk(custodian: custodian)
            let outcome = try await desk.grant(site.order(), at: SharingSite.now)
            await desk.close()
            #expect(outcome.isUsable)
            let rotated = try site.rotate(site.researcher)
            #expect(rotated.certificate.digest != site.researcher.certificate.digest)
            let receiver = try site.receiver(outcome.file, as: rotated)
            var lines = Lines()
            _ = try await receiver.receive { lines.append($0) }
            #expect(lines.texts == [#"{"id":"a"}"#])
        }
    }

    @Test("A changed grant file is refused")
    func changedFile() async throws {
        try await SharingSite.with { site in
            let file = try await site.grant(site.order()).file
            var grant = file.grant
            grant[grant.count - 1] ^= 1
            let changed = GrantFile(
                grant: grant,
                descriptor: file.descriptor,
                ownerCertificate: file.ownerCertificate,
                addresses: file.addresses
            )
            let text = await Self.failure { _ = try site.receiver(changed) }
            #expect(text.contains("SIGNATURE"))
            for bytes in [[], Array(file.bytes.dropLast()), file.bytes + [0]] {
                #expect(throws: ProtocolFailure.self) { try GrantFile(bytes: bytes) }
            }
        }
    }
}
