internal import CanonicalBytes
package import Credentials
internal import Foundation

/// The folder of a share: what was asked, what everybody answered, and what came of it.
///
/// Mode 0700. Each file is written whole or not at all, so that whoever was killed goes on from what is there. Keys are
/// below `secrets`; everything else may be given to somebody who checks the share.
package struct ShareFolder: Sendable {
    package static let secrets = "secrets"
    package static let data = "data"
    /// Files that tell how far the work is, and nothing about the share.
    package static let workFiles = ["lock", "notes.json", "index.json", "home.json", "exchange.json"]
    /// Bytes of one file.
    package static let fileBytesMax = 1 << 30

    package let path: String

    /// Makes a folder for a new share.
    ///
    /// - Throws: ``ShareFolderError/exists(_:)``; `CredentialsError`.
    package init(creating path: String) throws {
        if PrivateFile.exists("\(path)/\(Names.record)") { throw ShareFolderError.exists(path) }
        try PrivateFile.makeDirectory(path)
        self.path = path
        try self.makeDirectory(Self.secrets)
    }

    /// Opens a folder that was made before.
    ///
    /// - Throws: ``ShareFolderError/none(_:)``.
    package init(opening path: String) throws {
        guard PrivateFile.exists("\(path)/\(Names.record)") else { throw ShareFolderError.none(path) }
        self.path = path
    }

    enum Names {
        static let record = "share.json"
        static let certificate = "requester.wlc"
        static let notes = "notes.json"
    }

    /// Keeps other processes from changing the folder as long as it is held.
    package func lock() throws -> DirectoryLock { try DirectoryLock(self.path) }

    // MARK: - Files

    func has(_ name: String) -> Bool { PrivateFile.exists("\(self.path)/\(name)") }

    /// A file's content; nil when it is not there.
    func read(_ name: String) throws -> [UInt8]? {
        guard self.has(name) else { return nil }
        return try PrivateFile.read("\(self.path)/\(name)", upTo: Self.fileBytesMax, isSecret: false)
    }

    func hasSecret(_ name: String) -> Bool { PrivateFile.exists("\(self.path)/\(Self.secrets)/\(name)") }

    /// A secret's content, which the caller wipes; nil when it is not there.
    func readSecret(_ name: String) throws -> [UInt8]? {
        let path = "\(self.path)/\(Self.secrets)/\(name)"
        guard PrivateFile.exists(path) else { return nil }
        return try PrivateFile.read(path)
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        if let slash = name.lastIndex(of: "/") { try self.makeDirectories(String(name[..<slash])) }
        try PrivateFile.write(bytes, to: "\(self.path)/\(name)")
    }

    func writeSecret(_ bytes: [UInt8], to name: String) throws {
        try PrivateFile.write(bytes, to: "\(self.path)/\(Self.secrets)/\(name)")
    }

    /// Names of what is in a folder below, ascending by bytes, without what an interrupted write left.
    func list(_ name: String) -> [String] {
        let found = (try? FileManager.default.contentsOfDirectory(atPath: "\(self.path)/\(name)")) ?? []
        return found.filter { !$0.hasSuffix(".partial") }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Every file below the folder but secrets and work files, with its path from the folder, ascending by bytes.
    package func evidence() throws -> [String] {
        guard let walker = FileManager.default.enumerator(atPath: self.path) else {
            throw ShareFolderError.none(self.path)
        }
        var names: [String] = []
        while let name = walker.nextObject() as? String {
            if name == Self.secrets || name.hasPrefix(Self.secrets + "/") { continue }
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: "\(self.path)/\(name)", isDirectory: &isDirectory),
                !isDirectory.boolValue, !Self.workFiles.contains((name as NSString).lastPathComponent),
                !name.hasSuffix(".partial")
            else { continue }
            names.append(name)
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    func remove(_ name: String) { try? FileManager.default.removeItem(atPath: "\(self.path)/\(name)") }

    /// Puts a folder in the place of another one.
    func replace(_ name: String, with fresh: String) throws {
        let files = FileManager.default
        let old = "\(self.path)/\(name).old"
        try? files.removeItem(atPath: old)
        if self.has(name) { try files.moveItem(atPath: "\(self.path)/\(name)", toPath: old) }
        try files.moveItem(atPath: "\(self.path)/\(fresh)", toPath: "\(self.path)/\(name)")
        try? files.removeItem(atPath: old)
        PrivateFile.synchronize(directory: self.path)
    }

    private func makeDirectories(_ name: String) throws {
        var path = ""
        for part in name.split(separator: "/") {
            path += path.isEmpty ? String(part) : "/\(part)"
            try self.makeDirectory(path)
        }
    }

    private func makeDirectory(_ name: String) throws { try PrivateFile.makeDirectory("\(self.path)/\(name)") }

    // MARK: - The record and the notes

    /// What the share is of.
    package func record() throws -> ShareRecord {
        guard let bytes = try self.read(Names.record) else { throw ShareFolderError.none(self.path) }
        guard let record = try? JSONDecoder().decode(ShareRecord.self, from: Data(bytes)),
            record.version == ShareRecord.currentVersion
        else { throw ShareFolderError.damaged("\(self.path)/\(Names.record)") }
        return record
    }

    func write(_ record: ShareRecord) throws { try self.write(PlainText.json(record), to: Names.record) }

    /// How far a scope of these digits is; empty when nothing was noted.
    package func notes(of scope: String) -> [StepNote] {
        guard let bytes = try? self.read("scopes/\(scope)/\(Names.notes)") else { return [] }
        return (try? JSONDecoder().decode([StepNote].self, from: Data(bytes))) ?? []
    }

    func write(_ notes: [StepNote], of scope: String) throws {
        try self.write(PlainText.json(notes), to: "scopes/\(scope)/\(Names.notes)")
    }

    // MARK: - Committees

    static func handoversName(_ channel: String) -> String { "chain/\(channel).wlho" }
}

/// What is wrong with a share's folder.
package enum ShareFolderError: Error, Sendable, Hashable, CustomStringConvertible {
    case exists(String)
    case none(String)
    case damaged(String)

    package var description: String {
        switch self {
        case .exists(let path): "\(path) holds a share already; name another folder"
        case .none(let path): "\(path) holds no share; `wardline share request` makes one"
        case .damaged(let file): "\(file) is not what it was; remove it if you can do without, or begin again"
        }
    }
}

enum PlainText {
    /// JSON for people and programs: indented, members sorted, with a line feed at the end.
    static func json(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return try [UInt8](encoder.encode(value)) + [UInt8(ascii: "\n")]
    }
}
