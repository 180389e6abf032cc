import Authority
import Certificates
import Foundation
import P256Group
import Testing

@testable import Credentials

@Suite struct RevocationStoreTests {
    let site: TestSite
    let gateway: Identity
    let store: RevocationStore

    init() throws {
        self.site = try TestSite()
        self.gateway = try self.site.identity(.gateway)
        self.store = try RevocationStore(self.gateway)
    }

    @Test func `without a list nothing is revoked and the store is stale`() {
        #expect(self.store.current == nil)
        #expect(!self.store.contains(self.gateway.certificate.digest))
        #expect(self.store.isStale(at: TestSite.now))
    }

    @Test func `an installed list revokes both certificates and outlives the process`() throws {
        try self.site.authority.revoke(.certificate(self.gateway.certificate.digest), at: TestSite.now)
        let list = try self.site.authority.revocationList(at: TestSite.now)
        #expect(try self.store.install(list.bytes))
        let reopened = try RevocationStore(self.gateway)
        for store in [self.store, reopened] {
            #expect(store.contains(self.gateway.certificate.digest))
            #expect(store.contains(self.gateway.peer.fingerprint))
            #expect(!store.contains([UInt8](repeating: 7, count: 32)))
            #expect(!store.isStale(at: TestSite.now))
        }
        #expect(reopened.isStale(at: list.nextUpdate + 1))
    }

    @Test func `a list that another process wrote is taken by a reload`() throws {
        let other = try RevocationStore(self.gateway)
        try self.site.authority.revoke(.party(self.gateway.name), at: TestSite.now)
        try other.install(try self.site.authority.revocationList(at: TestSite.now).bytes)
        #expect(!self.store.contains(self.gateway.certificate.digest))
        #expect(try self.store.reload())
        #expect(self.store.contains(self.gateway.certificate.digest))
        #expect(try !self.store.reload())
    }

    @Test func `an older list undoes nothing`() throws {
        let before = try self.site.authority.revocationList(at: TestSite.now)
        try self.site.authority.revoke(.party(self.gateway.name), at: TestSite.now)
        try self.store.install(try self.site.authority.revocationList(at: TestSite.now).bytes)
        #expect(try !self.store.install(before.bytes))
        try PrivateFile.write(before.bytes, to: "\(self.gateway.directory)/revocations.wlrl")
        #expect(try !self.store.reload())
        #expect(self.store.contains(self.gateway.certificate.digest))
    }

    @Test func `a list of another authority is refused`() throws {
        let stranger = try TestSite()
        let list = try stranger.authority.revocationList(at: TestSite.now)
        #expect(throws: CredentialsError.self) { try self.store.install(list.bytes) }
        #expect(throws: CredentialsError.self) { try self.store.install([1, 2, 3]) }
        #expect(self.store.current == nil)
    }
}
