import CanonicalBytes
import Signcryption
import Testing

@Suite struct CapsuleIdentityTests {
    private static let bytes = EpochCapsule.dataIdentity(
        owner: "ward:custodian:c",
        label: "0a1b.vitals",
        epoch: 2_970,
        sender: "ward:gateway:g"
    )

    @Test func anIdentityIsReadAsItWasWritten() throws {
        let identity = try CapsuleIdentity(Self.bytes)
        #expect(identity.owner == "ward:custodian:c" && identity.label == "0a1b.vitals")
        #expect(identity.epoch == 2_970 && identity.sender == "ward:gateway:g")
    }

    @Test func nothingElseIsAnIdentityOfData() {
        for length in 0..<Self.bytes.count {
            #expect(throws: ProtocolFailure.self) { try CapsuleIdentity(Array(Self.bytes.prefix(length))) }
        }
        #expect(throws: ProtocolFailure.self) { try CapsuleIdentity(Self.bytes + [0]) }
        for position in Self.bytes.indices {
            var changed = Self.bytes
            changed[position] ^= 0x80
            let other = try? CapsuleIdentity(changed)
            #expect(other == nil || other != (try? CapsuleIdentity(Self.bytes)), "position \(position)")
        }
    }
}
