import CanonicalBytes
import Certificates
import ChainReading
import Contracts
import Credentials
import Foundation
import IdentityEncryption
import Ledger
import SecretSharing
import Signcryption
import TestIdentities
import Testing

@testable import KeyIssuing

@Suite struct GrantGroundsTests {
    /// What an owner claims before it grants: all of the scope, whoever wrote to it.
    private static func claim(_ site: TestSite) -> PermissionCheck.Claim {
        PermissionCheck.Claim(
            permission: site.wish.permission,
            certificate: site.researcher.certificate,
            issuer: TrustedParty(TrustedIssuer(kind: .authority, issuer: site.authority.authority.issuer)),
            scope: site.descriptor,
            sender: nil
        )
    }

    @Test("An owner that grants asks for the permission alone, and gets it; writers do not matter")
    func permission() async throws {
        try await TestSite.with { site in
            var grounds = Grounds(site)
            grounds.writers = []
            grounds.put(into: site.chain, of: site)
            let check = PermissionCheck(chain: site.chain, clock: { TestSite.milliseconds })
            let permission = try await check.require(Self.claim(site))
            #expect(permission.id == grounds.permission && permission.validUntil == grounds.validUntil)
            #expect(permission.scope == site.descriptor.digest)
            for flaw in 0..<3 {
                var grounds = Grounds(site)
                switch flaw {
                case 0: grounds.revoked = 1
                case 1: grounds.requester[0] ^= 1
                default: grounds.validUntil = TestSite.milliseconds - 1
                }
                grounds.put(into: site.chain, of: site)
                await #expect(throws: ChainReadingError.self) { try await check.require(Self.claim(site)) }
            }
        }
    }

    @Test("A share on the disk is the one behind the party's point, and opens with that party's key alone")
    func storedShare() async throws {
        try await TestSite.with { site in
            let file = try await site.setUp()
            let joint = try file.verify(issuer: site.authority.authority.issuer)
            for place in 0..<3 {
                let share = try StoredShare.open(
                    in: site.stateDirectory(place),
                    of: file,
                    place: UInt8(place),
                    sealingKeyFile: "\(site.directory)/sealing.\(place)"
                )
                try IssuingParty(place: UInt8(place), share: share, parties: joint.parties).requireOwnPoint()
                #expect(throws: CredentialsError.self) {
                    try StoredShare.open(
                        in: site.stateDirectory(place),
                        of: file,
                        place: UInt8(place),
                        sealingKeyFile: "\(site.directory)/sealing.\((place + 1) % 3)"
                    )
                }
            }
        }
    }
}
