import AccessPolicies
import AttributeEncryption
import CanonicalBytes
import IndexPages
import Testing

@Suite struct IndexKeySealingTests {
    private static let scope = [UInt8](repeating: 7, count: 32)
    private static let policy = "(study:atrial and 2 of (site:lab, site:ward, role:researcher))"
    private static let authority = AttributeAuthority(name: "cloud:attribute-authority:aa")

    private static func decryptor(_ attributes: [String]) throws -> AttributeDecryptor {
        AttributeDecryptor(
            try self.authority.issue(AttributeSet(attributes)),
            publicKey: try self.authority.publicKey()
        )
    }

    private static func permission(_ scope: [UInt8] = Self.scope) throws -> String {
        try IndexPolicy.permission(scopeDigest: scope)
    }

    private static func sealed(_ key: IndexKey) throws -> [UInt8] {
        try IndexKeySealing.seal(key, scopeDigest: self.scope, policy: self.policy, under: self.authority.publicKey())
    }

    @Test("Attributes and permission together open an index key")
    func opens() throws {
        let key = IndexKey.generate()
        let sealed = try Self.sealed(key)
        for attributes in [["site:lab", "role:researcher"], ["site:ward", "site:lab", "more:words"]] {
            let decryptor = try Self.decryptor(["study:atrial", Self.permission()] + attributes)
            let opened = try IndexKeySealing.open(sealed, scopeDigest: Self.scope, with: decryptor)
            #expect(opened.secretBytes() == key.secretBytes())
        }
    }

    @Test("Whatever is missing or changed, the failure is the same")
    func failures() throws {
        let sealed = try Self.sealed(IndexKey.generate())
        let other = [UInt8](repeating: 8, count: 32)
        let (all, permission) = (["study:atrial", "site:lab", "site:ward"], try Self.permission())
        let full = try Self.decryptor(all + [permission])
        var changedSeed = sealed
        var changedBody = sealed
        let ciphertextLength = sealed[..<4].reduce(0) { $0 << 8 | Int($1) }
        changedSeed[4 + ciphertextLength - 1] ^= 1
        changedBody[sealed.count - 1] ^= 1
        let cases: [(sealed: [UInt8], scope: [UInt8], decryptor: AttributeDecryptor)] = [
            (sealed, Self.scope, try Self.decryptor(all)),
            (sealed, Self.scope, try Self.decryptor(["study:atrial", "site:lab", permission])),
            (sealed, Self.scope, try Self.decryptor([permission])),
            (sealed, Self.scope, try Self.decryptor(all + [Self.permission(other)])),
            (sealed, other, full),
            (sealed, other, try Self.decryptor(all)),
            (changedSeed, Self.scope, full),
            (changedBody, Self.scope, full),
            (changedBody, Self.scope, try Self.decryptor(all)),
        ]
        var failures: Set<ProtocolFailure> = []
        for (sealed, scope, decryptor) in cases {
            let failure = #expect(throws: ProtocolFailure.self) {
                try IndexKeySealing.open(sealed, scopeDigest: scope, with: decryptor)
            }
            if let failure { failures.insert(failure) }
        }
        #expect(failures.map(\.code) == [.unsatisfied])
    }

    @Test("A key of another authority's is told apart: that is public")
    func anotherAuthority() throws {
        let other = AttributeAuthority(name: "cloud:attribute-authority:aa")
        let decryptor = AttributeDecryptor(
            try other.issue(AttributeSet(["study:atrial"])),
            publicKey: try other.publicKey()
        )
        let sealed = try Self.sealed(IndexKey.generate())
        let failure = #expect(throws: ProtocolFailure.self) {
            try IndexKeySealing.open(sealed, scopeDigest: Self.scope, with: decryptor)
        }
        #expect(failure?.code == .context)
    }

    @Test("Something else than an index key, sealed for the scope, is no index key and tells nothing more")
    func anotherContent() throws {
        let policy = try IndexPolicy(Self.policy, scopeDigest: Self.scope).policy
        let sealed = try Self.authority.publicKey().seal([1, 2, 3], under: policy, associated: Self.scope)
        let decryptor = try Self.decryptor(["study:atrial", "site:lab", "site:ward", Self.permission()])
        let failure = #expect(throws: ProtocolFailure.self) {
            try IndexKeySealing.open(sealed, scopeDigest: Self.scope, with: decryptor)
        }
        #expect(failure?.code == .unsatisfied)
        #expect(throws: ProtocolFailure.self) {
            try IndexKeySealing.open([], scopeDigest: Self.scope, with: decryptor)
        }
        #expect(throws: ProtocolFailure.self) {
            try IndexKeySealing.seal(
                .generate(),
                scopeDigest: Self.scope,
                policy: "study:atrial  and site:lab",
                under: Self.authority.publicKey()
            )
        }
    }
}
