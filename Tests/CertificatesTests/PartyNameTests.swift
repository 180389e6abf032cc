import Certificates
import Testing

@Suite struct PartyNameTests {
    @Test(arguments: PartyRole.allCases)
    func aNameIsReadAsItWasWritten(_ role: PartyRole) throws {
        let name = try #require(PartyName(organization: "north", role: role, name: "bed-7"))
        #expect(name.description == "north:\(role.rawValue):bed-7")
        #expect(PartyName(name.description) == name)
        #expect(PartyName(name.urn) == name)
        #expect(name.urn.hasPrefix("urn:wardline:"))
    }

    @Test(arguments: [
        "", "north", "north:gateway", "north:gateway:", ":gateway:x", "north:nobody:x", "north:gateway:x:y",
        "north:gateway:b d", "n\u{F6}rth:gateway:x", "\u{212A}:gateway:x", "north:Gateway:x",
        "urn:other:north:gateway:x",
        "north:gateway:x\n", "urn:wardline:urn:wardline:north:gateway:x", "north:\u{301}gateway:x",
        "north:gateway:\u{301}x", "urn:wardline:\u{301}north:gateway:x", "north:gateway:x:", "::",
    ])
    func otherTextIsNoName(_ text: String) { #expect(PartyName(text) == nil) }

    @Test func aPartOfANameHasAtMost63Bytes() {
        let longest = String(repeating: "a", count: 63)
        #expect(PartyName(organization: longest, role: .gateway, name: longest) != nil)
        #expect(PartyName(organization: longest + "a", role: .gateway, name: "x") == nil)
        #expect(PartyName(organization: "x", role: .gateway, name: longest + "a") == nil)
    }

    @Test(
        arguments: zip(
            [PartyRole.gateway, .privacyCenter, .institution, .researcher, .authority],
            [
                CertificateUsage.sign, [.sign, .proxy, .keyExchange], [.sign, .keyExchange], [.sign, .keyExchange],
                [.sign, .authority],
            ]
        )
    )
    func theRoleDecidesWhatTheKeyMayDo(_ role: PartyRole, _ usage: CertificateUsage) {
        #expect(role.usage == usage)
    }
}
