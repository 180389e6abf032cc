import Foundation
import Testing

@testable import Conformance

@Suite struct VectorFilesTests {
    private let folder = FileManager.default.temporaryDirectory
        .appending(path: "wardline-vectors-\(UUID().uuidString)").path(percentEncoded: false)

    private func makeTree(_ files: String...) throws {
        for file in files {
            let url = URL(filePath: "\(self.folder)/\(file)")
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(file.utf8).write(to: url)
        }
    }

    private func removeTree() { try? FileManager.default.removeItem(atPath: self.folder) }

    @Test func filesAreFoundRecursivelyInOrderAndOnce() throws {
        try self.makeTree("b.json", "a/z.json", "a/deep/x.json", "a/notes.txt")
        defer { self.removeTree() }
        let all = ["a/deep/x.json", "a/z.json", "b.json"].map { "\(self.folder)/\($0)" }
        #expect(try VectorFiles.found(at: [self.folder]) == all)
        #expect(try VectorFiles.found(at: ["\(self.folder)/b.json", self.folder]) == [all[2], all[0], all[1]])
        #expect(try VectorFiles.content(of: all[2]) == Array("b.json".utf8))
    }

    @Test func aFolderWithoutSuchFilesIsAnError() throws {
        try self.makeTree("a/notes.txt")
        defer { self.removeTree() }
        #expect(throws: VectorFiles.Unreadable.self) { try VectorFiles.found(at: [self.folder]) }
    }

    @Test func aPathThatDoesNotExistIsAnError() {
        #expect(throws: VectorFiles.Unreadable.self) { try VectorFiles.found(at: ["\(self.folder)/none"]) }
        #expect(throws: VectorFiles.Unreadable.self) { try VectorFiles.content(of: "\(self.folder)/none") }
        #expect(throws: VectorFiles.Unreadable.self) { try VectorFiles.write([1], to: "\(self.folder)/none/file") }
    }

    @Test func aFileIsReplaced() throws {
        try self.makeTree("a.json")
        defer { self.removeTree() }
        try VectorFiles.write([1, 2], to: "\(self.folder)/a.json")
        #expect(try VectorFiles.content(of: "\(self.folder)/a.json") == [1, 2])
    }
}
