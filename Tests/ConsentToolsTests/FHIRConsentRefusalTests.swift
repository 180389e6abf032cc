import CanonicalBytes
import Contracts
import Testing

@testable import ConsentTools

/// What other systems write, and what may not be stated because of it.
@Suite struct FHIRConsentRefusalTests {
    /// A change of a text in a resource, and what the refusal says.
    struct Change: Sendable, CustomTestStringConvertible {
        let text: String
        let other: String
        /// Begins with the FHIR path.
        let words: String

        init(_ text: String, _ other: String, _ words: String) {
            self.text = text
            self.other = other
            self.words = words
        }

        var testDescription: String { "\(self.text) → \(self.other)" }
    }

    @Test(
        "Only an active consent is imported; what does not stand is refused with what to do",
        arguments: [
            ("inactive", "wardline consent withdraw"), ("entered-in-error", "wardline consent withdraw"),
            ("draft", "import it when it is active"), ("proposed", "import it when it is active"),
            ("rejected", "nobody agreed"), ("Active", "only active is imported"),
            ("unknown", "only active is imported"),
        ]
    )
    func status(_ status: String, _ words: String) throws {
        let change = Change("\"status\":\"active\"", "\"status\":\"\(status)\"", "Consent.status is ")
        for rule in [ConsentStatement.Rule.allow(request: nil), .forbid] {
            let detail = try Self.refusal(Self.statement(rule), change)
            #expect(detail.contains(words), "\(detail)")
        }
    }

    @Test(
        "What policy, type and rule say must not contradict",
        arguments: [
            (ConsentStatement.Rule.allow(request: nil), "permit", "deny", "OPTIN", "OPTOUT"),
            (.offer(to: .organization("institute-b"), permissionSeconds: 60), "permit", "deny", "OPTIN", "OPTOUT"),
            (.require, "deny", "permit", "OPTOUT", "OPTIN"), (.forbid, "deny", "permit", "OPTOUT", "OPTIN"),
        ] as [(ConsentStatement.Rule, String, String, String, String)]
    )
    func contradictions(
        _ rule: ConsentStatement.Rule,
        _ type: String,
        _ otherType: String,
        _ policy: String,
        _ otherPolicy: String
    ) throws {
        let statement = Self.statement(rule)
        let ofType = Change(
            "\"type\":\"\(type)\"",
            "\"type\":\"\(otherType)\"",
            "Consent.provision.type is \(otherType)"
        )
        let ofPolicy = Change("\"\(policy)\"", "\"\(otherPolicy)\"", "Consent.policyRule is \(otherPolicy)")
        for change in [ofType, ofPolicy] {
            let detail = try Self.refusal(statement, change)
            #expect(detail.contains("contradicts the rule \(rule.code)"), "\(detail)")
        }
        // The policy may speak alone, but somebody has to.
        let bare = try Self.json(statement).replacing(",\"type\":\"\(type)\"", with: "")
        #expect(try FHIRConsent.statement(from: Array(bare.utf8)) == statement)
        let system = FHIRConsent.System.actCode
        let silent = bare.replacing("{\"code\":\"\(policy)\",\"system\":\"\(system)\"},", with: "")
        let failure = #expect(throws: ProtocolFailure.self) { try FHIRConsent.statement(from: Array(silent.utf8)) }
        #expect(failure?.detail.hasPrefix("Consent.provision.type is missing") == true, "\(failure?.detail ?? "")")
    }

    private static let purpose = "\"purpose\":[{\"code\":\"study\",\"system\":\"urn:wardline:purpose\"}]"

    @Test(
        "A consent for any request has one purpose, with a code of the chain",
        arguments: [
            Change("\"study\"", "\"\"", "Consent.provision.purpose[0].code is no text"),
            Change("\"study\"", "\"a b\"", "Consent.provision.purpose[0].code has not"),
            Change(
                "\"study\"",
                "\"\(String(repeating: "a", count: 65))\"",
                "Consent.provision.purpose[0].code has not"
            ),
            Change("\"study\"", "null", "Consent.provision.purpose[0].code is no text"),
            Change("\"code\":\"study\",", "", "Consent.provision.purpose[0].code is missing"),
            Change(Self.purpose + ",", "", "Consent.provision.purpose is missing"),
            Change(Self.purpose, "\"purpose\":[]", "Consent.provision.purpose is no list"),
            Change("urn:wardline:purpose", "urn:other", "Consent.provision.purpose[0].system is `urn:other`"),
            Change(
                Self.purpose,
                String(Self.purpose.dropLast()) + ",{\"code\":\"care\",\"system\":\"urn:wardline:purpose\"}]",
                "Consent.provision.purpose names 2: make a Consent of each"
            ),
        ]
    )
    func purposes(_ change: Change) throws {
        for rule in [
            ConsentStatement.Rule.allow(request: nil), .offer(to: .attribute("study:x"), permissionSeconds: 60),
        ] { _ = try Self.refusal(Self.statement(rule), change) }
    }

    @Test(
        "Rules that have no purpose are not imported with one",
        arguments: [ConsentStatement.Rule.require, .forbid, .allow(request: [UInt8](repeating: 7, count: 32))]
    )
    func needlessPurpose(_ rule: ConsentStatement.Rule) throws {
        let change = Change("\"type\":", Self.purpose + ",\"type\":", "Consent.provision.purpose stands with")
        _ = try Self.refusal(Self.statement(rule), change)
    }

    @Test(
        "The seconds of an offer's permissions are digits alone and within bounds",
        arguments: [
            "+60", "-60", " 60", "60 ", "060", "6e1", "60.0", "0x3c", "0", "٦٠", "315360001", "18446744073709551616",
        ]
    )
    func seconds(_ text: String) throws {
        let change = Change("\"60\"", "\"\(text)\"", "Consent.provision.code[0].coding[0].code is no number of seconds")
        _ = try Self.refusal(Self.statement(.offer(to: .organization("institute-b"), permissionSeconds: 60)), change)
    }

    @Test(
        "An offer is for one that there can be",
        arguments: [
            Change("\"institute-b\"", "\"a b\"", "Consent.provision.actor[0].reference.identifier names nobody"),
            Change(
                "urn:wardline:organization",
                "urn:wardline:party",
                "Consent.provision.actor[0].reference.identifier names"
            ),
            Change("\"IRCP\"", "\"PRCP\"", "Consent.provision.actor[0].role.coding[0].code is `PRCP`"),
            Change("\"actor\":[", "\"actor\":[{},", "Consent.provision.actor names 2"),
            Change("\"code\":[{\"coding\"", "\"code\":[{},{\"coding\"", "Consent.provision.code names 2"),
            Change("permission-seconds", "permission-hours", "Consent.provision.code[0].coding[0].system is"),
        ]
    )
    func offers(_ change: Change) throws {
        _ = try Self.refusal(Self.statement(.offer(to: .organization("institute-b"), permissionSeconds: 60)), change)
    }

    @Test(
        "A modifier extension is refused wherever it stands, and so is what is not understood",
        arguments: [
            Change("{\"category\"", "{\"modifierExtension\":[],\"category\"", "Consent.modifierExtension changes"),
            Change("{\"category\"", "{\"implicitRules\":\"x\",\"category\"", "Consent.implicitRules is not understood"),
            Change("{\"category\"", "{\"policy\":[{}],\"category\"", "Consent.policy is not understood"),
            Change("{\"data\"", "{\"modifierExtension\":[{}],\"data\"", "Consent.provision.modifierExtension changes"),
            Change("{\"data\"", "{\"provision\":[{}],\"data\"", "Consent.provision.provision is not understood"),
            Change("{\"data\"", "{\"dataPeriod\":{},\"data\"", "Consent.provision.dataPeriod is not understood"),
            Change("{\"data\"", "{\"action\":[{}],\"data\"", "Consent.provision.action is not understood"),
            Change("{\"data\"", "{\"class\":[{}],\"data\"", "Consent.provision.class is not understood"),
            Change("{\"data\"", "{\"securityLabel\":[{}],\"data\"", "Consent.provision.securityLabel is not"),
            Change("{\"data\"", "{\"actor\":[{}],\"data\"", "Consent.provision.actor stands with the rule require"),
            Change("{\"data\"", "{\"code\":[{}],\"data\"", "Consent.provision.code stands with the rule require"),
            Change(
                "{\"meaning\"",
                "{\"modifierExtension\":[{}],\"meaning\"",
                "Consent.provision.data[0].modifierExtension changes"
            ),
            Change(
                "{\"category\"",
                "{\"meta\":{\"tag\":[{\"code\":\"SUBSETTED\"}]},\"category\"",
                "Consent.meta.tag[0].code"
            ),
            Change("{\"category\"", "{\"status\":\"inactive\",\"category\"", "Consent.status is there twice"),
        ]
    )
    func notUnderstood(_ change: Change) throws { _ = try Self.refusal(Self.statement(.require), change) }

    @Test(
        "A resource in other terms is refused with the element",
        arguments: [
            Change("\"resourceType\":\"Consent\"", "\"resourceType\":\"Patient\"", "Consent.resourceType is `Patient`"),
            Change("urn:wardline:consent\"", "urn:other\"", "Consent.identifier has 0"),
            Change("urn:wardline:scope", "urn:other", "Consent.provision.data[0].reference.identifier.system"),
            Change("\"instance\"", "\"related\"", "Consent.provision.data[0].meaning is `related`"),
            Change(
                String(repeating: "02", count: 32),
                String(repeating: "01", count: 32),
                "Consent.provision.data names a scope"
            ),
            Change(String(repeating: "02", count: 32), String(repeating: "A2", count: 32), "Consent.provision.data[1]"),
            Change("\"dateTime\"", "\"when\"", "Consent.when is not understood"),
            Change("\"dateTime\":\"", "\"dateTime\":\"+", "Consent.dateTime is no date"),
            Change(".123Z\",\"identifier\"", ".1234Z\",\"identifier\"", "Consent.dateTime is no date"),
            Change(".123Z\",\"identifier\"", ".123\",\"identifier\"", "Consent.dateTime is no date"),
            Change(".123Z\",\"identifier\"", ".123Z,\",\"identifier\"", "Consent.dateTime is no date"),
            Change("\"end\":\"20", "\"end\":\"19", "Consent.provision.period.end is"),
            Change("\"start\":\"2026", "\"start\":\"2027", "Consent.provision.period.start is after"),
            Change("\"require\"", "\"maybe\"", "Consent.policyRule.coding[1].code is `maybe`, an unknown rule"),
            Change("\"OPTOUT\"", "\"OPTINR\"", "Consent.policyRule.coding[0].code is `OPTINR`"),
            Change("patient-privacy", "research", "Consent.scope.coding[0].code is `research`"),
            Change("urn:wardline:party", "urn:else", "Consent.patient.identifier.system"),
            Change("hospital-a:patient:p-1", "p-1", "Consent.patient.identifier.value"),
            Change("\"performer\":[", "\"performer\":[{},", "Consent.performer[0].identifier is missing"),
        ]
    )
    func refusals(_ change: Change) throws { _ = try Self.refusal(Self.statement(.require), change) }

    @Test("Another than the patient does not state her consent")
    func performer() throws {
        let identifier = "{\"identifier\":{\"system\":\"urn:wardline:party\",\"value\":\"hospital-a:patient:p-"
        let change = Change(
            "\"performer\":[\(identifier)1",
            "\"performer\":[\(identifier)2",
            "Consent.performer[0].identifier"
        )
        _ = try Self.refusal(Self.statement(.require), change)
    }

    @Test("What servers add without changing the meaning is passed over")
    func harmless() throws {
        let statement = Self.statement(.require)
        let more =
            "{\"id\":\"1\",\"meta\":{\"versionId\":\"2\",\"tag\":[{\"code\":\"x\"}]},\"text\":{\"status\":\"generated\"},"
            + "\"extension\":[{\"url\":\"urn:x\"}],\"_status\":{\"id\":\"s\"},\"category\""
        let json = try Self.json(statement).replacing("{\"category\"", with: more)
            .replacing("\"identifier\":[", with: "\"identifier\":[{\"system\":\"urn:x\",\"value\":\"1\"},")
        #expect(try FHIRConsent.statement(from: Array(json.utf8)) == statement)
    }

    @Test("A consent that allows nothing is written as inactive, and one that stands makes a call that the chain reads")
    func calls() throws {
        let nothing = try FHIRConsent.json(Self.statement(.allow(request: nil), purpose: ""), at: 0)
        #expect(nothing.contains("\"status\":\"inactive\""))
        let rules: [ConsentStatement.Rule] = [
            .allow(request: nil), .allow(request: [UInt8](repeating: 7, count: 32)), .require, .forbid,
        ]
        for rule in rules {
            let json = try Self.json(Self.statement(rule))
            let statement = try FHIRConsent.statement(from: Array(json.utf8))
            let call = try #require(statement.consent)
            let read = try SetConsent(bytes: call.bytes)
            #expect(read == call)
        }
        let offer = Self.statement(.offer(to: .attribute("study:x"), permissionSeconds: 315_360_000))
        let json = try Self.json(offer)
        let statement = try FHIRConsent.statement(from: Array(json.utf8))
        let call = try #require(statement.offer)
        let read = try OfferAccess(bytes: call.bytes)
        #expect(read == call)
    }

    @Test(
        "A statement is imported between its time and its end, with the clocks' tolerance",
        arguments: [
            (1_789_999_700_123, true), (1_789_999_700_122, false), (1_790_000_000_123, true),
            (1_799_999_999_999, true), (1_800_000_000_000, false), (0, false), (UInt64.max, false),
        ] as [(UInt64, Bool)]
    )
    func timely(_ now: UInt64, _ isTimely: Bool) throws {
        let statement = Self.statement(.require)
        guard !isTimely else { return try statement.requireTimely(at: now) }
        let failure = #expect(throws: ProtocolFailure.self) { try statement.requireTimely(at: now) }
        #expect(failure?.code == .time)
    }

    @Test("The same statement is known again whenever it was stated, and another is not")
    func same() {
        let statement = Self.statement(.require)
        #expect(statement.saysSame(as: Self.statement(.require, stated: 5)))
        #expect(!statement.saysSame(as: Self.statement(.forbid)))
        #expect(
            !Self.statement(.allow(request: nil)).saysSame(as: Self.statement(.allow(request: nil), purpose: "care"))
        )
    }

    // MARK: - Resources

    /// What is said about a resource that was changed; its refusal begins with the words.
    private static func refusal(_ statement: ConsentStatement, _ change: Change) throws -> String {
        let json = try self.json(statement)
        let changed = json.replacing(change.text, with: change.other)
        try #require(changed != json, "nothing to change")
        let failure = #expect(throws: ProtocolFailure.self) { try FHIRConsent.statement(from: Array(changed.utf8)) }
        let detail = try #require(failure).detail
        #expect(detail.hasPrefix(change.words), "\(detail)")
        return detail
    }

    private static func json(_ statement: ConsentStatement) throws -> String {
        try FHIRConsent.json(statement, at: 1_795_000_000_000)
    }

    /// About two scopes, with the purpose `study` where the rule has one.
    private static func statement(
        _ rule: ConsentStatement.Rule,
        purpose: String? = nil,
        stated: UInt64 = 1_790_000_000_123
    ) -> ConsentStatement {
        let usual: String
        switch rule {
        case .allow(request: nil), .offer: usual = "study"
        case .allow, .require, .forbid: usual = ""
        }
        return ConsentStatement(
            id: [UInt8](repeating: 9, count: 32),
            author: "hospital-a:patient:p-1",
            rule: rule,
            scopes: [[UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32)],
            purpose: purpose ?? usual,
            stated: stated,
            validUntil: 1_800_000_000_000
        )
    }
}
