import Foundation
import StrictYAML
import Testing

@testable import DeviceProfiles

/// A folder of profiles that is removed with its last use.
final class ProfileFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "profiles-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        self.path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    func write(_ name: String, id: String, version: String = "1.0.0", topics: String = "t/{serial}") throws {
        let text = BadProfile.good.replacing("id: test", with: "id: \(id)").replacing("1.0.0", with: version)
            .replacing("t/{serial}", with: topics)
        try self.write(name, text)
    }

    func write(_ name: String, _ text: String) throws {
        let file = URL(filePath: self.path).appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: file)
    }
}

@Suite struct LibraryTests {
    @Test func foldersAndSingleFilesAreLoaded() throws {
        let folder = try ProfileFolder()
        try folder.write("acme/profile.yaml", id: "acme")
        try folder.write("other.yaml", id: "other", topics: "o/{serial}")
        try folder.write("notes.txt", "not a profile")
        let (library, problems) = ProfileLibrary.load(directories: [folder.path])
        #expect(problems.isEmpty)
        #expect(library.profiles.map(\.id) == ["acme", "other"])
        #expect(library.subscriptionFilters == ["o/+", "t/+"])
        #expect(library.profile(id: "acme")?.exampleTopic == "t/serial")
    }

    @Test func aBrokenFileKeepsTheRunningVersion() throws {
        let folder = try ProfileFolder()
        try folder.write("acme/profile.yaml", id: "acme", version: "1.0.0")
        try folder.write("good/profile.yaml", id: "good", version: "1.0.0", topics: "g/{serial}")
        let running = ProfileLibrary.load(directories: [folder.path]).library
        try folder.write("acme/profile.yaml", "wardline: device-profile/1\nid: acme\nid: acme\n")
        try folder.write("good/profile.yaml", id: "good", version: "1.1.0", topics: "g/{serial}")
        let (reloaded, problems) = ProfileLibrary.load(directories: [folder.path], running: running)
        #expect(problems.map(\.line) == [2])
        #expect(problems.first?.reason == "the key is repeated")
        #expect(problems.first?.file.hasSuffix("acme/profile.yaml") == true)
        #expect(reloaded.profiles.map { "\($0.id) \($0.version)" } == ["acme 1.0.0", "good 1.1.0"])
        let (fresh, _) = ProfileLibrary.load(directories: [folder.path])
        #expect(fresh.profiles.map(\.id) == ["good"])
    }

    @Test func aRemovedFileTakesItsProfileAway() throws {
        let folder = try ProfileFolder()
        try folder.write("acme/profile.yaml", id: "acme")
        let running = ProfileLibrary.load(directories: [folder.path]).library
        try FileManager.default.removeItem(atPath: folder.path + "/acme")
        let (reloaded, problems) = ProfileLibrary.load(directories: [folder.path], running: running)
        #expect(problems.isEmpty)
        #expect(reloaded.profiles.isEmpty)
    }

    @Test func aLaterDirectoryReplacesAProfile() throws {
        let shipped = try ProfileFolder()
        let site = try ProfileFolder()
        try shipped.write("acme/profile.yaml", id: "acme", version: "1.0.0")
        try site.write("mine.yaml", id: "acme", version: "1.0.7")
        let (library, problems) = ProfileLibrary.load(directories: [shipped.path, site.path])
        #expect(problems.isEmpty)
        #expect(library.profiles.map(\.version) == ["1.0.7"])
    }

    @Test func twoFilesOfOneDirectoryMustNotShareAnId() throws {
        let folder = try ProfileFolder()
        try folder.write("a/profile.yaml", id: "acme", version: "1.0.0")
        try folder.write("b/profile.yaml", id: "acme", version: "2.0.0")
        let (library, problems) = ProfileLibrary.load(directories: [folder.path])
        #expect(problems.map(\.reason) == ["'acme' is already the id of \(folder.path)/a/profile.yaml"])
        #expect(library.profiles.map(\.version) == ["1.0.0"])
    }

    @Test func aMissingDirectoryAndAFileThatIsNoTextAreProblems() throws {
        let folder = try ProfileFolder()
        try Data([0xFF, 0xFE, 0x00]).write(to: URL(filePath: folder.path + "/bad.yaml"))
        let (library, problems) = ProfileLibrary.load(directories: [folder.path + "/none", folder.path])
        #expect(library.profiles.isEmpty)
        #expect(problems.map(\.reason) == ["the directory cannot be read", "the file is not UTF-8 text"])
    }

    @Test(arguments: [
        ("ward/icu/bed/4/monitor/M1", "four"), ("ward/icu/bed/9/monitor/M1", "beds"),
        ("ward/er/bed/9/monitor/M1", "wards"), ("ward/er/other", "rest"), ("home/x", "none"),
    ])
    func theMostLiteralTopicWins(topic: String, wanted: String) throws {
        let folder = try ProfileFolder()
        try folder.write("1.yaml", id: "rest", topics: "ward/{serial...}")
        try folder.write("2.yaml", id: "wards", topics: "ward/+/bed/+/monitor/{serial}")
        try folder.write("3.yaml", id: "beds", topics: "ward/icu/bed/+/monitor/{serial}")
        try folder.write("4.yaml", id: "four", topics: "ward/icu/bed/4/monitor/{serial}")
        let (library, problems) = ProfileLibrary.load(directories: [folder.path])
        #expect(problems.isEmpty)
        var captures: [Range<Int>] = []
        #expect((library.profile(for: Array(topic.utf8)[...], captures: &captures)?.id ?? "none") == wanted)
    }
}
