import CanonicalBytes
import Certificates
import Contracts
import Credentials
import TestIdentities
import Testing
import Uplink

@testable import Pseudonymity

@Suite struct RevocationTests {
    @Test("A revoked user's pseudonyms come to the chain in a list that the authority of pseudonyms signed")
    func revoked() async throws {
        try await TestSite.with { site in
            let other = try site.authority.enroll("lab:researcher:eve")
            let kept = try await site.requester(other).request(count: 2)
            let lost = try await site.requester().request(count: 3)
            let manager = try site.authority.enroll("lab:operator:op")
            let count = try await site.registrationClient(manager).revoke(user: site.user.name.description)
            #expect(count == 3)
            let list = try #require(await site.chain.nextList())
            try list.verify(by: site.issuer.issuer, at: site.now)
            #expect(Set(list.revoked) == Set(lost.map(\.certificate.digest)))
            for credential in kept { #expect(!list.contains(credential.certificate.digest)) }
            let served = try RevocationList(bytes: await site.pseudonymClient(other).revocations())
            #expect(served.revoked == list.revoked)
            // The user gets no more of them.
            let body = site.body(of: try site.pending())
            let refused = await refusal { try await site.registrationClient().submit(body) }
            #expect(refused?.code == "user-revoked")
            // Said again it is still true.
            #expect(try await site.registrationClient(manager).revoke(user: site.user.name.description) == 3)
        }
    }

    @Test("What a revoked user has asked for and not received is revoked too, or never issued")
    func underWay() async throws {
        try await TestSite.with(delivering: false) { site in
            let first = try site.pending(count: 2)
            try await site.registrationClient().submit(site.body(of: first))
            try await site.stop("ra")
            let books = try RegistrationBooks(directory: "\(site.directory)/ra")
            try books.putTogether(site.epoch, id: [UInt8](repeating: 3, count: 32))
            try await site.startRegistration(delivering: false)
            try await site.registrationClient().submit(site.body(of: site.pending(count: 5)))
            let manager = try site.authority.enroll("lab:operator:op")
            #expect(try await site.registrationClient(manager).revoke(user: site.user.name.description) == 2)
            try await site.stop("ra")
            try await site.startRegistration()
            let list = try #require(await site.chain.nextList())
            #expect(list.count == 2)
            #expect(try site.pseudonymBooks().count() == 2)
            let gone = await refusal { _ = try await site.registrationClient().responses(first.id) }
            #expect(gone?.status == 410)
        }
    }

    @Test("An operator of another organization revokes nobody")
    func foreignOperator() async throws {
        try await TestSite.with { site in
            let stranger = try site.authority.enroll("other:operator:op")
            let refused = await refusal {
                _ = try await site.registrationClient(stranger).revoke(user: site.user.name.description)
            }
            #expect(refused?.code == "another-requester")
            #expect(try await site.requester().request(count: 1).count == 1)
        }
    }
}
