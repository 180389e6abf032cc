import Certificates
import Credentials
import Foundation
import Testing

@testable import Authority

@Suite struct RevocationTests {
    let site: TestSite

    init() throws { self.site = try TestSite() }

    private var now: UInt64 { TestSite.start }

    private func identity(_ role: PartyRole, at now: UInt64 = TestSite.start) throws -> Identity {
        try self.site.authority.install(self.site.party(role), hosts: [], into: self.site.path(role.rawValue), at: now)
    }

    @Test(arguments: [true, false])
    func `either digest revokes both certificates of one generation`(byDigest: Bool) throws {
        let first = try self.identity(.gateway)
        let second = try self.identity(.gateway, at: self.now + 1)
        let digest = byDigest ? first.certificate.digest : first.peer.fingerprint
        #expect(try self.site.authority.revoke(.certificate(digest), at: self.now + 2) == 1)
        let list = try self.site.authority.revocationList(at: self.now + 2)
        try list.verify(by: self.site.authority.issuer, at: self.now + 2)
        #expect(list.contains(first.certificate.digest))
        #expect(list.contains(first.peer.fingerprint))
        #expect(!list.contains(second.certificate.digest))
        #expect(self.site.authority.contains(first.peer.fingerprint))
        #expect(!self.site.authority.contains(second.peer.fingerprint))
    }

    @Test func `a party's name revokes all its generations once`() throws {
        _ = try self.identity(.gateway)
        _ = try self.identity(.gateway, at: self.now + 1)
        let party = try self.site.party(.gateway)
        #expect(try self.site.authority.revoke(.party(party), at: self.now) == 2)
        let number = try self.site.authority.revocationList(at: self.now).number
        #expect(try self.site.authority.revoke(.party(party), at: self.now) == 0)
        #expect(try self.site.authority.revocationList(at: self.now).number == number)
        #expect(try self.site.authority.revocationList(at: self.now).count == 4)
    }

    @Test func `what was never issued cannot be revoked`() throws {
        #expect(throws: AuthorityError.self) {
            try self.site.authority.revoke(.certificate([UInt8](repeating: 1, count: 32)), at: self.now)
        }
        let party = try self.site.party(.patient)
        #expect(throws: AuthorityError.self) { try self.site.authority.revoke(.party(party), at: self.now) }
    }

    @Test func `a party revokes its own certificates only`() throws {
        let gateway = try self.identity(.gateway)
        let center = try self.identity(.privacyCenter)
        #expect(throws: AuthorityError.self) {
            try self.site.authority.revoke([center.certificate.digest], of: gateway.name, at: self.now)
        }
        #expect(!self.site.authority.contains(center.certificate.digest))
        try self.site.authority.revoke([gateway.certificate.digest], of: gateway.name, at: self.now)
        #expect(self.site.authority.contains(gateway.certificate.digest))
    }

    @Test func `numbers rise and a list is signed anew when half its time has passed`() throws {
        let first = try self.site.authority.revocationList(at: self.now)
        let half = (first.nextUpdate - first.thisUpdate) / 2
        #expect(try self.site.authority.revocationList(at: self.now + half) == first)
        let second = try self.site.authority.revocationList(at: self.now + half + 1)
        #expect(second.number == first.number + 1)
        #expect(second.nextUpdate > first.nextUpdate)
        _ = try self.identity(.gateway)
        try self.site.authority.revoke(.party(self.site.party(.gateway)), at: self.now + half + 2)
        let third = try Authority(directory: self.site.authority.directory).revocationList(at: self.now + half + 2)
        #expect(third.number == second.number + 1)
    }

    @Test func `a renewal overlaps and repeats its answer`() throws {
        let old = try self.identity(.privacyCenter)
        let request = try self.site.request(old.name).pending.message(token: nil)
        let answer = try self.site.authority.renew(request, peer: old.peer, at: self.now + 9)
        #expect(try self.site.authority.renew(request, peer: old.peer, at: self.now + 10) == answer)
        #expect(try self.site.authority.certificates().count { $0.party == old.name.description } == 2)
        #expect(!self.site.authority.contains(old.certificate.digest))
    }

    @Test func `a revoked or foreign certificate renews nothing`() throws {
        let old = try self.identity(.gateway)
        let request = try self.site.request(old.name).pending.message(token: nil)
        let elsewhere = try TestSite()
        let path = elsewhere.path("stranger")
        let stranger = try elsewhere.authority.install(old.name, hosts: [], into: path, at: self.now)
        #expect(throws: AuthorityError.self) {
            try self.site.authority.renew(request, peer: stranger.peer, at: self.now)
        }
        try self.site.authority.revoke(.party(old.name), at: self.now)
        #expect(throws: AuthorityError.certificate("the client certificate was revoked")) {
            try self.site.authority.renew(request, peer: old.peer, at: self.now)
        }
    }

    @Test func `a renewal adds no host`() throws {
        let old = try self.identity(.privacyCenter)
        let request = try self.site.request(old.name, hosts: [.dns("ca.test")]).pending.message(token: nil)
        #expect(throws: AuthorityError.host("ca.test is not among the hosts that this party may serve under")) {
            try self.site.authority.renew(request, peer: old.peer, at: self.now)
        }
    }

    @Test func `the authority's own certificate is renewed in its last third`() throws {
        let authority = self.site.authority
        let day: UInt64 = 86_400
        #expect(try OwnCertificate.fresh(authority, at: self.now + 59 * day).generation == 1)
        let renewed = try OwnCertificate.fresh(authority, at: self.now + 61 * day)
        #expect(renewed.generation == 2)
        #expect(renewed.peer.hosts == [.dns("localhost"), .address([127, 0, 0, 1])])
    }
}
