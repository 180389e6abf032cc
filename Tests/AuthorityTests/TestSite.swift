import Certificates
import Credentials
import Foundation
import Logging
import SecureHTTP

@testable import Authority

/// An authority in a directory that goes away, with a clock that stands still unless it is set.
final class TestSite: Sendable {
    static let start: UInt64 = 1_800_000_000

    let directory: String
    let authority: Authority

    init(at now: UInt64 = start) throws {
        self.directory = FileManager.default.temporaryDirectory.appendingPathComponent("wardline-\(UUID())").path
        try PrivateFile.makeDirectory(self.directory)
        try Self.create(in: "\(self.directory)/ca", at: now)
        self.authority = try Authority(directory: "\(self.directory)/ca")
    }

    deinit { try? FileManager.default.removeItem(atPath: self.directory) }

    @discardableResult
    static func create(in directory: String, at now: UInt64 = start) throws -> Bool {
        try Authority.create(
            directory: directory,
            organization: "clinic",
            name: "ca",
            hosts: [.dns("localhost"), .address([127, 0, 0, 1])],
            at: now
        )
    }

    func path(_ name: String) -> String { "\(self.directory)/\(name)" }

    func party(_ role: PartyRole, _ name: String = "one") throws -> PartyName {
        guard let party = PartyName(organization: "clinic", role: role, name: name) else { throw CancellationError() }
        return party
    }

    /// A request as a party would send it, with its keys in a directory of their own.
    func request(
        _ party: PartyName,
        hosts: [HostName] = [],
        in name: String = UUID().uuidString
    ) throws -> (directory: IdentityDirectory, pending: PendingRequest) {
        let directory = IdentityDirectory(self.path(name))
        try directory.prepare()
        let url = self.authority.url
        return (directory, try directory.pending(party, authority: url, hosts: hosts, protection: .file))
    }

    /// Runs the authority's server for the time of `body`, which gets its URL.
    func serve(
        credentials: CredentialDesk? = nil,
        _ body: @Sendable @escaping (String) async throws -> Void
    ) async throws {
        let configuration = AuthorityConfiguration(directory: self.authority.directory, address: "127.0.0.1", port: 0)
        let server = try AuthorityService.server(
            self.authority,
            configuration,
            credentials: credentials,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try await withThrowingTaskGroup { group in
            group.addTask {
                do { try await server.run() } catch is CancellationError {}
            }
            try await body("https://localhost:\(server.port())")
            group.cancelAll()
        }
    }
}
