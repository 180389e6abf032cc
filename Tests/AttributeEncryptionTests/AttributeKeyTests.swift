import AccessPolicies
import BLS12381
import CanonicalBytes
import FiniteFields
import SecretSharing
import Testing

@testable import AttributeEncryption

@Suite struct AttributeKeyTests {
    private static let attributes = ["role:nurse", "ward:3", "level=9"]

    @Test func aKeyIsReadBackAsItWasWritten() throws {
        let hospital = try Hospital()
        let key = try hospital.key(Self.attributes)
        try key.check(under: hospital.publicKey)
        let read = try AttributeKey(bytes: key.secretBytes())
        #expect(try read.secretBytes() == key.secretBytes())
        #expect(read.attributes == (try AttributeSet(Self.attributes).attributes))
        #expect(read.attributes.count == 18)
        let sealed = try hospital.encapsulate("role:nurse and level >= 3")
        let decryptor = AttributeDecryptor(read, publicKey: hospital.publicKey)
        #expect(try decryptor.decapsulate(sealed.ciphertext, associated: associated) == sealed.key)
    }

    @Test func everyChangedByteOfAKeyIsRefusedByParsingOrByTheHoldersCheck() throws {
        let hospital = try Hospital()
        let bytes = try hospital.key(["role:nurse", "ward:3"]).secretBytes()
        for place in bytes.indices {
            let damaged = flipped(bytes, bit: 8 * place + place % 8)
            let refused = code { try AttributeKey(bytes: damaged).check(under: hospital.publicKey) }
            #expect(refused != nil, "byte \(place)")
            #expect(code { _ = try AttributeKey(bytes: Array(bytes[..<place])) } != nil)
        }
        #expect(code { _ = try AttributeKey(bytes: bytes + [0]) } == .format)
    }

    @Test(arguments: [
        "role", "role:", ":nurse", "a:b:c", "a b:c", "level#16=0", "level#01=1", "level#3=2", "level#3", "#3=1", "é:1",
    ])
    func attributesOfAnotherFormAreNoneOfAKey(_ attribute: String) throws {
        #expect(!KeyAttribute.isOfForm(Array(attribute.utf8)))
    }

    @Test func attributesStandInAscendingOrderEachOnce() throws {
        let key = try Hospital().key(["a:1", "a:2"])
        for components in [[1, 0], [0, 0]] {
            let reordered = try AttributeKey(
                authority: key.authority,
                d: key.d,
                components: components.map { key.components[$0] }
            )
            #expect(code { _ = try AttributeKey(bytes: reordered.secretBytes()) } == .format)
        }
        #expect(code { _ = try AttributeKey(authority: key.authority, d: key.d, components: []) } == .format)
    }

    @Test func twoHoldersCannotJoinTheirAttributes() throws {
        let hospital = try Hospital()
        let (nurse, ward) = (try hospital.key(["role:nurse"]), try hospital.key(["ward:3"]))
        let sealed = try hospital.encapsulate("role:nurse and ward:3")
        for d in [nurse.d, ward.d, nurse.d + ward.d] {
            let joined = try AttributeKey(
                authority: nurse.authority,
                d: d,
                components: nurse.components + ward.components
            )
            #expect(code { try joined.check(under: hospital.publicKey) } == .key)
            let decryptor = AttributeDecryptor(joined, publicKey: hospital.publicKey)
            #expect(code { _ = try decryptor.decapsulate(sealed.ciphertext, associated: associated) } == .fo)
        }
    }

    @Test func aComponentDoesNotServeUnderAnotherAttribute() throws {
        let hospital = try Hospital()
        let key = try hospital.key(["role:nurse"])
        let component = key.components[0]
        let renamed = try AttributeKey(
            authority: key.authority,
            d: key.d,
            components: [.init(attribute: "role:surgeon", d: component.d, dPrime: component.dPrime)]
        )
        #expect(code { try renamed.check(under: hospital.publicKey) } == .key)
        let sealed = try hospital.encapsulate("role:surgeon")
        let decryptor = AttributeDecryptor(renamed, publicKey: hospital.publicKey)
        #expect(code { _ = try decryptor.decapsulate(sealed.ciphertext, associated: associated) } == .fo)
    }

    @Test func theKeyOfAnotherAuthorityIsRefused() throws {
        let (hospital, other, namesake) = (try Hospital(), try Hospital("hospital-b"), try Hospital())
        let sealed = try hospital.encapsulate("role:nurse")
        #expect(code { try other.key(["role:nurse"]).check(under: hospital.publicKey) } == .context)
        #expect(code { try namesake.key(["role:nurse"]).check(under: hospital.publicKey) } == .key)
        for foreign in [try other.decryptor(["role:nurse"]), try namesake.decryptor(["role:nurse"])] {
            #expect(code { _ = try foreign.decapsulate(sealed.ciphertext, associated: associated) } == .context)
        }
        let mixed = AttributeDecryptor(try namesake.key(["role:nurse"]), publicKey: hospital.publicKey)
        #expect(code { _ = try mixed.decapsulate(sealed.ciphertext, associated: associated) } == .fo)
    }

    @Test func anAuthorityIsTheSameAfterStorage() throws {
        let hospital = try Hospital()
        let stored = try AttributeAuthority(
            name: "hospital-a",
            alphaPoint: hospital.authority.secretAlphaPoint(),
            beta: SecretFr(bytes: hospital.authority.secretBeta())
        )
        #expect(try stored.publicKey() == hospital.publicKey)
        try stored.issue(AttributeSet(["a:1"])).check(under: hospital.publicKey)
    }

    @Test func noAttributesMakeNoKey() throws {
        let hospital = try Hospital()
        #expect(code { _ = try hospital.key([]) } == .format)
        let tooFew = KeyRandomness(attributeCount: 1)
        let refused = code { _ = try hospital.authority.issue(AttributeSet(["a:1", "a:2"]), randomness: tooFew) }
        #expect(refused == .format)
    }
}

@Suite struct DelegationTests {
    @Test func aDelegatedKeyOpensWithItsOwnAttributesAlone() throws {
        let hospital = try Hospital()
        let key = try hospital.key(["role:nurse", "ward:3", "level=9"])
        let part = try key.delegated(AttributeSet(["ward:3", "level=9"]), under: hospital.publicKey)
        try part.check(under: hospital.publicKey)
        let decryptor = AttributeDecryptor(part, publicKey: hospital.publicKey)
        let open = try hospital.encapsulate("ward:3 and level > 8")
        #expect(try decryptor.decapsulate(open.ciphertext, associated: associated) == open.key)
        let closed = try hospital.encapsulate("role:nurse")
        #expect(code { _ = try decryptor.decapsulate(closed.ciphertext, associated: associated) } == .unsatisfied)
    }

    @Test func aDelegatedKeyHasNoPartOfTheOldOne() throws {
        let hospital = try Hospital()
        let key = try hospital.key(["a:1", "a:2"])
        let copy = try key.delegated(AttributeSet(["a:1", "a:2"]), under: hospital.publicKey)
        #expect(copy.d != key.d)
        for (old, new) in zip(key.components, copy.components) {
            #expect(old.attribute == new.attribute)
            #expect(old.d != new.d)
            #expect(old.dPrime != new.dPrime)
        }
        // The copy's parts do not fit the old ones either.
        let mixed = try AttributeKey(
            authority: key.authority,
            d: key.d,
            components: [key.components[0], copy.components[1]]
        )
        #expect(code { try mixed.check(under: hospital.publicKey) } == .key)
    }

    @Test func delegationGoesOn() throws {
        let hospital = try Hospital()
        var key = try hospital.key(["a:1", "a:2", "a:3"])
        for attributes in [["a:1", "a:2"], ["a:2"]] {
            key = try key.delegated(AttributeSet(attributes), under: hospital.publicKey)
            try key.check(under: hospital.publicKey)
            #expect(key.attributes == attributes)
        }
    }

    @Test func whatTheKeyDoesNotHaveIsNotDelegated() throws {
        let hospital = try Hospital()
        let key = try hospital.key(["a:1", "level=4"])
        for attributes in [["a:2"], ["a:1", "a:2"], ["level=5"]] {
            let refused = code { _ = try key.delegated(AttributeSet(attributes), under: hospital.publicKey) }
            #expect(refused == .unsatisfied)
        }
        #expect(code { _ = try key.delegated(AttributeSet([]), under: hospital.publicKey) } == .format)
        let other = try Hospital("hospital-b")
        #expect(code { _ = try key.delegated(AttributeSet(["a:1"]), under: other.publicKey) } == .context)
    }
}
