import CanonicalBytes
import Certificates
import ChainReading
import Contracts
import Credentials
import Foundation
import Ledger
import P256Group
import TestIdentities
import Testing

@testable import ConsentTools

@Suite struct FHIRConsentTests {
    private static let scopes = [[UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32)]

    private static let statements = [
        Self.statement(.allow(request: nil), purpose: "study"),
        Self.statement(.allow(request: [UInt8](repeating: 7, count: 32))),
        Self.statement(.require), Self.statement(.forbid), Self.ofLabel(.require), Self.ofLabel(.forbid),
        Self.ofLabel(.allow(request: nil), purpose: "study"),
        Self.statement(.offer(to: .party("institute-b:researcher:r"), permissionSeconds: 86_400), purpose: "study"),
        Self.statement(.offer(to: .organization("institute-b"), permissionSeconds: 1), purpose: "study"),
        Self.statement(.offer(to: .attribute("study:vitals-1"), permissionSeconds: 60), purpose: "study"),
        Self.statement(
            .offer(to: .certificate([UInt8](repeating: 3, count: 32)), permissionSeconds: 60),
            purpose: "study"
        ),
    ]

    private static func statement(
        _ rule: ConsentStatement.Rule,
        purpose: String = "",
        withdrawn: UInt64? = nil
    ) -> ConsentStatement {
        ConsentStatement(
            id: [UInt8](repeating: 9, count: 32),
            author: "hospital-a:patient:p-1",
            rule: rule,
            scopes: self.scopes,
            purpose: purpose,
            stated: 1_790_000_000_123,
            validUntil: 1_800_000_000_000,
            withdrawn: withdrawn
        )
    }

    private static func ofLabel(_ rule: ConsentStatement.Rule, purpose: String = "") -> ConsentStatement {
        ConsentStatement(
            id: [UInt8](repeating: 9, count: 32),
            author: "hospital-a:patient:p-1",
            rule: rule,
            scopes: [],
            purpose: purpose,
            stated: 1_790_000_000_123,
            validUntil: 1_800_000_000_000,
            label: [UInt8](repeating: 5, count: 32)
        )
    }

    @Test("A statement about a whole label names the label, on the chain and in its resource")
    func label() throws {
        let statement = Self.ofLabel(.forbid)
        #expect(statement.consent?.subject == .label([UInt8](repeating: 5, count: 32)) && statement.offer == nil)
        let json = try FHIRConsent.json(statement, at: 0)
        #expect(json.contains("urn:wardline:label") && json.contains("\"related\""))
        let two = json.replacingOccurrences(of: "\"data\":[{", with: "\"data\":[{},{")
        #expect(throws: ProtocolFailure.self) { try FHIRConsent.statement(from: Array(two.utf8)) }
    }

    @Test(
        "A statement is read back from its resource",
        arguments: Self.statements
    )
    func roundTrip(_ statement: ConsentStatement) throws {
        let json = try FHIRConsent.json(statement, at: 1_795_000_000_000)
        #expect(try FHIRConsent.statement(from: Array(json.utf8)) == statement)
    }

    @Test("What is withdrawn or over is inactive, what refuses is a denial")
    func status() throws {
        func resource(_ statement: ConsentStatement, at now: UInt64 = 1_795_000_000_000) throws -> [String: Any] {
            let json = try FHIRConsent.json(statement, at: now)
            return try #require(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        }
        #expect(try resource(Self.statement(.forbid))["status"] as? String == "active")
        #expect(try resource(Self.statement(.forbid), at: 1_800_000_000_001)["status"] as? String == "inactive")
        #expect(try resource(Self.statement(.require, withdrawn: 5))["status"] as? String == "inactive")
        let provision = try #require(resource(Self.statement(.forbid))["provision"] as? [String: Any])
        #expect(provision["type"] as? String == "deny")
        let period = try #require(provision["period"] as? [String: Any])
        #expect(period["start"] as? String == "2026-09-21T14:13:20.123Z")
    }
}

@Suite struct ConsentCardTests {
    @Test("A card is read back from its text, with spaces and line ends in it, and signs as its owner")
    func roundTrip() throws {
        let card = try Self.card()
        let text = card.text
        let broken = stride(from: 0, to: text.count, by: 40).map { String(text.dropFirst($0).prefix(40)) }
            .joined(separator: " \n")
        let read = try ConsentCard(text: broken)
        #expect(read.key.certificate == card.key.certificate && read.genesis == card.genesis)
        #expect(read.key.key.publicKey == card.key.key.publicKey)
    }

    @Test("Only patients have cards")
    func roles() throws {
        let failure = #expect(throws: ProtocolFailure.self) { try Self.card(role: "steward") }
        #expect(failure?.code == .context)
    }

    @Test("A card that is torn or changed is none")
    func torn() throws {
        let text = try Self.card().text
        #expect(throws: ProtocolFailure.self) { try ConsentCard(text: String(text.dropLast(5))) }
        #expect(throws: ProtocolFailure.self) { try ConsentCard(text: "WLCARD2:" + text.dropFirst(8)) }
        #expect(throws: ProtocolFailure.self) { try ConsentCard(text: "") }
        let changed = text.dropLast(10) + (text.suffix(10).first == "A" ? "B" : "A") + text.suffix(9)
        #expect(throws: ProtocolFailure.self) { try ConsentCard(text: String(changed)) }
    }

    @Test("A card fits a QR code, as a picture and on a terminal")
    func code() throws {
        let text = try Self.card().text
        let code = try #require(QRCode(text))
        // Versions have 4v + 17 modules a side; finder patterns stand in three corners.
        #expect((code.modules.count - 17) % 4 == 0 && code.modules.allSatisfy { $0.count == code.modules.count })
        for (row, column) in [(0, 0), (0, code.modules.count - 7), (code.modules.count - 7, 0)] {
            #expect((0..<7).allSatisfy { code.modules[row][column + $0] && code.modules[row + 6][column + $0] })
            #expect(!code.modules[row + 1][column + 1] && code.modules[row + 3][column + 3])
        }
        #expect(code.svg(["<patient>"]).contains("&lt;patient&gt;"))
        #expect(code.terminal.split(separator: "\n").count == (code.modules.count + 9) / 2)
        #expect(QRCode(String(repeating: "x", count: 4_000)) == nil)
    }

    private static func card(role: String = "patient") throws -> ConsentCard {
        let directory = FileManager.default.temporaryDirectory.appending(path: "card-\(UUID())").path()
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let identity = try TestAuthority(directory: directory).enroll("hospital-a:\(role):p-1")
        return try ConsentCard(RequesterKey(identity), genesis: [UInt8](repeating: 4, count: 32))
    }
}

@Suite struct StatementEventTests {
    @Test("What was stated is found in events, also when it was withdrawn, and of the organization's parties alone")
    func found() throws {
        let patient = try #require(PartyName("hospital-a:patient:p-1"))
        let stranger = try #require(PartyName("institute-b:custodian:c"))
        let events = [
            Self.event(ConsentSet(Self.change(1, patient), mode: .forbid)),
            Self.event(ConsentWithdrawn(Self.change(1, patient))),
            Self.event(AccessOffered(Self.change(2, patient), to: .organization("institute-b"))),
            Self.event(ConsentSet(Self.change(3, stranger), mode: .allow)),
            ContractEvent(topic: "access.consent-set", data: [1]),
        ]
        let found = ConsentBook.statements(in: events, of: ["hospital-a"])
        #expect(found == [1, 2].map { [UInt8](repeating: $0, count: 32) })
    }

    private static func change(_ number: UInt8, _ author: PartyName) -> ConsentChange {
        ConsentChange(
            id: [UInt8](repeating: number, count: 32),
            author: author,
            scopes: [[UInt8](repeating: 1, count: 32)]
        )
    }

    private static func event<Record: EventRecord>(_ record: Record) -> ContractEvent {
        ContractEvent(topic: Record.topic, data: record.bytes)
    }
}
