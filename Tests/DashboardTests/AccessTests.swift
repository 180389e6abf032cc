import Certificates
import Foundation
import StrictYAML
import Testing

@testable import Dashboard

@Suite("Who gets in")
struct AccessTests {
    private static func withFolder(_ body: (TokenFolder, String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("wardline-\(UUID())").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(TokenFolder(directory: path + "/tokens"), path + "/tokens")
    }

    @Test("a token signs in once, as whom it was made for")
    func once() throws {
        try Self.withFolder { folder, _ in
            let bearer = TokenFolder.Bearer(name: "alice", role: .engineer)
            let token = try folder.issue(bearer, seconds: 60, at: 1_000)
            #expect(folder.redeem(token.uppercased().replacing("-", with: " "), at: 1_001) == bearer)
            #expect(folder.redeem(token, at: 1_001) == nil)
        }
    }

    @Test(
        "a token expires, and another text is none",
        arguments: ["", "x", "00000-00000-00000-00000-000000", "../../etc"]
    )
    func refused(_ text: String) throws {
        try Self.withFolder { folder, _ in
            #expect(folder.redeem(text, at: 1_000) == nil)
            let token = try folder.issue(.init(name: "bob", role: .viewer), seconds: 60, at: 1_000)
            #expect(folder.redeem(text, at: 1_000) == nil)
            #expect(folder.redeem(token, at: 1_060) == nil)
        }
    }

    @Test("what is kept of a token does not sign in, and only its owner reads it")
    func kept() throws {
        try Self.withFolder { folder, path in
            let token = try folder.issue(.init(name: "carol", role: .steward), seconds: 60, at: 1_000)
            let files = try FileManager.default.contentsOfDirectory(atPath: path)
            #expect(files.count == 1)
            let file = try #require(files.first)
            let content = try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8)
            let bare = token.replacing("-", with: "")
            #expect(!content.contains(bare) && !file.contains(bare))
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)/\(file)")
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test("waiting tokens are bounded, and expired ones make room")
    func bounded() throws {
        try Self.withFolder { folder, _ in
            for _ in 0..<TokenFolder.tokensMax {
                _ = try folder.issue(.init(name: "d", role: .viewer), seconds: 10, at: 1_000)
            }
            #expect(throws: TokenRefusal.self) {
                try folder.issue(.init(name: "d", role: .viewer), seconds: 10, at: 1_005)
            }
            let next = try folder.issue(.init(name: "d", role: .viewer), seconds: 10, at: 1_010)
            #expect(folder.redeem(next, at: 1_010) != nil)
        }
    }

    @Test(
        "names that would break a file or a log line are refused",
        arguments: ["", "a b", "a\nviewer", String(repeating: "n", count: 65)]
    )
    func names(_ name: String) throws {
        try Self.withFolder { folder, _ in
            #expect(throws: TokenRefusal.self) {
                try folder.issue(.init(name: name, role: .viewer), seconds: 10, at: 0)
            }
        }
    }

    @Test("a session ends after its idle time, and after its whole time whatever happens")
    func sessionsEnd() {
        var limits = SessionLimits()
        limits.idleSeconds = 100
        limits.wholeSeconds = 250
        let book = SessionBook(limits: limits)
        let cookie = book.begin(name: "alice", role: .viewer, means: .token, at: 1_000)
        #expect(book.session(cookie, at: 1_099)?.name == "alice")
        #expect(book.session(cookie, at: 1_198)?.name == "alice")
        // What a page fetches by itself does not keep a session open.
        #expect(book.session(cookie, at: 1_249, isSign: false) != nil)
        #expect(book.session(cookie, at: 1_250) == nil)
        let idle = book.begin(name: "bob", role: .viewer, means: .token, at: 2_000)
        #expect(book.session(idle, at: 2_099, isSign: false) != nil)
        #expect(book.session(idle, at: 2_100) == nil)
    }

    @Test("sessions are bounded: the one that was idle longest goes")
    func sessionsBounded() {
        var limits = SessionLimits()
        limits.sessionsMax = 2
        let book = SessionBook(limits: limits)
        let first = book.begin(name: "a", role: .viewer, means: .token, at: 1)
        let second = book.begin(name: "b", role: .viewer, means: .token, at: 2)
        #expect(book.session(first, at: 3) != nil)
        let third = book.begin(name: "c", role: .viewer, means: .token, at: 4)
        #expect(book.session(first, at: 5) != nil && book.session(second, at: 5) == nil)
        #expect(book.session(third, at: 5) != nil)
        book.end(third)
        #expect(book.session(third, at: 5) == nil)
    }

    @Test("a notice is shown once, to the session that it is for")
    func notices() {
        let book = SessionBook(limits: SessionLimits())
        let one = book.begin(name: "a", role: .viewer, means: .token, at: 1)
        let other = book.begin(name: "b", role: .viewer, means: .token, at: 1)
        book.leave("done", for: one)
        #expect(book.takeNotice(for: other) == nil)
        #expect(book.takeNotice(for: one) == "done")
        #expect(book.takeNotice(for: one) == nil)
    }

    @Test(
        "a steward's token is for a party that the operator listed as a steward, by its one name",
        arguments: [
            ("north:steward:eve", DashboardRole.steward, true), ("urn:wardline:north:steward:eve", .steward, false),
            ("north:steward:dan", .steward, false), ("north:steward:ada", .steward, false), ("eve", .steward, false),
            ("NORTH:steward:eve", .steward, false), ("eve", .viewer, true), ("north:steward:dan", .engineer, true),
        ]
    )
    func stewards(_ name: String, _ role: DashboardRole, _ isTaken: Bool) throws {
        var settings = DashboardSettings(identityDirectory: "i", tokenDirectory: "t")
        settings.people[try #require(PartyName("north:steward:eve"))] = .steward
        settings.people[try #require(PartyName("north:steward:ada"))] = .viewer
        let refusal = settings.refusal(of: TokenFolder.Bearer(name: name, role: role))
        #expect((refusal == nil) == isTaken)
    }

    @Test(
        "who decides is a party of the role steward in a session of that role",
        arguments: [
            ("north:steward:eve", DashboardRole.steward, "north:steward:eve" as String?),
            ("north:steward:eve", .viewer, nil), ("north:steward:eve", .engineer, nil),
            ("north:clinician:eve", .steward, nil), ("eve", .steward, nil), ("north:steward:eve", .auditor, nil),
        ]
    )
    func deciders(_ name: String, _ role: DashboardRole, _ steward: String?) {
        let session = DashboardSession(name: name, role: role, means: .certificate, formToken: "f")
        #expect(session.steward?.description == steward)
    }

    @Test("the role steward is for parties of that role")
    func settings() throws {
        func parse(_ party: String, _ role: String) throws -> DashboardSettings {
            let text = "people: [{party: '\(party)', role: \(role)}]"
            return try DashboardSettings(parsing: YAMLField(parsing: text, file: "f"), identity: "i", tokens: "t")
        }
        #expect(try parse("north:steward:eve", "steward").people.values.first == .steward)
        #expect(try parse("north:custodian:records", "viewer").people.values.first == .viewer)
        #expect(try parse("north:operator:o-1", "auditor").people.values.first == .auditor)
        #expect(throws: YAMLProblem.self) { try parse("north:custodian:records", "steward") }
        #expect(throws: YAMLProblem.self) { try parse("north:steward", "steward") }
    }

    @Test(
        "roles may what their name says",
        arguments: [
            (DashboardRole.viewer, [DashboardPermission.look]), (.engineer, [.look, .mend]),
            (.steward, [.look, .decide, .review]), (.auditor, [.look, .review]),
        ]
    )
    func roles(_ role: DashboardRole, _ permissions: [DashboardPermission]) {
        for permission in [DashboardPermission.look, .mend, .decide, .review] {
            #expect(role.may(permission) == permissions.contains(permission))
        }
    }
}
