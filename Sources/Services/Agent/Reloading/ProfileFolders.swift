internal import CoreFoundation
internal import Foundation
internal import Glibc

/// What the profile directories hold, as far as it can be told without reading the files.
struct ProfileFolders: Equatable {
    private struct Entry: Equatable {
        let path: String
        let inode: UInt64
        let bytes: Int64
        let modifiedSeconds: Int64
        let modifiedNanoseconds: Int64
    }

    private let entries: [Entry]

    /// Looks at the files that a reload would read; nil while one of the directories cannot be read, because a reload
    /// would take its profiles out of force.
    ///
    /// - Parameter directories: as configured.
    init?(_ directories: [String]) {
        var entries: [Entry] = []
        for directory in directories {
            guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else { return nil }
            for name in names.sorted() {
                let path = "\(directory)/\(name)"
                let isFile = name.hasSuffix(".yaml") || name.hasSuffix(".yml")
                if let entry = Self.entry(isFile ? path : "\(path)/profile.yaml") { entries.append(entry) }
            }
        }
        self.entries = entries
    }

    private static func entry(_ path: String) -> Entry? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Entry(
            path: path,
            inode: UInt64(status.st_ino),
            bytes: Int64(status.st_size),
            modifiedSeconds: Int64(status.st_mtim.tv_sec),
            modifiedNanoseconds: Int64(status.st_mtim.tv_nsec)
        )
    }
}

/// Notices changed profile files, and waits until whoever writes them has finished.
///
/// Pure but for ``ProfileFolders``: the caller looks at fixed intervals.
struct ProfileChanges {
    /// Seconds between two looks.
    static let intervalSeconds = 2.0

    /// What the profiles in force were loaded from.
    private var loaded: ProfileFolders?
    /// What the look before this one saw.
    private var previous: ProfileFolders?
    /// Whether the directories could not be read at the last look.
    private(set) var isBlind = false

    init(loaded: ProfileFolders?) {
        self.loaded = loaded
        self.previous = loaded
    }

    /// Takes one look.
    ///
    /// - Parameter now: what is there; nil when a directory cannot be read.
    /// - Returns: whether the profiles are to be loaded: something has changed, and two looks in a row agree on it.
    mutating func look(_ now: ProfileFolders?) -> Bool {
        guard let now else {
            self.isBlind = true
            return false
        }
        self.isBlind = false
        defer { self.previous = now }
        guard now != self.loaded, now == self.previous else { return false }
        self.loaded = now
        return true
    }
}
