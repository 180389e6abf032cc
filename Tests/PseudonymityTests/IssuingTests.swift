import CanonicalBytes
import Certificates
import Credentials
import Foundation
import P256Group
import Pseudonyms
import Synchronization
import TestIdentities
import Testing
import Transcripts
import Uplink

@testable import Pseudonymity

@Suite struct IssuingTests {
    @Test("A person gets pseudonyms that are valid for the epoch, name nobody and sign")
    func issued() async throws {
        try await TestSite.with { site in
            let credentials = try await site.requester().request(count: 3)
            #expect(credentials.count == 3)
            #expect(Set(credentials.map(\.certificate.fields.serial)).count == 3)
            for credential in credentials {
                let fields = credential.certificate.fields
                #expect(fields.subject.isEmpty)
                #expect(fields.attributes == ["role:researcher"])
                #expect(fields.notBefore == site.epoch * TestSite.epochSeconds)
                #expect(fields.notAfter == (site.epoch + 1) * TestSite.epochSeconds - 1)
                let pseudonym = Pseudonym(certificate: credential.certificate, key: credential.key)
                let signature = try PseudonymSignature(bytes: pseudonym.sign([1, 2]))
                #expect(throws: Never.self) {
                    try signature.verify([1, 2], issuer: site.issuer.issuer, at: site.now)
                }
            }
            #expect(try site.wallet().entries().count == 3)
            #expect(try site.wallet().requests().isEmpty)
        }
    }

    @Test("The next epoch's pseudonyms can be had, those of any other cannot")
    func epochs() async throws {
        try await TestSite.with { site in
            let next = try await site.requester().request(count: 1, isForNextEpoch: true)
            #expect(next.first?.certificate.fields.notBefore == (site.epoch + 1) * TestSite.epochSeconds)
            for epoch in [site.epoch - 1, site.epoch + 2, UInt64.max] {
                let body = site.body(of: try site.pending(epoch: epoch))
                let refused = await refusal { try await site.registrationClient().submit(body) }
                #expect(refused?.code == "another-epoch", "\(epoch)")
            }
        }
    }

    @Test("A user gets so many pseudonyms of an epoch, and no request is for more than 256")
    func limits() async throws {
        try await TestSite.with(adjust: { $0.countPerEpoch = 4 }) { site in
            _ = try await site.requester().request(count: 3)
            let tooMany = await refusal { _ = try await site.requester().request(count: 2) }
            #expect(tooMany?.code.contains("too-many-certificates") == true)
            #expect(try site.wallet().requests().isEmpty)
            #expect(try await site.requester().request(count: 1).count == 1)
            #expect(try await site.requester().request(count: 4, isForNextEpoch: true).count == 4)
            for count in [0, 257] as [UInt32] {
                let body = site.body(of: try site.pending(count: count))
                let refused = await refusal { try await site.registrationClient().submit(body) }
                #expect(refused?.code == "too-many-certificates", "\(count)")
            }
        }
    }

    @Test("Nobody asks for another, and nobody fetches another's certificates")
    func others() async throws {
        try await TestSite.with { site in
            let other = try site.authority.enroll("lab:researcher:eve")
            let pending = try site.pending()
            let stolen = await refusal { try await site.registrationClient(other).submit(site.body(of: pending)) }
            #expect(stolen?.code == "another-requester")
            // With a certificate of her own the signature is not hers.
            let resigned = site.body(of: pending, by: other)
            let forged = await refusal { try await site.registrationClient(other).submit(resigned) }
            #expect(forged?.code == "SIGNATURE")
            try await site.registrationClient().submit(site.body(of: pending))
            let foreign = await refusal { _ = try await site.registrationClient(other).responses(pending.id) }
            #expect(foreign?.code == "unknown-request")
        }
    }

    @Test("A requester that trusts another issuer keeps the request and gets nothing")
    func wrongIssuer() async throws {
        try await TestSite.with { site in
            let wrong = CertificateIssuer(
                name: site.issuer.issuer.name,
                publicKey: P256KeyPair.generate().publicKey
            )
            let requester = try site.requester(issuers: [wrong])
            await #expect(throws: PseudonymRequestError.self) { _ = try await requester.request(count: 1) }
            #expect(try site.wallet().entries().isEmpty)
            #expect(try site.wallet().requests().count == 1)
            // The boxes are there until they are kept.
            #expect(try await site.requester().fetch().count == 1)
            #expect(try site.wallet().requests().isEmpty)
        }
    }

    @Test("The boxes are dropped once they are kept, and a repeated request changes nothing")
    func confirmed() async throws {
        try await TestSite.with { site in
            let pending = try site.pending()
            let client = try site.registrationClient()
            let body = site.body(of: pending)
            try await client.submit(body)
            try await client.submit(body)
            try site.wallet().begin(pending)
            #expect(try await site.requester().fetch().count == 2)
            let gone = await refusal { _ = try await client.responses(pending.id) }
            #expect(gone?.status == 410)
            try await client.submit(body)
            let again = await refusal { _ = try await client.responses(pending.id) }
            #expect(again?.status == 410)
            #expect(try site.pseudonymBooks().count() == 2)
        }
    }

    @Test("What was kept before a crash is issued after it, and the same request finds it")
    func crashOfRegistration() async throws {
        try await TestSite.with(delivering: false) { site in
            let pending = try site.pending()
            try site.wallet().begin(pending)
            try await site.registrationClient().submit(site.body(of: pending))
            let waiting = await refusal { _ = try await site.registrationClient().responses(pending.id) }
            #expect(waiting?.code == "not-ready")
            try await site.stop("ra")
            try await site.startRegistration()
            let credentials = try await site.requester().fetch()
            #expect(credentials.count == 2)
            #expect(try site.pseudonymBooks().count() == 2)
        }
    }

    @Test("A batch whose answer was lost gets the same certificates, also from a restarted authority")
    func crashBetweenStoringAndAnswering() async throws {
        try await TestSite.with(delivering: false) { site in
            let pending = try site.pending(count: 3)
            try site.wallet().begin(pending)
            try await site.registrationClient().submit(site.body(of: pending))
            try await site.stop("ra")
            // The registration authority ends after it has put a batch together and sent it.
            let books = try RegistrationBooks(directory: "\(site.directory)/ra")
            try books.putTogether(site.epoch, id: SecureRandom.bytes(32))
            let batch = try #require(try books.openBatches().first)
            #expect(batch.content.orders.count == 3)
            let sender = try site.pseudonymClient(site.registration)
            let lost = try await sender.issue(batch.content.bytes, id: batch.id)
            try await site.stop("pca")
            try await site.startPseudonyms()
            let again = try await site.pseudonymClient(site.registration)
                .issue(batch.content.bytes, id: batch.id)
            #expect(again == lost)
            #expect(try site.pseudonymBooks().count() == 3)
            // The batch is the same after a restart, and the certificates reach the person.
            try await site.startRegistration()
            #expect(try await site.requester().fetch().count == 3)
            #expect(try site.pseudonymBooks().count() == 3)
        }
    }

    @Test("A key gets one certificate, and a batch's name stands for one batch")
    func duplicates() async throws {
        try await TestSite.with(delivering: false) { site in
            let keys = (0..<2).map { _ in P256KeyPair.generate().publicKey.encoded }
            let orders = keys.map { CocoonOrder(cocoonKey: $0, handle: [UInt8](repeating: 7, count: 104)) }
            let sender = try site.pseudonymClient(site.registration)
            let id = SecureRandom.bytes(32)
            _ = try await sender.issue(CocoonBatch(epoch: site.epoch, orders: [orders[0]]).bytes, id: id)
            let other = CocoonBatch(epoch: site.epoch, orders: [orders[1]]).bytes
            #expect(await refusal { _ = try await sender.issue(other, id: id) }?.code == "key-used")
            let both = CocoonBatch(epoch: site.epoch, orders: orders).bytes
            let repeated = await refusal { _ = try await sender.issue(both, id: SecureRandom.bytes(32)) }
            #expect(repeated?.code == "key-used")
            #expect(try site.pseudonymBooks().count() == 1)
            let old = CocoonBatch(epoch: site.epoch + 2, orders: [orders[1]]).bytes
            let late = await refusal { _ = try await sender.issue(old, id: SecureRandom.bytes(32)) }
            #expect(late?.code == "another-epoch")
        }
    }

    @Test("Registration authorities that are not named get no certificates")
    func foreignRegistration() async throws {
        try await TestSite.with(delivering: false) { site in
            let other = try site.authority.enroll("other:registration-authority:ra")
            let order = CocoonOrder(
                cocoonKey: P256KeyPair.generate().publicKey.encoded,
                handle: [UInt8](repeating: 7, count: 104)
            )
            let batch = CocoonBatch(epoch: site.epoch, orders: [order]).bytes
            let refused = await refusal {
                _ = try await site.pseudonymClient(other).issue(batch, id: SecureRandom.bytes(32))
            }
            #expect(refused?.code == "another-authority")
        }
    }

    @Test("What was not issued when its epoch ended is over")
    func epochEnds() async throws {
        try await TestSite.with(delivering: false) { site in
            let pending = try site.pending()
            try site.wallet().begin(pending)
            try await site.registrationClient().submit(site.body(of: pending))
            try await site.stop("ra")
            site.clock.withLock { $0 += TestSite.epochSeconds }
            // Certificates of identities are over for the moved clock; the books alone are looked at.
            let books = try RegistrationBooks(directory: "\(site.directory)/ra")
            try books.forget(unissuedBefore: site.epoch, allBefore: 0)
            #expect(try books.state(of: pending.id, subject: site.user.name.description) == .gone)
            #expect(try books.waiting().isEmpty)
            try books.forget(unissuedBefore: site.epoch, allBefore: site.epoch)
            #expect(try books.state(of: pending.id, subject: site.user.name.description) == nil)
        }
    }
}

extension TestSite {
    /// The books on the disk, beside the running authority.
    func pseudonymBooks() throws -> PseudonymBooks { try PseudonymBooks(directory: "\(self.directory)/pca") }
}
