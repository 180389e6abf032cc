import Authority
import Certificates
import Credentials
import Foundation

/// A directory that goes away with its last user.
final class TestDirectory: Sendable {
    let path: String

    init() throws {
        self.path = FileManager.default.temporaryDirectory.appendingPathComponent("wardline-\(UUID())").path
        try FileManager.default.createDirectory(
            atPath: self.path,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
    }

    func mode(_ name: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(self.path)/\(name)")
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
    }

    func setMode(_ mode: Int, of name: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: "\(self.path)/\(name)")
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }
}

/// An authority on the disk, and identities that it issues without a network.
struct TestSite {
    static let now: UInt64 = 1_800_000_000

    let directory: TestDirectory
    let authority: Authority

    init() throws {
        self.directory = try TestDirectory()
        let path = "\(self.directory.path)/authority"
        try Authority.create(
            directory: path,
            organization: "clinic",
            name: "ca",
            hosts: [.dns("localhost")],
            at: Self.now
        )
        self.authority = try Authority(directory: path)
    }

    func party(_ role: PartyRole, _ name: String = "one") throws -> PartyName {
        guard let party = PartyName(organization: "clinic", role: role, name: name) else { throw NoSuchParty() }
        return party
    }

    func path(_ name: String) -> String { "\(self.directory.path)/\(name)" }

    func identity(_ role: PartyRole, hosts: [HostName] = [], at now: UInt64 = now) throws -> Identity {
        try self.authority.install(
            self.party(role),
            hosts: hosts,
            into: self.path(role.rawValue),
            at: now
        )
    }

    struct NoSuchParty: Error {}
}
