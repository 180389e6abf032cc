import CanonicalBytes
import Certificates
import Credentials
import Foundation
import HTTPTypes
import Hummingbird
import TestIdentities
import Testing

@testable import Pseudonymity

@Suite struct InterfaceTests {
    @Test("The documents in docs/openapi are those that are served", arguments: ["registration", "pseudonym-ca"])
    func documents(_ name: String) async throws {
        try await TestSite.with { site in
            try await site.stop("ra")
            try await site.stop("pca")
            let interface =
                name == "registration"
                ? try site.registrationService().interface : try site.pseudonymService().interface
            let path = URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../../docs/openapi/\(name).json")
            let text = try interface.document.text()
            if ProcessInfo.processInfo.environment["WRITE_DOCUMENTS"] != nil { try Data(text).write(to: path) }
            #expect(try Self.canonical(Data(text)) == Self.canonical(Data(contentsOf: path)))
            // Each route stands in it, and nothing else.
            let document = try #require(try JSONSerialization.jsonObject(with: Data(text)) as? [String: Any])
            let paths = try #require(document["paths"] as? [String: [String: Any]])
            let listed = Set(paths.flatMap { path, methods in methods.keys.map { "\($0.uppercased()) \(path)" } })
            #expect(listed == Set(interface.router(behind: []).routes.map { "\($0.method.rawValue) \($0.path)" }))
        }
    }

    private static func canonical(_ data: Data) throws -> Data {
        try JSONSerialization.data(withJSONObject: JSONSerialization.jsonObject(with: data), options: [.sortedKeys])
    }

    @Test("Messages are read back, and a byte too few or too many is refused")
    func messages() async throws {
        try await TestSite.with { site in
            let submitted = site.body(of: try site.pending())
            let keys = RevokedKeys(keys: [[UInt8](repeating: 2, count: 33)]).bytes
            let boxes = BoxedResponses(boxes: [[1], [], [2, 3]]).bytes
            #expect(try SubmittedRequest(bytes: submitted).bytes == submitted)
            #expect(try RevokedKeys(bytes: keys).bytes == keys)
            #expect(try BoxedResponses(bytes: boxes).bytes == boxes)
            for bytes in [submitted, keys, boxes] {
                for altered in [Array(bytes.dropLast()), bytes + [0], []] {
                    #expect(throws: ProtocolFailure.self) { try SubmittedRequest(bytes: altered) }
                    #expect(throws: ProtocolFailure.self) { try RevokedKeys(bytes: altered) }
                    #expect(throws: ProtocolFailure.self) { try BoxedResponses(bytes: altered) }
                }
            }
        }
    }

    @Test("An authority starts under its own identity only, and checks say what is missing")
    func checks() async throws {
        try await TestSite.with { site in
            try RegistrationService.check(site.registrationConfiguration())
            try PseudonymAuthorityService.check(site.pseudonymConfiguration())
            var registration = site.registrationConfiguration()
            registration.base.identityDirectory = site.user.directory
            #expect(throws: CredentialsError.self) { try RegistrationService.check(registration) }
            var pseudonyms = site.pseudonymConfiguration()
            pseudonyms.base.directory = "\(site.directory)/empty"
            #expect(throws: CredentialsError.self) { try PseudonymAuthorityService.check(pseudonyms) }
            // The issuing key is another party's.
            var renamed = site.pseudonymConfiguration()
            renamed.base.identityDirectory = try site.authority.enroll("other:pseudonym-ca:pca").directory
            #expect(throws: CredentialsError.self) { try PseudonymAuthorityService.check(renamed) }
        }
    }
}
