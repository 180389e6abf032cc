import Foundation
import Glibc
import Testing

@testable import Spool

@Suite struct MasterKeyTests {
    private let path = NSTemporaryDirectory() + "key-\(UUID().uuidString)"

    private func write(_ bytes: [UInt8], mode: mode_t) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: self.path))
        #expect(chmod(self.path, mode) == 0)
    }

    @Test("a generated key file is private, readable, and never overwritten")
    func generated() throws {
        defer { unlink(self.path) }
        try MasterKey.generate(at: self.path)
        let attributes = try FileManager.default.attributesOfItem(atPath: self.path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(attributes[.size] as? Int == 32)
        _ = try MasterKey(file: self.path)
        #expect(throws: SpoolError.self) { try MasterKey.generate(at: self.path) }
    }

    @Test("raw bytes and hexadecimal digits give the same key")
    func hexadecimal() throws {
        let raw = [UInt8](0..<32)
        let digits = raw.map { String(format: "%02x", $0) }.joined()
        let keys = try [raw, Array(digits.utf8), Array((digits + "\n").utf8)].map { try MasterKey(bytes: $0) }
        #expect(keys.allSatisfy { $0.secret == keys[0].secret })
    }

    @Test("a key of the wrong size is refused", arguments: [0, 16, 31, 34, 63, 66])
    func size(count: Int) {
        #expect(throws: SpoolError.self) { try MasterKey(bytes: Array(repeating: 0x30, count: count)) }
    }

    @Test("a file that others may read is refused with the command that mends it", arguments: [0o640, 0o604, 0o644])
    func mode(mode: mode_t) throws {
        defer { unlink(self.path) }
        try self.write(Array(repeating: 1, count: 32), mode: mode)
        #expect { try MasterKey(file: self.path) } throws: { "\($0)".contains("chmod 600 \(self.path)") }
        #expect(chmod(self.path, 0o400) == 0)
        _ = try MasterKey(file: self.path)
    }

    @Test("directories, links and missing files are refused")
    func kinds() throws {
        #expect(throws: SpoolError.self) { try MasterKey(file: NSTemporaryDirectory()) }
        #expect(throws: SpoolError.self) { try MasterKey(file: "/nonexistent/key") }
        let link = self.path + "-link"
        defer { for file in [self.path, link] { unlink(file) } }
        try MasterKey.generate(at: self.path)
        #expect(symlink(self.path, link) == 0)
        #expect(throws: SpoolError.self) { try MasterKey(file: link) }
    }

    @Test("the key does not show in texts")
    func secrecy() throws {
        let key = try MasterKey(bytes: Array(repeating: 0x41, count: 32))
        #expect("\(key)" == "master key")
    }
}
