import CanonicalBytes
import ChainReading
import Contracts
import Credentials
import IBTP
import Ledger
import Testing

@testable import Requesting

@Suite("Requests over one of several relay chains") struct RequestRouteTests {
    /// Both chains at two relay chains, and the choice of the next request.
    private static func with(_ body: (AcrossScene) async throws -> Void) async throws {
        try await AcrossScene.with { across in
            try AcrossScene.connect(across.home, as: "labs", hub: "port")
            try AcrossScene.connect(across.data, as: "wards", hub: "port")
            try await body(across)
        }
    }

    /// A request under bounds; what did not work is returned.
    private static func ask(
        _ across: AcrossScene,
        _ name: String,
        _ routes: RoutePreference = RoutePreference()
    ) async throws -> ShareTrouble? {
        try await self.ask(across, try across.folder(name), routes)
    }

    private static func ask(
        _ across: AcrossScene,
        _ folder: ShareFolder,
        _ routes: RoutePreference = RoutePreference()
    ) async throws -> ShareTrouble? {
        var settings = CarriedRequests.Settings()
        (settings.patience, settings.timeoutBlocks, settings.routes) = (0, 5, routes)
        let carried = CarriedRequests(
            folder,
            receiver: across.researcher,
            home: HomeChain(chain: across.home, line: AcrossScene.Line(chain: across.home, breaks: .none)),
            parties: across.scene.parties(),
            settings: settings
        )
        let asker = AccessAsker(parties: across.scene.parties().asking(over: carried), receiver: across.researcher)
        return try await asker.ask(folder).first?.trouble
    }

    private static func hubs(_ across: AcrossScene) throws -> Set<String> {
        Set(try across.messages().map { try $0.id.from.hub })
    }

    @Test("equal ones are decided by name; one of which newer headers are shown is preferred under a bound of silence")
    func silence() async throws {
        try await Self.with { across in
            #expect(try await Self.ask(across, "one")?.code == "exchange-underway")
            #expect(try Self.hubs(across) == ["hub"])
            across.wait(600_000)
            for chain in [across.home, across.data] {
                let name = chain === across.home ? "labs" : "wards"
                try AcrossScene.connect(chain, as: name, hub: "port")
            }
            let bound = RoutePreference(silenceSecondsMax: 300)
            #expect(try await Self.ask(across, "two", bound)?.code == "exchange-underway")
            #expect(try across.messages().count == 2)
            #expect(try Self.hubs(across) == ["hub", "port"])
            // Without the bound nothing speaks against the first by name.
            #expect(try await Self.ask(across, "three")?.code == "exchange-underway")
            let ids = try across.messages().map { try $0.id.description }
            #expect(
                Set(ids) == [
                    "hub:labs:share-hub:wards:share-1", "hub:labs:share-hub:wards:share-2",
                    "port:labs:share-port:wards:share-1",
                ]
            )
            // A newer header at one end alone does not show that the way is open.
            across.wait(600_000)
            try AcrossScene.connect(across.home, as: "labs", hub: "port")
            let trouble = try #require(try await Self.ask(across, "four", bound))
            #expect(trouble.code == "no-route" && trouble.isWaiting)
            #expect(try across.messages().count == 3)
        }
    }

    @Test("where nothing keeps to the bounds nothing is sent, and the reasons are told")
    func bounds() async throws {
        try await Self.with { across in
            let demanding = [RoutePreference(credibilityMin: 1), RoutePreference(hopsMax: 1)]
            for (place, routes) in demanding.enumerated() {
                let trouble = try #require(try await Self.ask(across, "share-\(place)", routes))
                #expect(trouble.code == "no-route" && trouble.isWaiting)
                let reason = place == 0 ? "unknown-list" : "too-long"
                #expect(
                    trouble.why.contains("hub (") && trouble.why.contains("port (") && trouble.why.contains(reason)
                )
            }
            #expect(try across.messages().isEmpty)
        }
    }

    @Test("what was opened stays where it is; a call that was rejected opened nothing, and goes another way")
    func sticky() async throws {
        try await Self.with { across in
            let folder = try across.folder("open")
            #expect(try await Self.ask(across, folder)?.code == "exchange-underway")
            across.wait(90_000_000)
            // Both trust periods are over: the first by name is tried, and refused.
            let later = try across.folder("later")
            #expect(try await Self.ask(across, later)?.code == "relay-frozen")
            for chain in [across.home, across.data] {
                let name = chain === across.home ? "labs" : "wards"
                try AcrossScene.connect(chain, as: name, hub: "port")
            }
            #expect(try await Self.ask(across, later)?.code == "exchange-underway")
            let ids = try across.messages().map { try $0.id.description }
            #expect(Set(ids) == ["hub:labs:share-hub:wards:share-1", "port:labs:share-port:wards:share-1"])
        }
    }

    @Test("a chain of which the other knows nothing at one relay chain is reached over another")
    func shared() async throws {
        try await AcrossScene.with { across in
            try AcrossScene.connect(across.home, as: "labs", hub: "port")
            try AcrossScene.connect(across.data, as: "wards", hub: "quay")
            #expect(try await Self.ask(across, "one")?.code == "exchange-underway")
            #expect(try Self.hubs(across) == ["hub"])
            try AcrossScene.connect(across.home, as: "labs", hub: "quay")
            #expect(
                try await Self.ask(across, "two", RoutePreference(silenceSecondsMax: 86_400))?.code
                    == "exchange-underway"
            )
            #expect(try Self.hubs(across) == ["hub"])
        }
    }
}
