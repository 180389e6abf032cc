internal import FoundationEssentials

/// Finds and reads the vector files below given paths.
package enum VectorFiles {
    /// Bytes of one file.
    package static let fileBytesMax: UInt64 = 64 << 20

    /// A path that cannot be read or written, or holds no vectors.
    package struct Unreadable: Error, CustomStringConvertible {
        package let description: String

        package init(_ description: String) { self.description = description }
    }

    /// The files of the paths, in the order given; below a folder every `*.json`, recursively and sorted by name.
    ///
    /// - Throws: ``Unreadable`` for a path that does not exist or a folder that cannot be read or holds no such file.
    package static func found(at paths: [String]) throws(Unreadable) -> [String] {
        var files: [String] = []
        for path in paths {
            let found = try self.isFolder(path) ? self.below(path) : [path]
            guard !found.isEmpty else { throw Unreadable("\(path): no vector file") }
            files += found.filter { !files.contains($0) }
        }
        return files
    }

    /// - Throws: ``Unreadable``, also for a file that is too large.
    package static func content(of path: String) throws(Unreadable) -> [UInt8] {
        let size = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? UInt64
        guard size ?? 0 <= self.fileBytesMax else {
            throw Unreadable("\(path): more than \(self.fileBytesMax >> 20) MiB")
        }
        guard let file = FileManager.default.contents(atPath: path) else {
            throw Unreadable("\(path): cannot be read")
        }
        return Array(file)
    }

    /// Replaces a file.
    ///
    /// - Throws: ``Unreadable``.
    package static func write(_ content: [UInt8], to path: String) throws(Unreadable) {
        do { try Data(content).write(to: URL(filePath: path), options: .atomic) } catch {
            throw Unreadable("\(path): cannot be written")
        }
    }

    private static func isFolder(_ path: String) throws(Unreadable) -> Bool {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw Unreadable("\(path): does not exist")
        }
        return isFolder
    }

    private static func below(_ folder: String) throws(Unreadable) -> [String] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw Unreadable("\(folder): cannot be read")
        }
        var files: [String] = []
        for name in names.sorted() {
            let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
            if try self.isFolder(path) {
                files += try self.below(path)
            } else if name.hasSuffix(".json") {
                files.append(path)
            }
        }
        return files
    }
}
