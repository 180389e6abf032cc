import DeviceProfiles
import Foundation
import Testing

@testable import Agent

@Suite("Cases of the shipped device profiles")
struct ProfileCaseTests {
    /// The top of the source tree.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path()

    private static let devices: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/Devices"))?.sorted() ?? []
        return names.filter { FileManager.default.fileExists(atPath: "\(root)/Devices/\($0)/profile.yaml") }
    }()

    private static let cases = devices.flatMap { device in
        ProfileCase.folders(of: "\(root)/Devices/\(device)").map { folder in
            "\(device)/testcases/\(folder.split(separator: "/").last ?? "")"
        }
    }

    private static func profile(_ device: String) throws -> DeviceProfile {
        let file = "\(self.root)/Devices/\(device)/profile.yaml"
        return try ProfileParser.parse(ProfileLibrary.text(of: file), file: file)
    }

    @Test("gives the Observations beside it", arguments: cases)
    func passes(_ path: String) throws {
        let device = String(path.prefix { $0 != "/" })
        let profileCase = try ProfileCase(directory: "\(Self.root)/Devices/\(path)")
        #expect(profileCase.run(try Self.profile(device)) == [])
    }

    @Test("every device has a case", arguments: devices)
    func hasCase(_ device: String) { #expect(Self.cases.contains { $0.hasPrefix("\(device)/") }) }

    @Test("at least ten devices are shipped")
    func enough() { #expect(Self.devices.count >= 10) }

    @Test(
        "a case that does not hold says what differs",
        arguments: [
            ("36.6", "", "", "the Observations differ from expected.ndjson"),
            ("warm", "", "", "unexpected dead letter: "),
            ("36.6", "dead_letter: json-syntax", "", "no dead letter, expected json-syntax"),
            ("36.6", "ignored: true", "", "the message is not ignored"),
        ]
    )
    func failing(_ payload: String, _ settings: String, _ expected: String, _ difference: String) throws {
        let site = try TestSite()
        let folder = "\(site.folder)/case"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try payload.write(toFile: "\(folder)/payload.txt", atomically: true, encoding: .utf8)
        try expected.write(toFile: "\(folder)/expected.ndjson", atomically: true, encoding: .utf8)
        if !settings.isEmpty { try settings.write(toFile: "\(folder)/case.yaml", atomically: true, encoding: .utf8) }
        let profile = try #require(site.library.profile(id: "thermometer"))
        let differences = try ProfileCase(directory: folder).run(profile)
        #expect(differences.contains { $0.hasPrefix(difference) }, "\(differences)")
    }
}
