import Foundation
import StrictYAML
import Testing

@testable import DeviceProfiles

/// The checkout's `Devices` folder.
let devicesDirectory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Devices").path

@Suite struct DevicesLoadTests {
    @Test func everyShippedProfileLoads() {
        let (library, problems) = ProfileLibrary.load(directories: [devicesDirectory])
        #expect(problems.map(\.description) == [])
        #expect(library.profiles.count >= 48)
    }

    @Test func noShippedProfileHasAWarning() {
        let (library, _) = ProfileLibrary.load(directories: [devicesDirectory])
        for profile in library.profiles { #expect(profile.warnings == [], "\(profile.id)") }
    }

    @Test func everyPayloadFormatHasAProfile() {
        let (library, _) = ProfileLibrary.load(directories: [devicesDirectory])
        let used = Set(library.profiles.flatMap(\.payload.formats))
        let unused = PayloadSource.Format.allCases.filter { !used.contains($0) }
        #expect(unused == [])
    }

    @Test func everyProfileHasTestCasesAndAReadMe() throws {
        let (library, _) = ProfileLibrary.load(directories: [devicesDirectory])
        for (file, profile) in library.files {
            let folder = URL(filePath: file).deletingLastPathComponent()
            #expect(folder.lastPathComponent == profile.id)
            let text = try String(contentsOf: folder.appending(path: "README.md"), encoding: .utf8)
            let cases = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "testcases").path)
            #expect(!cases.isEmpty)
            for name in cases { #expect(text.contains("`\(name)`"), "\(profile.id): README.md does not list \(name)") }
        }
    }
}
