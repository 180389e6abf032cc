import Foundation
import Glibc

@testable import LedgerStore

/// A directory of its own for one test, in memory where the system has that, gone with the test.
final class TestFolder {
    let path: String

    init() {
        let base = access("/dev/shm", W_OK) == 0 ? "/dev/shm/" : NSTemporaryDirectory()
        self.path = base + "ledger-\(UUID().uuidString)"
        try? FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    func path(_ name: String) -> String { "\(self.path)/\(name)" }

    func read(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: self.path(name))))
    }

    func write(_ bytes: [UInt8], _ name: String) throws {
        let path = self.path(name)
        let parent = (path as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    func isThere(_ name: String) -> Bool { FileManager.default.fileExists(atPath: self.path(name)) }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: self.path(name)) }

    func names(_ name: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: self.path(name)).sorted()
    }

    /// Makes a copy of a file or folder.
    func copy(_ name: String, to copy: String) throws {
        try? self.remove(copy)
        try FileManager.default.copyItem(atPath: self.path(name), toPath: self.path(copy))
    }
}

/// Numbers that follow from a seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var value = self.state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) } }
}

extension LedgerStoreFailure {
    var isCorrupt: Bool {
        if case .corrupt = self { return true }
        return false
    }

    var isDiskFull: Bool {
        if case .diskFull = self { return true }
        return false
    }

    var isIOError: Bool {
        if case .ioError = self { return true }
        return false
    }

    var isRefused: Bool {
        if case .refused = self { return true }
        return false
    }

    var isForeign: Bool {
        if case .foreign = self { return true }
        return false
    }
}

/// What a call threw; nil when it did not throw.
func failure(of body: () throws -> Void) -> LedgerStoreFailure? {
    do {
        try body()
        return nil
    } catch { return error as? LedgerStoreFailure }
}
