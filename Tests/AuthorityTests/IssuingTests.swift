import CanonicalBytes
import Certificates
import Credentials
import Crypto
import Foundation
import P256Group
import SwiftASN1
import Testing
import X509

@testable import Authority

@Suite struct IssuingTests {
    let site: TestSite

    init() throws { self.site = try TestSite() }

    private var now: UInt64 { TestSite.start }

    @Test func `a second creation changes nothing`() throws {
        let before = try self.contents()
        #expect(try !TestSite.create(in: self.site.authority.directory, at: self.now + 1))
        #expect(try self.contents() == before)
    }

    @Test func `a creation that ended early is finished with the same keys`() throws {
        let path = self.site.authority.directory
        let key = try PrivateFile.read("\(path)/authority.key")
        try FileManager.default.removeItem(atPath: "\(path)/authority.json")
        #expect(try TestSite.create(in: path, at: self.now))
        #expect(try PrivateFile.read("\(path)/authority.key") == key)
        #expect(try Authority(directory: path).issuer == self.site.authority.issuer)
    }

    @Test func `keys and books are closed to others`() throws {
        let path = self.site.authority.directory
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o700)
        for name in ["authority.key", "root.key", "root.crt", "authority.db", "authority.json"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600, "\(name)")
        }
    }

    @Test func `a token gives both certificates to its party`() throws {
        let party = try self.site.party(.privacyCenter)
        let token = try self.site.authority.createToken(for: party, attributes: ["site:north"], at: self.now)
        #expect(try self.site.authority.offer(secret: token.secret, at: self.now).party == "clinic:privacy-center:one")
        let (directory, pending) = try self.site.request(party, hosts: [.dns("cpc.test")])
        let answer = try self.site.authority.enroll(pending.message(token: token.secret), at: self.now)
        let identity = try directory.install(answer, for: pending, at: self.now)
        let fields = identity.certificate.fields
        #expect(fields.attributes == ["role:privacy-center", "site:north"])
        #expect(fields.usage == PartyRole.privacyCenter.usage)
        #expect(fields.notAfter - self.now == 90 * 86_400)
        #expect(fields.notAfter == identity.peer.notAfter)
        #expect(identity.peer.hosts == [.dns("cpc.test")])
        #expect(1...UInt64(Int64.max) ~= fields.serial)
    }

    @Test func `the same request gets the same answer and another one is refused`() throws {
        let party = try self.site.party(.gateway)
        let token = try self.site.authority.createToken(for: party, at: self.now)
        let first = try self.site.request(party).pending.message(token: token.secret)
        let answer = try self.site.authority.enroll(first, at: self.now)
        #expect(try self.site.authority.enroll(first, at: self.now + 3_600) == answer)
        let second = try self.site.request(party).pending.message(token: token.secret)
        #expect(throws: AuthorityError.tokenUsed) { try self.site.authority.enroll(second, at: self.now) }
        #expect(throws: AuthorityError.tokenExpired) { try self.site.authority.enroll(first, at: self.now + 3_601) }
        #expect(try self.site.authority.certificates().count { $0.party == party.description } == 1)
    }

    @Test func `an unknown or expired token is refused`() throws {
        let party = try self.site.party(.gateway)
        let token = try self.site.authority.createToken(for: party, seconds: 60, at: self.now)
        let pending = try self.site.request(party).pending
        let stranger = pending.message(token: [UInt8](repeating: 1, count: 32))
        #expect(throws: AuthorityError.tokenUnknown) { try self.site.authority.enroll(stranger, at: self.now) }
        #expect(throws: AuthorityError.tokenUnknown) {
            try self.site.authority.enroll(pending.message(token: nil), at: self.now)
        }
        #expect(throws: AuthorityError.tokenExpired) {
            try self.site.authority.enroll(pending.message(token: token.secret), at: self.now + 61)
        }
        #expect(throws: AuthorityError.tokenExpired) {
            try self.site.authority.offer(secret: token.secret, at: self.now + 61)
        }
    }

    @Test func `the books hold no secret`() throws {
        let token = try self.site.authority.createToken(for: self.site.party(.gateway), at: self.now)
        let books = try Data(contentsOf: URL(fileURLWithPath: "\(self.site.authority.directory)/authority.db"))
        #expect(books.range(of: Data(token.secret)) == nil)
        #expect(books.range(of: Data(SHA256.hash(data: token.secret))) != nil)
    }

    @Test func `a proof of possession of another key is refused and the token stays good`() throws {
        let party = try self.site.party(.gateway)
        let token = try self.site.authority.createToken(for: party, at: self.now)
        let good = try self.site.request(party).pending.message(token: token.secret)
        var ecqv = Array(good.ecqv)
        ecqv[96] ^= 1
        let forged = CertificationRequest(token: token.secret, ecqv: ecqv, csr: Array(good.csr))
        #expect(throws: AuthorityError.self) { try self.site.authority.enroll(forged, at: self.now) }
        var csr = Array(good.csr)
        csr[csr.count - 1] ^= 1
        let unsigned = CertificationRequest(token: token.secret, ecqv: Array(good.ecqv), csr: csr)
        #expect(throws: AuthorityError.self) { try self.site.authority.enroll(unsigned, at: self.now) }
        let short = CertificationRequest(token: token.secret, ecqv: [1], csr: Array(good.csr))
        #expect(throws: AuthorityError.self) { try self.site.authority.enroll(short, at: self.now) }
        #expect(throws: Never.self) { try self.site.authority.enroll(good, at: self.now) }
    }

    @Test func `a proof for another party is refused`() throws {
        let token = try self.site.authority.createToken(for: self.site.party(.gateway), at: self.now)
        let other = try self.site.request(self.site.party(.institution)).pending.message(token: token.secret)
        #expect(throws: AuthorityError.self) { try self.site.authority.enroll(other, at: self.now) }
    }

    @Test func `hosts are limited by role and by token`() throws {
        let gateway = try self.site.party(.gateway)
        let token = try self.site.authority.createToken(for: gateway, at: self.now)
        let request = try self.site.request(gateway, hosts: [.dns("cpc.test")]).pending.message(token: token.secret)
        #expect(throws: AuthorityError.host("a gateway has no server, so its certificate names no host")) {
            try self.site.authority.enroll(request, at: self.now)
        }
        let center = try self.site.party(.privacyCenter)
        let narrow = try self.site.authority.createToken(for: center, hosts: [.dns("cpc.test")], at: self.now)
        let wide = try self.site.request(center, hosts: [.dns("cpc.test"), .dns("ca.test")]).pending
        #expect(throws: AuthorityError.host("ca.test is not among the hosts that this party may serve under")) {
            try self.site.authority.enroll(wide.message(token: narrow.secret), at: self.now)
        }
    }

    @Test func `a gateway serves its own machine only`() throws {
        let gateway = try self.site.party(.gateway)
        let own: [HostName] = [
            .dns("localhost"), .address([127, 0, 0, 1]), .address([UInt8](repeating: 0, count: 15) + [1]),
        ]
        let token = try self.site.authority.createToken(for: gateway, at: self.now)
        let (directory, pending) = try self.site.request(gateway, hosts: own)
        let answer = try self.site.authority.enroll(pending.message(token: token.secret), at: self.now)
        #expect(try directory.install(answer, for: pending, at: self.now).peer.hosts == own)
        for host in [HostName.dns("localhost.ward"), .address([10, 0, 0, 1]), .dns("gateway.ward")] {
            #expect(throws: AuthorityError.self) {
                try self.site.authority.createToken(for: gateway, hosts: own + [host], at: self.now)
            }
        }
        let steward = try self.site.party(.steward)
        #expect(throws: AuthorityError.self) {
            try self.site.authority.createToken(for: steward, hosts: own, at: self.now)
        }
    }

    @Test(arguments: [["role:patient"], ["no colon"], ["a:b", "a:b"], ["a:b c"]])
    func `attributes out of form are refused when the token is made`(attributes: [String]) throws {
        let party = try self.site.party(.researcher)
        #expect(throws: AuthorityError.self) {
            try self.site.authority.createToken(for: party, attributes: attributes, at: self.now)
        }
    }

    @Test func `nobody gets a token for an authority or for longer than a week`() throws {
        let (authority, gateway) = (try self.site.party(.authority), try self.site.party(.gateway))
        #expect(throws: AuthorityError.self) { try self.site.authority.createToken(for: authority, at: self.now) }
        for seconds in [0, 7 * 86_400 + 1] as [UInt64] {
            #expect(throws: AuthorityError.self) {
                try self.site.authority.createToken(for: gateway, seconds: seconds, at: self.now)
            }
        }
    }

    @Test func `a party's certificate signs no others and the root does`() throws {
        let identity = try self.site.authority.install(
            self.site.party(.privacyCenter),
            hosts: [],
            into: self.site.path("cpc"),
            at: self.now
        )
        let pem = String(decoding: try PrivateFile.read("\(identity.directory)/current/tls.crt"), as: UTF8.self)
        let certificate = try Certificate(pemEncoded: pem)
        let root = try Certificate(pemEncoded: self.site.authority.rootPEM)
        #expect(try certificate.extensions.basicConstraints == .notCertificateAuthority)
        #expect(try root.extensions.basicConstraints == .isCertificateAuthority(maxPathLength: 0))
        #expect(try certificate.extensions.extendedKeyUsage?.contains(.serverAuth) == false)
        #expect(root.publicKey.isValidSignature(certificate.signature, for: certificate))
    }

    private func contents() throws -> [String: Data] {
        let path = self.site.authority.directory
        var contents: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: path) where !name.hasPrefix("identity") {
            contents[name] = try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)"))
        }
        return contents
    }
}
