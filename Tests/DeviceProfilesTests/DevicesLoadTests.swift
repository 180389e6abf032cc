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
        #expect(library.profiles.count >= 10)
    }

    @Test func everyPayloadFormatHasAProfile() {
        let (library, _) = ProfileLibrary.load(directories: [devicesDirectory])
        let used = Set(library.profiles.flatMap(\.payload.formats))
        let unused = PayloadSource.Format.allCases.filter { !used.contains($0) && $0 != .jsonLines && $0 != .binary }
        #expect(unused == [])
    }
}
