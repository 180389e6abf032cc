import DeviceProfiles
import Foundation
import Testing

@testable import Agent

/// Changed profile files come into force by themselves; what is refused leaves the running version.
struct ProfileReloadTests {
    private static func folders(_ site: TestSite) -> ProfileFolders? {
        ProfileFolders(site.configuration.deviceDirectories)
    }

    @Test func aFileIsTakenWhenTwoLooksAgree() throws {
        let site = try TestSite()
        var changes = ProfileChanges(loaded: Self.folders(site))
        let look1 = changes.look(Self.folders(site))
        #expect(!look1)
        try site.write(profile: thermometer(version: "1.0.1") + "# changed\n")
        let changed = Self.folders(site)
        let look2 = changes.look(changed)
        #expect(!look2)
        let look3 = changes.look(changed)
        #expect(look3)
        let look4 = changes.look(changed)
        #expect(!look4)
    }

    @Test func whoeverWritesStillIsWaitedFor() throws {
        let site = try TestSite()
        var changes = ProfileChanges(loaded: Self.folders(site))
        for part in 1...3 {
            try site.write(profile: thermometer() + String(repeating: "#\n", count: part))
            let look5 = changes.look(Self.folders(site))
            #expect(!look5)
        }
        let look6 = changes.look(Self.folders(site))
        #expect(look6)
    }

    @Test func aDirectoryThatCannotBeReadChangesNothing() throws {
        let site = try TestSite()
        var changes = ProfileChanges(loaded: Self.folders(site))
        #expect(ProfileFolders(["\(site.folder)/nowhere"]) == nil)
        let look7 = changes.look(nil)
        #expect(!look7)
        #expect(changes.isBlind)
        let look8 = changes.look(Self.folders(site))
        #expect(!look8)
        #expect(!changes.isBlind)
    }

    @Test func theStateDirectorySaysWhichProfilesAreInForce() throws {
        let site = try TestSite()
        let agent = try Agent(configuration: site.configuration, holdsNormalization: true, logger: TestSite.logger)
        agent.loadProfiles(cause: "test")
        let first = try #require(ProfilesInForce(stateDirectory: site.configuration.stateDirectory))
        #expect(first.profiles.map(\.version) == ["1.0.0"])
        #expect(first.refused == [])

        try site.write(profile: thermometer(version: "not a version"))
        agent.loadProfiles(cause: "test")
        let second = try #require(ProfilesInForce(stateDirectory: site.configuration.stateDirectory))
        #expect(second.profiles == first.profiles)
        #expect(second.refused.map(\.field) == ["version"])
        #expect(second.refused.map(\.line) == [3])
        #expect(second.profiles[0].digest != ProfilesInForce.digest(of: second.profiles[0].file))

        try site.write(profile: thermometer(version: "1.1.0"))
        agent.loadProfiles(cause: "test")
        let third = try #require(ProfilesInForce(stateDirectory: site.configuration.stateDirectory))
        #expect(third.profiles.map(\.version) == ["1.1.0"])
        #expect(third.refused == [])
        #expect(third.loads == first.loads + 2)
    }

    @Test func metricsTellVersionAndRefusals() throws {
        let site = try TestSite()
        let agent = try Agent(configuration: site.configuration, holdsNormalization: true, logger: TestSite.logger)
        try site.write(profile: "nonsense: true\n")
        agent.loadProfiles(cause: "test")
        let metrics = try agent.status().metrics
        #expect(metrics.contains(#"wardline_profile_info{profile="thermometer",version="1.0.0",digest=""#))
        #expect(metrics.contains("wardline_profile_refusals_total 1\n"))
        #expect(metrics.contains("wardline_profile_loads_total 2\n"))
    }
}
