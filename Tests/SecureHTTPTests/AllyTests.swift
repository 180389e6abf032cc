import Certificates
import Credentials
import Hummingbird
import NIOSSL
import Testing

@testable import SecureHTTP

/// Parties of another consortium, whose authority the server's operator believes about some organizations.
@Suite(.timeLimit(.minutes(10))) struct AllyTests {
    let site: TestSite
    let other: TestSite

    init() throws {
        self.site = try TestSite()
        self.other = try TestSite(organization: "alliance")
    }

    /// The server's identity once it has an ally.
    private func believing(_ organizations: [String]) throws -> Identity {
        let directory = self.site.server.directory
        let roots = try PrivateFile.read("\(self.other.server.directory)/current/roots.pem", isSecret: false)
        try AlliedAuthorities.add("alliance", roots: roots, organizations: organizations, to: directory)
        return try Identity.load(directory: directory)
    }

    /// What a party of the other consortium is told; its own client believes the server's authority.
    private func answer(_ identity: Identity, _ circle: TLSCircle, _ certificates: ClientCertificates) async throws
        -> String
    {
        var tls = try self.other.identity(.researcher).clientTLS()
        tls.trustRoots = try self.site.server.clientTLS().trustRoots
        let client = tls
        let answers = AsyncStream.makeStream(of: String.self)
        try await self.site.serve(certificates, identity: identity, circle: circle, routes: Self.whoAmI) { port in
            answers.continuation.yield((try? await RawClient.get("/me", port, client)) ?? "")
        }
        return await answers.stream.first { _ in true } ?? ""
    }

    private static func whoAmI(_ router: Router<SecureRequestContext>) {
        router.get("/me") { _, context in context.peer?.description ?? "nobody" }
    }

    @Test func `a party of an ally comes in under its own name`() async throws {
        let identity = try self.believing(["clinic", "alliance"])
        #expect(identity.allies.allies.map(\.name) == ["alliance"])
        #expect(try await self.answer(identity, .allies, .required).hasSuffix("clinic:researcher:one"))
    }

    @Test func `an ally has no say about other organizations`() async throws {
        let identity = try self.believing(["alliance"])
        let required = try await self.answer(identity, .allies, .required)
        #expect(required.hasPrefix("HTTP/1.1 403"))
        #expect(try await self.answer(identity, .allies, .optional).hasSuffix("nobody"))
    }

    @Test func `a server that is not open to allies takes none`() async throws {
        let identity = try self.believing(["clinic"])
        #expect(try await self.answer(identity, .consortium, .required).isEmpty)
    }

    @Test func `an ally that was removed is believed no more`() throws {
        let identity = try self.believing(["clinic"])
        #expect(AlliedAuthorities.remove("alliance", from: identity.directory))
        #expect(!AlliedAuthorities.remove("alliance", from: identity.directory))
        #expect(try Identity.load(directory: identity.directory).allies.allies.isEmpty)
    }

    @Test(arguments: ["", "a/b", "a b"])
    func `an ally's name is no path`(_ name: String) throws {
        let roots = try PrivateFile.read("\(self.other.server.directory)/current/roots.pem", isSecret: false)
        #expect(throws: CredentialsError.self) {
            try AlliedAuthorities.add(name, roots: roots, organizations: ["clinic"], to: self.site.server.directory)
        }
    }

    @Test(arguments: [[], ["a:b"], [String](repeating: "clinic", count: 65)])
    func `an ally without organizations, or with names that are none, is refused`(_ names: [String]) throws {
        let roots = try PrivateFile.read("\(self.other.server.directory)/current/roots.pem", isSecret: false)
        #expect(throws: CredentialsError.self) {
            try AlliedAuthorities.add("ally", roots: roots, organizations: names, to: self.site.server.directory)
        }
    }
}
