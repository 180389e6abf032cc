import CanonicalBytes
import Certificates
import ChainReading
import Credentials
import Foundation
import P256Group
import Pseudonyms
import Synchronization
import Testing

@testable import Pseudonymity

@Suite struct WalletTests {
    @Test("Each pseudonym is taken once, and found again by its digest")
    func taken() async throws {
        try await TestSite.with { site in
            _ = try await site.requester().request(count: 3)
            let wallet = try site.wallet()
            var digests: Set<[UInt8]> = []
            for _ in 0..<3 {
                // Another process has opened the same wallet.
                let credential = try site.wallet().take()
                digests.insert(credential.certificate.digest)
                let found = try #require(try wallet.credential(certified: credential.certificate.digest))
                #expect(found.certificate == credential.certificate)
                #expect(found.key.publicKey == credential.key.publicKey)
                #expect(found.requesterKey.isPseudonym)
            }
            #expect(digests.count == 3)
            #expect(throws: PseudonymWalletError.self) { try wallet.take() }
            #expect(try wallet.credential(certified: [UInt8](repeating: 0, count: 32)) == nil)
            #expect(try wallet.entries().allSatisfy(\.isUsed))
        }
    }

    @Test("Pseudonyms that are not valid yet, or no more, are not taken; prune removes what is over")
    func validity() async throws {
        try await TestSite.with { site in
            _ = try await site.requester().request(count: 2)
            _ = try await site.requester().request(count: 1, isForNextEpoch: true)
            let wallet = try site.wallet()
            let first = try wallet.take()
            _ = try wallet.take()
            #expect(throws: PseudonymWalletError.self) { try wallet.take() }
            #expect(try wallet.prune(includingUsed: true) == 0)
            site.clock.withLock { $0 += TestSite.epochSeconds }
            #expect(try wallet.take().certificate.fields.notBefore > first.certificate.fields.notAfter)
            #expect(try wallet.prune(includingUsed: false) == 0)
            #expect(try wallet.prune(includingUsed: true) == 2)
            #expect(try wallet.credential(certified: first.certificate.digest) == nil)
        }
    }

    @Test("All files are the owner's alone, and one that was changed is not used")
    func files() async throws {
        try await TestSite.with { site in
            _ = try await site.requester().request(count: 1)
            let wallet = try site.wallet()
            let folder = "\(wallet.directory)/unused"
            let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            var bytes = try PrivateFile.read("\(folder)/\(name)")
            bytes[40] ^= 1
            try PrivateFile.write(bytes, to: "\(folder)/\(name)")
            #expect(throws: CredentialsError.self) { try wallet.take() }
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: "\(folder)/\(name)")
            #expect(throws: CredentialsError.self) { try wallet.entries() }
        }
    }

    @Test("A request's secrets come back from its file, and belong to it")
    func pending() async throws {
        try await TestSite.with { site in
            let pending = try site.pending()
            let read = try PendingPseudonyms(fileBytes: pending.fileBytes())
            #expect(read.id == pending.id && read.request.bytes == pending.request.bytes)
            let other = try site.pending()
            var mixed = pending.fileBytes()
            let length = 4 + 4 + pending.authority.utf8.count
            mixed.replaceSubrange(length..<length + 32, with: other.fileBytes()[length..<length + 32])
            #expect(throws: ProtocolFailure.self) { try PendingPseudonyms(fileBytes: mixed) }
        }
    }
}
