internal import Certificates
internal import Credentials
internal import Foundation

/// The folders of a consortium's parties, as `wardline dev` lays them out.
enum CollusionFolders {
    /// Those of one role, by name.
    static func folders(of role: PartyRole, in dev: String) throws -> [(path: String, identity: Identity)] {
        try FileManager.default.contentsOfDirectory(atPath: dev).sorted().compactMap { name in
            let path = "\(dev)/\(name)"
            guard PrivateFile.exists("\(path)/identity/current") else { return nil }
            let identity = try Identity.load(directory: "\(path)/identity")
            return identity.name.role == role ? (path, identity) : nil
        }
    }
}
