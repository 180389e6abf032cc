import CanonicalBytes
import Certificates
import Credentials
import P256Group
import Pseudonyms
import TestIdentities
import Testing
import Uplink

@testable import Pseudonymity

@Suite struct SeparationTests {
    @Test("The authority of pseudonyms has nothing on its disk that names a user or ties two certificates")
    func pseudonymAuthorityKnowsNobody() async throws {
        try await TestSite.with { site in
            let credentials = try await site.requester().request(count: 4)
            let files = try site.files(of: "pca")
            // What it must know, so that this test sees what is there.
            for credential in credentials { #expect(files.holds(credential.certificate.digest)) }
            for secret in ["researcher:ada", "ada", site.user.name.description] { #expect(!files.holds(secret)) }
            #expect(!files.holds(site.user.certificate.digest))
            #expect(!files.holds(site.user.key.publicKey.encoded))
            // The key that all of a request's cocoon keys come from, and the request's name.
            let stored = try #require(try site.storedRequest(of: site.user))
            let request = try PseudonymRequest(bytes: stored.bytes)
            #expect(!files.holds(request.caterpillarKey))
            #expect(!files.holds(request.expansionKey))
            #expect(!files.holds(stored.id))
        }
    }

    @Test("The registration authority has no certificate on its disk, before they are fetched and afterwards")
    func registrationAuthorityKnowsNoCertificate() async throws {
        try await TestSite.with { site in
            let credentials = try await site.requester().request(count: 4)
            try await site.registrationClient().submit(site.body(of: site.pending()))
            let files = try site.files(of: "ra")
            #expect(files.holds(site.user.name.description))
            for credential in credentials {
                let certificate = credential.certificate
                #expect(!files.holds(certificate.digest))
                #expect(!files.holds(certificate.reconstructionPoint))
                #expect(!files.holds(certificate.fields.extensionBytes))
                #expect(!files.holds(certificate.fields.serial.bigEndianBytes))
                #expect(!files.holds(credential.key.publicKey.encoded))
            }
        }
    }

    @Test("Keys of several users leave in one batch, in an order that is not theirs")
    func mixed() async throws {
        try await TestSite.with(delivering: false) { site in
            let users = try [site.user] + ["eva", "ida"].map { try site.authority.enroll("lab:researcher:\($0)") }
            for user in users {
                let body = site.body(of: try site.pending(user, count: 16), by: user)
                try await site.registrationClient(user).submit(body)
            }
            try await site.stop("ra")
            let books = try RegistrationBooks(directory: "\(site.directory)/ra")
            #expect(try books.waiting().map(\.users) == [3])
            try books.putTogether(site.epoch, id: [UInt8](repeating: 1, count: 32))
            let batch = try #require(try books.openBatches().first)
            let owners = try batch.content.orders.map { try #require(try books.request(ofKey: $0.cocoonKey)).subject }
            #expect(owners.count == 48)
            // One in about 48! / (16!)^3 · 3! shuffles groups them.
            #expect(zip(owners, owners.dropFirst()).filter { $0 != $1 }.count > 2)
            #expect(
                batch.content.orders.map(\.cocoonKey)
                    != batch.content.orders.map(\.cocoonKey).sorted {
                        $0.lexicographicallyPrecedes($1)
                    }
            )
        }
    }

    @Test("Secret keys lie sealed: another sealing key, or a file at another's place, opens nothing")
    func sealed() async throws {
        try await TestSite.with { site in
            _ = try await site.requester().request(count: 1)
            let other = "\(site.directory)/other.sealing"
            try VaultKey.make(other)
            let wrong = try VaultKey(path: other)
            #expect(throws: CredentialsError.self) {
                try PseudonymIssuer.load(directory: "\(site.directory)/pca", vault: wrong)
            }
            let keys = "\(site.directory)/ra/keys"
            let name = site.registration.name.description
            let right = try VaultKey(path: "\(site.directory)/ra.sealing")
            #expect(try EpochKeys(directory: keys, owner: name, vault: right).existing(of: site.epoch) != nil)
            #expect(throws: CredentialsError.self) {
                try EpochKeys(directory: keys, owner: name, vault: wrong).existing(of: site.epoch)
            }
            let bytes = try PrivateFile.read("\(keys)/\(site.epoch)")
            try PrivateFile.write(bytes, to: "\(keys)/\(site.epoch + 1)")
            #expect(throws: CredentialsError.self) {
                try EpochKeys(directory: keys, owner: name, vault: right).existing(of: site.epoch + 1)
            }
        }
    }

    @Test("Keys of epochs that are too old are destroyed, the others stay")
    func destroyed() async throws {
        try await TestSite.with { site in
            let keys = try EpochKeys(
                directory: "\(site.directory)/keys",
                owner: "x",
                vault: VaultKey(path: "\(site.directory)/ra.sealing")
            )
            for epoch in 5...8 as ClosedRange<UInt64> { _ = try keys.key(of: epoch) }
            try keys.destroy(before: 7)
            #expect(try [5, 6, 7, 8].map { try keys.existing(of: $0) != nil } == [false, false, true, true])
            #expect(!PrivateFile.exists("\(site.directory)/keys/6"))
        }
    }
}

extension TestSite {
    /// A request on the registration authority's disk.
    func storedRequest(of identity: Identity) throws -> RegistrationBooks.StoredRequest? {
        try RegistrationBooks(directory: "\(self.directory)/ra").anyRequest(of: identity.name.description)
    }
}
