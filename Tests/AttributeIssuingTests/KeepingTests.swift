import AttributeEncryption
import CanonicalBytes
import Certificates
import ChainReading
import Credentials
import Foundation
import Ledger
import TestIdentities
import Testing
import Uplink

@testable import AttributeIssuing

@Suite struct KeepingTests {
    @Test("The master key is made once: a restarted authority has the same, and publishes nothing again")
    func restart() async throws {
        try await TestSite.with { site in
            let before = try await site.raw().publicKey()
            #expect(site.chain.publications == 1)
            try await site.stop()
            try await site.start()
            #expect(try await site.raw().publicKey() == before)
            #expect(site.chain.publications == 1)
            #expect(try await site.ask() == nil)
        }
    }

    @Test("With another sealing key, another name or a changed file the authority does not start")
    func sealing() async throws {
        try await TestSite.with { site in
            try await site.stop()
            var other = site.configuration
            other.sealingKeyFile = "\(site.directory)/other.key"
            try SealingSecret.make(other.sealingKeyFile)
            #expect(throws: CredentialsError.self) { try site.service(other) }
            #expect(throws: CredentialsError.self) { try SealingSecret.make(other.sealingKeyFile) }
            var renamed = site.configuration
            renamed.identityDirectory = try site.authority.enroll("cloud:attribute-authority:bb").directory
            #expect(throws: CredentialsError.self) { try site.service(renamed) }
            let path = "\(site.stateDirectory)/master.wlam"
            let file = try PrivateFile.read(path)
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
            for place in [0, 20, file.count - 100, file.count - 1] {
                var changed = file
                changed[place] ^= 1
                try PrivateFile.write(changed, to: path)
                #expect(throws: CredentialsError.self, "\(place)") { try site.service() }
            }
            try PrivateFile.write(file, to: path)
            try await site.start()
        }
    }

    @Test("Another party's identity, and a sealing key that others may read, are refused before the start")
    func check() async throws {
        try await TestSite.with { site in
            try AttributeIssuingService.check(site.configuration, site.server)
            #expect(throws: CredentialsError.self) {
                try AttributeIssuingService.check(site.configuration, site.researcher)
            }
            let path = site.configuration.sealingKeyFile
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            #expect(throws: CredentialsError.self) {
                try AttributeIssuingService.check(site.configuration, site.server)
            }
        }
    }

    @Test(
        "Another key of this authority on the chain stays there, unless the operator said so; until then no key is issued"
    )
    func anotherKey() async throws {
        try await TestSite.with { site in
            let ours = try await site.raw().publicKey()
            let lost = try AttributeAuthority(name: site.server.name.description).publicKey()
            site.chain.publish(lost.bytes, of: site.server.name)
            try await site.stop()
            try await site.start()
            #expect(site.chain.publications == 1)
            #expect(try await site.ask() == "key-not-published")
            try await site.stop()
            var configuration = site.configuration
            configuration.replacesPublishedKey = true
            let service = try site.service(configuration)
            #expect(service.interface.obstacles().count == 1)
            #expect(await service.interface.publication.attempt())
            #expect(service.interface.obstacles().isEmpty)
            #expect(try await AttributeKeyClient.publicKey(of: site.server.name, on: site.chain).bytes == ours)
            #expect(site.chain.publications == 2)
        }
    }

    @Test("While nobody says what the chain holds, no key is issued; what is published stays so without validators")
    func publication() async throws {
        try await TestSite.with { site in
            try await site.stop()
            site.chain.fail()
            try await site.start()
            #expect(try await site.ask() == "key-not-published")
            try await site.stop()
            site.chain.fail(false)
            let service = try site.service()
            #expect(await service.interface.publication.attempt())
            site.chain.fail()
            #expect(await !service.interface.publication.attempt())
            #expect(service.interface.publication.state == .published)
        }
    }

    @Test("The ledger keeps who got a key under which permission, with what she signed, for its time only")
    func ledger() async throws {
        try await TestSite.with { site in
            let request = try site.request()
            #expect(try await site.refusal(request.bytes) == nil)
            let link = try #require(try await site.links(of: request.permission).first)
            #expect(link.party == "lab:researcher:r" && link.identity == site.researcher.certificate.digest)
            #expect(link.certificate == site.pseudonym.certificate.digest && link.request == request.bytes)
            try AttributeKeyRequest(bytes: link.request).verify(
                identity: site.researcher.issuer,
                certificate: site.pseudonyms.issuer,
                at: link.time
            )
            #expect(try await site.links(of: [UInt8](repeating: 9, count: 32)).isEmpty)
            let path = "\(site.stateDirectory)/links.db"
            for file in [path, path + "-wal"] where FileManager.default.fileExists(atPath: file) {
                #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
            }
            try await site.stop()
            let ledger = try LinkLedger(directory: site.stateDirectory, retentionDays: 2)
            try await ledger.prune(at: link.time + 2 * 86_400)
            #expect(try await ledger.links().count == 1)
            try await ledger.prune(at: link.time + 2 * 86_400 + 1)
            #expect(try await ledger.links().isEmpty)
            for file in [path, path + "-wal"] where FileManager.default.fileExists(atPath: file) {
                let bytes = try Data(contentsOf: URL(filePath: file))
                #expect(bytes.firstRange(of: Data("lab:researcher:r".utf8)) == nil)
                #expect(bytes.firstRange(of: Data(request.permission)) == nil)
            }
        }
    }

    @Test("A key on the disk has mode 0600, opens what it opened, and is checked when it is read")
    func keyFile() async throws {
        try await TestSite.with { site in
            let file = try await site.client().file(
                permission: Grounds(site).permission,
                requester: site.pseudonym,
                identity: site.researcher
            )
            let path = "\(site.directory)/attributes.wla"
            try file.write(to: path)
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
            let read = try AttributeKeyFile(path: path)
            #expect(read.permission == Grounds(site).permission && read.publicKey == file.publicKey)
            let bytes = try (read.key.secretBytes(), file.key.secretBytes())
            #expect(bytes.0 == bytes.1)
            var mixed = try AttributeKeyFile(
                permission: file.permission,
                publicKey: AttributeAuthority(name: site.server.name.description).publicKey(),
                key: file.key
            ).secretBytes()
            #expect(throws: ProtocolFailure.self) { try AttributeKeyFile(bytes: mixed) }
            mixed = try file.secretBytes()
            for place in stride(from: 0, to: mixed.count, by: 97) where !(4..<36).contains(place) {
                var changed = mixed
                changed[place] ^= 1
                #expect(throws: ProtocolFailure.self, "\(place)") { try AttributeKeyFile(bytes: changed) }
            }
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
            #expect(throws: CredentialsError.self) { try AttributeKeyFile(path: path) }
        }
    }
}
