import Credentials
import Foundation
import FreePorts
import Hummingbird
import SecureHTTP
import Synchronization

@testable import Agent

/// A FHIR server as far as Observations go: Bundles with conditional creates and updates, in memory, and what goes wrong on
/// the way there.
final class FHIRTestServer: Sendable {
    /// What becomes of one request with a Bundle.
    enum Fault: Sendable {
        /// Answers at once, without looking at the Bundle.
        case status(Int, retryAfter: String? = nil)
        /// The connection ends before anything is processed.
        case cutBefore
        /// Everything is processed, and the connection ends within the answer.
        case cutAfter
        /// Something else than a Bundle is the answer.
        case answer(String)
    }

    /// An Observation that it has.
    struct Stored: Sendable {
        var status: String
        /// Versions, from 1.
        var versions = 1
    }

    struct State: Sendable {
        /// By identifier; a second one with the same identifier would be another element.
        var stored: [String: [Stored]] = [:]
        /// Of the next requests, one each.
        var faults: [Fault] = []
        /// Statuses of entries by identifier, one each time it comes.
        var entryFaults: [String: [Int]] = [:]
        /// Of any kind, as far as they have been understood.
        var requests = 0
        var bundles = 0
        var entriesMax = 0
        var authorizations: Set<String> = []
        var capabilities = #"{"resourceType":"CapabilityStatement","fhirVersion":"4.0.1"}"#
    }

    let port: Int
    let state = Mutex(State())

    init() throws { self.port = try FreePorts.one() }

    var stored: [String: [Stored]] { self.state.withLock { $0.stored } }

    private struct Cut: Error {}
    private typealias Object = [String: Any]

    /// Serves without TLS while the body runs.
    func run(_ body: () async throws -> Void) async throws {
        let application = Application(
            router: self.routes(Router()),
            configuration: .init(address: .hostname("127.0.0.1", port: self.port)),
            logger: TestSite.logger
        )
        try await Running.services([application], body)
    }

    /// Serves over TLS with the certificate of an identity while the body runs.
    func run(
        as identity: Identity,
        _ clientCertificates: ClientCertificates = .optional,
        _ body: () async throws -> Void
    ) async throws {
        let server = try SecureHTTPServer(
            name: "fhir",
            address: "127.0.0.1",
            port: self.port,
            identity: identity,
            clientCertificates: clientCertificates,
            router: self.routes(Router(context: SecureRequestContext.self)),
            logger: TestSite.logger
        )
        try await Running.services([server], body)
    }

    private func routes<Context: RequestContext>(_ router: Router<Context>) -> Router<Context> {
        router.get("/r4/metadata") { _, _ in
            Self.response(
                200,
                self.state.withLock { state in
                    state.requests += 1
                    return state.capabilities
                }
            )
        }
        router.post("/r4") { request, _ in
            let content = try await request.body.collect(upTo: 32 << 20)
            return try self.answer(Data(content.readableBytesView), request.headers[.authorization])
        }
        return router
    }

    private static func response(_ status: Int, _ text: String, retryAfter: String? = nil) -> Response {
        var headers: HTTPFields = [.contentType: "application/fhir+json"]
        if let retryAfter { headers[.retryAfter] = retryAfter }
        return Response(
            status: HTTPResponse.Status(code: status),
            headers: headers,
            body: .init(byteBuffer: ByteBuffer(string: text))
        )
    }

    private static var torn: Response {
        Response(
            status: .ok,
            headers: [.contentType: "application/fhir+json"],
            body: ResponseBody(contentLength: 100_000) { writer in
                try await writer.write(ByteBuffer(string: #"{"resourceType":"Bundle","#))
                throw Cut()
            }
        )
    }

    private func answer(_ body: Data, _ authorization: String?) throws -> Response {
        guard let bundle = try JSONSerialization.jsonObject(with: body) as? Object,
            let entries = bundle["entry"] as? [Object]
        else { return Self.response(400, "{}") }
        return self.state.withLock { state in
            state.requests += 1
            state.bundles += 1
            state.entriesMax = max(state.entriesMax, entries.count)
            if let authorization { state.authorizations.insert(authorization) }
            let fault = state.faults.isEmpty ? nil : state.faults.removeFirst()
            switch fault {
            case .status(let status, let retryAfter): return Self.response(status, "{}", retryAfter: retryAfter)
            case .cutBefore: return Self.torn
            case .answer(let text): return Self.response(200, text)
            case .cutAfter, nil: break
            }
            let before = state.stored
            let statuses = entries.map { Self.process($0, &state) }
            let isTransaction = bundle["type"] as? String == "transaction"
            if case .cutAfter = fault { return Self.torn }
            if isTransaction, let bad = statuses.first(where: { $0 >= 400 }) {
                state.stored = before
                return Self.response(bad, #"{"resourceType":"OperationOutcome"}"#)
            }
            let answers = statuses.map { #"{"response":{"status":"\#($0) Whatever"}}"# }.joined(separator: ",")
            let type = isTransaction ? "transaction-response" : "batch-response"
            return Self.response(200, #"{"resourceType":"Bundle","type":"\#(type)","entry":[\#(answers)]}"#)
        }
    }

    /// One entry; gives its status.
    private static func process(_ entry: Object, _ state: inout State) -> Int {
        guard let request = entry["request"] as? Object, let resource = entry["resource"] as? Object,
            let method = request["method"] as? String, let url = request["url"] as? String,
            let status = resource["status"] as? String, resource["id"] == nil,
            let identifiers = resource["identifier"] as? [[String: String]],
            let identifier = identifiers.first?["value"]
        else { return 400 }
        if var faults = state.entryFaults[identifier], !faults.isEmpty {
            let fault = faults.removeFirst()
            state.entryFaults[identifier] = faults
            return fault
        }
        let search = "identifier=urn:wardline:observation|\(identifier)"
        let found = state.stored[identifier] ?? []
        switch (method, url) {
        case ("POST", "Observation"):
            guard request["ifNoneExist"] as? String == search else { return 400 }
            guard found.isEmpty else { return found.count == 1 ? 200 : 412 }
        case ("PUT", "Observation?" + search):
            guard found.count <= 1 else { return 412 }
            if let known = found.first {
                state.stored[identifier] = [Stored(status: status, versions: known.versions + 1)]
                return 200
            }
        default: return 400
        }
        state.stored[identifier] = [Stored(status: status)]
        return 201
    }
}
