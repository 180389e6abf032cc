import Foundation
import StrictYAML
import Testing

@testable import DeviceProfiles

/// The checkout's list of devices.
private let documentPath = URL(filePath: devicesDirectory).deletingLastPathComponent()
    .appending(path: "docs/devices.md")

@Suite struct DeviceDocumentTests {
    private static let readMe = """
        # Thermometer

        Kind: device

        ## Source

        A manual.

        ## Test cases

        | case | what it shows | origin | licence |
        |---|---|---|---|
        | `warm` | A number. | documented: the manual, page 3 | facts, quoted |
        | `cold` | Another. | constructed from the former | CC0 |
        """

    @Test func theCommittedListIsCurrent() throws {
        let text = try DeviceDocument(directory: devicesDirectory).text
        let committed = try String(contentsOf: documentPath, encoding: .utf8)
        #expect(text == committed, "run wardline device docs --out docs/devices.md")
    }

    @Test func theListIsTheSameEachTime() throws {
        let first = try DeviceDocument(directory: devicesDirectory).text
        #expect(try DeviceDocument(directory: devicesDirectory).text == first)
    }

    @Test func thereAreThirtyRealDevicesAndHalfHaveExamplesOfOthers() throws {
        let real = try DeviceDocument(directory: devicesDirectory).entries
            .filter { $0.readMe.kind == .device || $0.readMe.kind == .bridge }
        let quoted = real.filter { $0.readMe.examples.contains { $0.origin != .constructed } }
        #expect(real.count >= 30)
        #expect(quoted.count >= 15)
    }

    @Test func aReadMeIsRead() throws {
        let readMe = try DeviceReadMe(Self.readMe, file: "README.md")
        #expect(readMe.title == "Thermometer")
        #expect(readMe.kind == .device)
        #expect(readMe.examples.map(\.name) == ["warm", "cold"])
        #expect(readMe.examples.map(\.origin) == [.documented, .constructed])
    }

    @Test(arguments: [
        ("# Thermometer\n", "", "README.md:1: title: no line '# …'"),
        ("Kind: device\n", "", "README.md:1: Kind: no line 'Kind: …' with one of: device, bridge,"),
        ("Kind: device", "Kind: gadget", "README.md:3: Kind: 'gadget' is not one of: device, bridge,"),
        ("## Source", "## Sources", "README.md:1: Source: no section '## Source'"),
        ("constructed from", "invented from", "README.md:14: origin of cold: 'invented' is not one of: recorded,"),
        (" | Another. | constructed from the former | CC0 |", " |", "README.md:14: Test cases: a row needs case,"),
    ])
    func aReadMeThatIsIncompleteIsRefused(wanted: String, by: String, reason: String) {
        do throws(YAMLProblem) {
            _ = try DeviceReadMe(Self.readMe.replacing(wanted, with: by, maxReplacements: 1), file: "README.md")
            Issue.record("accepted")
        } catch {
            #expect(error.description.hasPrefix(reason), "\(error)")
        }
    }

    @Test func aCaseThatTheTableDoesNotListIsRefused() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: directory) }
        let folder = directory.appending(path: "test")
        for name in ["warm", "hot"] {
            let path = folder.appending(path: "testcases/\(name)")
            try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
        }
        try Data(BadProfile.good.utf8).write(to: folder.appending(path: "profile.yaml"))
        try Data(Self.readMe.utf8).write(to: folder.appending(path: "README.md"))
        let problem = #expect(throws: YAMLProblem.self) { try DeviceDocument(directory: directory.path) }
        #expect(problem?.reason == "table and folder differ: hot, cold")
    }

    @Test func measurementsAreListedOnceWithTheirCodes() throws {
        let profile = try ProfileParser.parse(
            BadProfile.good.replacing(
                "  - {code: heart-rate, value: $.hr, unit: /min}",
                with: """
                      - {code: MDC_ECG_HEART_RATE, value: $.hr, unit: /min}
                      - {code: MDC_ECG_HEART_RATE, value: $.hr2, unit: /min, channel: two}
                      - {code: body-temperature, value: $.t, unit: Cel, to: "[degF]"}
                      - {code: {by: $.c, cases: {a: perfusion-index}, catalogue: true}, value: $.v, unit: "%"}
                    """
            ),
            file: "p.yaml"
        )
        #expect(
            DeviceMeasurement.all(of: profile) == [
                DeviceMeasurement(text: "Heart rate", loinc: ["8867-4"], mdc: ["147842"], unit: "/min"),
                DeviceMeasurement(text: "Body temperature", loinc: ["8310-5"], mdc: [], unit: "[degF]"),
                DeviceMeasurement(text: "Perfusion index", loinc: [], mdc: [], unit: "%"),
                DeviceMeasurement(text: "any MDC term of the catalogue", loinc: [], mdc: [], unit: nil),
            ]
        )
    }
}
