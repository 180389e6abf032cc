import AsyncHTTPClient
import Authority
import Certificates
import Credentials
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import SecureHTTP

@testable import Dashboard

/// A dashboard with real pages on a free port, and identities of an authority.
final class TestDashboard: Sendable {
    let directory: String
    let server: Identity
    let steward: Identity
    let stranger: Identity

    init() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("wardline-\(UUID())").path
        self.directory = folder
        try Authority.create(
            directory: folder,
            organization: "clinic",
            name: "ca",
            hosts: [.dns("localhost")],
            at: Self.now
        )
        let authority = try Authority(directory: folder)
        func identity(_ role: PartyRole, _ name: String, hosts: [HostName] = []) throws -> Identity {
            guard let party = PartyName(organization: "clinic", role: role, name: name) else {
                throw CancellationError()
            }
            return try authority.install(party, hosts: hosts, into: "\(folder)/\(name)", at: Self.now)
        }
        self.server = try identity(.gateway, "gw-1", hosts: [.dns("localhost")])
        self.steward = try identity(.steward, "steward-1")
        self.stranger = try identity(.steward, "steward-2")
    }

    deinit { try? FileManager.default.removeItem(atPath: self.directory) }

    static var now: UInt64 { UInt64(Date().timeIntervalSince1970) }

    var settings: DashboardSettings {
        var settings = DashboardSettings(
            identityDirectory: self.server.directory,
            tokenDirectory: "\(self.directory)/tokens"
        )
        settings.people = [self.steward.name: .steward]
        return settings
    }

    /// A token that was made as the command makes it.
    func token(_ role: DashboardRole, for name: String = "alice") throws -> String {
        try TokenFolder(directory: self.settings.tokenDirectory).issue(
            .init(name: name, role: role),
            seconds: 60,
            at: Self.now
        )
    }

    /// Serves a site for the time of `body`, which gets a browser without a certificate, or with one.
    func browse(
        _ site: DashboardSite,
        as identity: Identity? = nil,
        _ body: (Browser) async throws -> Void
    ) async throws {
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let dashboard = try DashboardServer(site: site, settings: self.settings, logger: quiet)
        let running = Task { try? await dashboard.run() }
        var tls = try (identity ?? self.server).clientTLS()
        if identity == nil {
            tls.certificateChain = []
            tls.privateKey = nil
        }
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        configuration.redirectConfiguration = .disallow
        let http = HTTPClient(configuration: configuration)
        do {
            try await body(Browser(http: http, base: "https://localhost:\(try await dashboard.port())"))
        } catch {
            try? await http.shutdown()
            running.cancel()
            throw error
        }
        try await http.shutdown()
        running.cancel()
        await running.value
    }
}

/// Sends what a browser would; the cookie is the test's to keep.
struct Browser: Sendable {
    struct Answer {
        let status: Int
        let headers: HTTPHeaders
        let text: String

        var location: String? { self.headers.first(name: "location") }
        /// The cookie as it is to be sent back.
        var cookie: String? {
            self.headers.first(name: "set-cookie")?.split(separator: ";").first.map(String.init)
        }
        /// The form's token that a page carries.
        var formToken: String? {
            self.text.split(separator: "name=\"form_token\" value=\"").dropFirst().first?.split(separator: "\"").first
                .map(String.init)
        }
    }

    let http: HTTPClient
    let base: String

    func get(_ path: String, cookie: String? = nil) async throws -> Answer {
        var request = HTTPClientRequest(url: self.base + path)
        if let cookie { request.headers.add(name: "cookie", value: cookie) }
        return try await self.send(request)
    }

    /// Sends a form; `headers` instead of those that a browser sends with one of the same origin.
    func post(
        _ path: String,
        _ form: String,
        cookie: String? = nil,
        headers: [(String, String)]? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: self.base + path)
        request.method = .POST
        request.body = .bytes(Array(form.utf8))
        request.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
        for (name, value) in headers ?? [("origin", self.base), ("sec-fetch-site", "same-origin")] {
            request.headers.add(name: name, value: value)
        }
        if let cookie { request.headers.add(name: "cookie", value: cookie) }
        return try await self.send(request)
    }

    /// The first bytes of a stream, until they hold so many events.
    func events(_ path: String, cookie: String, count: Int) async throws -> String {
        var request = HTTPClientRequest(url: self.base + path)
        request.headers.add(name: "cookie", value: cookie)
        let response = try await self.http.execute(request, timeout: .seconds(60))
        var text = ""
        for try await part in response.body {
            text += String(buffer: part)
            if text.components(separatedBy: "event: ").count > count { break }
        }
        return text
    }

    private func send(_ request: HTTPClientRequest) async throws -> Answer {
        let response = try await self.http.execute(request, timeout: .seconds(60))
        let body = try await response.body.collect(upTo: 4 << 20)
        return Answer(status: Int(response.status.code), headers: response.headers, text: String(buffer: body))
    }
}
