import Authority
import Certificates
import Foundation
import P256Group
import Testing

@testable import Credentials

@Suite struct IdentityTests {
    let site: TestSite

    init() throws { self.site = try TestSite() }

    @Test func `an installed identity is read back with a key that fits its certificate`() throws {
        _ = try self.site.identity(.privacyCenter, hosts: [.dns("cpc.test"), .address([127, 0, 0, 1])])
        let identity = try Identity.load(directory: self.site.path("privacy-center"))
        #expect(identity.name == (try self.site.party(.privacyCenter)))
        #expect(identity.generation == 1)
        #expect(identity.issuer == self.site.authority.issuer)
        #expect(identity.peer.hosts == [.dns("cpc.test"), .address([127, 0, 0, 1])])
        let publicKey = try identity.issuer.publicKey(
            of: identity.certificate,
            at: TestSite.now,
            usage: [.sign, .proxy]
        )
        #expect(publicKey == identity.key.publicKey)
        #expect(identity.certificate.fields.serial <= UInt64(Int64.max))
    }

    @Test func `directories are closed to others and files too`() throws {
        _ = try self.site.identity(.gateway)
        #expect(try self.site.directory.mode("gateway") == 0o700)
        #expect(try self.site.directory.mode("gateway/generations/1") == 0o700)
        let names = try FileManager.default.contentsOfDirectory(atPath: self.site.path("gateway/generations/1"))
        #expect(Set(names).isSuperset(of: ["ecqv.key", "tls.key", "tls.crt", "roots.pem", "certificate.wlc"]))
        for name in names { #expect(try self.site.directory.mode("gateway/generations/1/\(name)") == 0o600) }
    }

    @Test(arguments: ["ecqv.key", "tls.key"])
    func `a key that the group may read is refused with the command that helps`(name: String) throws {
        _ = try self.site.identity(.gateway)
        let file = "gateway/generations/1/\(name)"
        try self.site.directory.setMode(0o640, of: file)
        let error = #expect(throws: CredentialsError.self) { try Identity.load(directory: self.site.path("gateway")) }
        #expect(error?.description.contains("chmod 600 \(self.site.path(file))") == true)
    }

    @Test func `an empty directory says that nobody enrolled`() throws {
        #expect(
            throws: CredentialsError.notEnrolled(
                "/nowhere holds no identity; run `wardline enroll --directory /nowhere`"
            )
        ) {
            try Identity.load(directory: "/nowhere")
        }
    }

    @Test(arguments: [("ecqv.key", "privacy-center"), ("tls.key", "privacy-center"), ("certificate.wlc", "custodian")])
    func `files of two identities do not mix`(name: String, other: String) throws {
        _ = try self.site.identity(.gateway)
        _ = try self.site.identity(try #require(PartyRole(rawValue: other)))
        let stranger = try PrivateFile.read(self.site.path("\(other)/generations/1/\(name)"))
        try PrivateFile.write(stranger, to: self.site.path("gateway/generations/1/\(name)"))
        #expect(throws: CredentialsError.self) { try Identity.load(directory: self.site.path("gateway")) }
    }

    @Test func `a rotation keeps the old generation readable until it is pruned`() throws {
        let first = try self.site.identity(.gateway)
        let watch = IdentityWatch(first)
        let second = try self.site.identity(.gateway, at: TestSite.now + 60)
        let directory = IdentityDirectory(self.site.path("gateway"))
        #expect(second.generation == 2)
        #expect(second.key.publicKey != first.key.publicKey)
        #expect(watch.current.generation == 2)
        #expect(directory.generations == [1, 2])
        #expect(try directory.identity(generation: 1).key.publicKey == first.key.publicKey)
        #expect(try directory.prune() == [1])
        #expect(directory.generations == [2])
        #expect(try Identity.load(directory: directory.path).generation == 2)
    }

    @Test func `a watch keeps the identity it has when the new generation is broken`() throws {
        let watch = IdentityWatch(try self.site.identity(.gateway))
        let path = self.site.path("gateway")
        try FileManager.default.createDirectory(atPath: "\(path)/generations/2", withIntermediateDirectories: false)
        try FileManager.default.removeItem(atPath: "\(path)/current")
        try FileManager.default.createSymbolicLink(
            atPath: "\(path)/current",
            withDestinationPath: "generations/2"
        )
        #expect(watch.current.generation == 1)
    }

    @Test func `an unfinished request is resumed with the same keys`() throws {
        let directory = IdentityDirectory(self.site.path("gateway"))
        try directory.prepare()
        let party = try self.site.party(.gateway)
        let first = try directory.pending(party, authority: "https://a", hosts: [], protection: .file)
        let again = try directory.pending(party, authority: "https://a", hosts: [], protection: .file)
        #expect(again.record.csr == first.record.csr)
        #expect(again.record.ecqv == first.record.ecqv)
        #expect(again.ecqvKey.publicKey == first.ecqvKey.publicKey)
        let other = try directory.pending(party, authority: "https://b", hosts: [], protection: .file)
        #expect(other.record.ecqv != first.record.ecqv)
    }

    @Test func `a request whose record was not written is not resumed`() throws {
        let directory = IdentityDirectory(self.site.path("gateway"))
        try directory.prepare()
        let party = try self.site.party(.gateway)
        let first = try directory.pending(party, authority: "https://a", hosts: [], protection: .file)
        try FileManager.default.removeItem(atPath: "\(directory.path)/pending/request.json")
        let next = try directory.pending(party, authority: "https://a", hosts: [], protection: .file)
        #expect(next.record.ecqv != first.record.ecqv)
    }

    @Test func `an answer to another request is not installed`() throws {
        let directory = IdentityDirectory(self.site.path("gateway"))
        try directory.prepare()
        let party = try self.site.party(.gateway)
        let url = self.site.authority.url
        let first = try directory.pending(party, authority: url, hosts: [], protection: .file)
        let token = try self.site.authority.createToken(for: party, at: TestSite.now)
        let answer = try self.site.authority.enroll(first.message(token: token.secret), at: TestSite.now)
        try directory.discardPending()
        let second = try directory.pending(party, authority: url, hosts: [], protection: .file)
        #expect(throws: CredentialsError.self) { try directory.install(answer, for: second, at: TestSite.now) }
        #expect(directory.currentGeneration == nil)
    }

    @Test func `one process at a time changes a directory`() throws {
        let path = try TestDirectory()
        let lock = try DirectoryLock(path.path)
        #expect(throws: CredentialsError.self) { try DirectoryLock(path.path) }
        withExtendedLifetime(lock) {}
    }
}
