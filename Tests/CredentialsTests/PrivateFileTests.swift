import Foundation
import Testing

@testable import Credentials

@Suite struct PrivateFileTests {
    let directory: TestDirectory

    init() throws { self.directory = try TestDirectory() }

    @Test func `what is written is read back and nobody else may read it`() throws {
        let path = "\(self.directory.path)/secret"
        try PrivateFile.write([1, 2, 3], to: path)
        try PrivateFile.write([4, 5], to: path)
        #expect(try PrivateFile.read(path) == [4, 5])
        #expect(try self.directory.mode("secret") == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: self.directory.path) == ["secret"])
    }

    @Test func `writers of one file at one time leave one whole content, and none fails`() async throws {
        let path = "\(self.directory.path)/list"
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in UInt8(0)..<8 {
                group.addTask {
                    for _ in 0..<20 { try PrivateFile.write([UInt8](repeating: writer, count: 50_000), to: path) }
                }
            }
            try await group.waitForAll()
        }
        let content = try PrivateFile.read(path)
        #expect(content.count == 50_000 && Set(content).count == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: self.directory.path) == ["list"])
    }

    @Test(arguments: [0o640, 0o604, 0o660, 0o610])
    func `a secret that others may use is refused`(mode: Int) throws {
        let path = "\(self.directory.path)/secret"
        try PrivateFile.write([1], to: path)
        try self.directory.setMode(mode, of: "secret")
        #expect(throws: CredentialsError.exposed("others than the owner may read \(path); run `chmod 600 \(path)`")) {
            try PrivateFile.read(path)
        }
        #expect(try PrivateFile.read(path, isSecret: false) == [1])
    }

    @Test func `a link or a file that is too long is refused`() throws {
        let path = "\(self.directory.path)/secret"
        try PrivateFile.write([1, 2, 3], to: path)
        try FileManager.default.createSymbolicLink(atPath: path + ".link", withDestinationPath: path)
        #expect(throws: CredentialsError.self) { try PrivateFile.read(path + ".link") }
        #expect(throws: CredentialsError.self) { try PrivateFile.read(path, upTo: 2) }
        #expect(throws: CredentialsError.self) { try PrivateFile.read(self.directory.path) }
    }

    @Test func `an open directory is refused`() throws {
        let path = "\(self.directory.path)/inner"
        try PrivateFile.makeDirectory(path)
        try PrivateFile.makeDirectory(path)
        #expect(try self.directory.mode("inner") == 0o700)
        try self.directory.setMode(0o750, of: "inner")
        #expect(throws: CredentialsError.exposed("others than the owner may enter \(path); run `chmod 700 \(path)`")) {
            try PrivateFile.makeDirectory(path)
        }
    }

    @Test func `a token survives its text and does not show itself`() throws {
        let token = EnrollmentToken(rootFingerprint: [UInt8](repeating: 0xFB, count: 32))
        let read = try EnrollmentToken(text: Array("  \(token.text)\n".utf8))
        #expect(read.secret == token.secret)
        #expect(read.rootFingerprint == token.rootFingerprint)
        #expect(!"\(token)".contains(token.text.split(separator: ".")[1]))
        #expect(!token.text.contains { "+/=".contains($0) })
    }

    @Test(arguments: ["", "wl1", "wl1..", "wl2.AAAA.AAAA", "wl1.AAAA.AAAA", "wl1.!!.??"])
    func `other texts are no tokens`(text: String) {
        #expect(throws: CredentialsError.self) { try EnrollmentToken(text: Array(text.utf8)) }
    }

    @Test func `a token file that others may read is refused`() throws {
        let path = "\(self.directory.path)/token"
        let token = EnrollmentToken(rootFingerprint: [UInt8](repeating: 1, count: 32))
        try PrivateFile.write(Array(token.text.utf8), to: path)
        #expect(try EnrollmentToken(file: path).secret == token.secret)
        try self.directory.setMode(0o644, of: "token")
        #expect(throws: CredentialsError.self) { try EnrollmentToken(file: path) }
    }

    @Test(arguments: [
        ("localhost", HostName.dns("localhost")), ("CPC-1.Example.org", .dns("cpc-1.example.org")),
        ("10.0.0.1", .address([10, 0, 0, 1])),
        ("::1", .address([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])),
    ])
    func `host names and addresses are told apart`(text: String, host: HostName) {
        #expect(HostName(text) == host)
        #expect(HostName(host.description) == host)
    }

    @Test(arguments: [
        "", ".", "a..b", "-a", "a-", "a b", "*.example.org", "a/b", "ü.example", "10.0.0.1\u{0}.example.org",
        "::1\u{0}x", "\u{212A}iel.example.org",
    ])
    func `what is neither is refused`(text: String) { #expect(HostName(text) == nil) }
}
