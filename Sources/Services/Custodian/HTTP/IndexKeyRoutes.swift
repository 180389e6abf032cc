internal import CanonicalBytes
internal import Certificates
internal import ChainReading
internal import Hummingbird
internal import IndexPages
internal import Ledger
internal import P256Group
internal import SecureHTTP
internal import Signcryption
internal import Transcripts

/// Hands index keys to receivers whose permission stands on no policy: an accepted offer, or an emergency.
///
/// It is open to anybody, as grants are: only the receiver's key opens the answer.
struct IndexKeyRoutes: Sendable {
    private static let wait = Duration.seconds(10)

    let desk: ShareDesk
    let shelf: IndexKeyShelf

    /// Each question costs a look at the chain.
    private let limit = RateLimit(perSecond: 20, burst: 200)

    init(desk: ShareDesk, shelf: IndexKeyShelf) {
        self.desk = desk
        self.shelf = shelf
    }

    var routes: [CustodianRoute] {
        [
            CustodianRoute(
                .get,
                "/v1/grants/{permission}/index-keys",
                for: .open(self.limit),
                answers: [200, 404],
                self.indexKeys
            )
        ]
    }

    /// `GET /v1/grants/{permission}/index-keys`: once the grant is recorded, for the kinds offered and emergency.
    @Sendable private func indexKeys(_ request: Request, _ context: SecureRequestContext) async throws -> Response {
        let item = try self.item(ShareRoutes.identifier(context, "permission"))
        let scope = try await self.standing(item)
        let receiver = try self.receiver(of: item)
        switch await self.shelf.keys(of: scope, wait: Self.wait) {
        case .keys(let keys): return .bytes(try Self.handover(keys, item, receiver).bytes)
        case .none:
            throw Self.problem("no-index-key", "no gateway has handed over an index key of this scope yet", after: 30)
        case .pending:
            throw Self.problem("index-keys-pending", "the scope's envelopes are being opened; ask again", after: 2)
        }
    }

    private func item(_ id: [UInt8]) throws -> ShareItem {
        guard let item = try self.desk.store.item(id), item.subject == .permission else {
            throw ShareRoutes.pending(nil)
        }
        guard item.kind == .offered || item.kind == .emergency else {
            throw Problem(
                .notFound,
                code: "not-for-this-kind",
                detail: "a permission of this kind opens the sealed index keys with an attribute key"
            )
        }
        if let problem = ShareRoutes.refusal(item) { throw problem }
        guard item.state == .recorded else { throw ShareRoutes.pending(item) }
        return item
    }

    /// The scope of a permission that stands now.
    private func standing(_ item: ShareItem) async throws -> RegisteredScope {
        do {
            let scope = try self.desk.scope(item)
            try await self.desk.requireStanding(item, scope)
            return scope
        } catch { throw Self.problem(error) }
    }

    private func receiver(of item: ShareItem) throws -> P256PublicKey {
        do throws(ProtocolFailure) {
            let certificate = try ImplicitCertificate(bytes: item.certificate)
            let party = try TrustedParty.issuer(of: certificate, among: self.desk.settings.issuers)
            return try party.trusted.issuer.publicKey(
                of: certificate,
                at: self.desk.clock() / 1_000,
                usage: .keyExchange
            )
        } catch {
            throw Problem(.notFound, code: "grant-refused", detail: "certificate-unusable: \(error.detail)")
        }
    }

    private static func handover(
        _ keys: [(sender: String, key: IndexKey)],
        _ item: ShareItem,
        _ receiver: P256PublicKey
    ) throws -> IndexKeyHandover {
        var plain = keys.prefix(IndexKeyHandover.entriesMax).map { (sender: $0.sender, key: $0.key.secretBytes()) }
        defer { for place in plain.indices { plain[place].key.wipe() } }
        return try IndexKeyHandover(plain, permission: item.id, scope: item.scope, to: receiver)
    }

    private static func problem(_ error: any Error) -> any Error {
        switch error {
        case let error as ChainReadingError where error.reason == .chainUnavailable:
            var problem = Problem(
                .serviceUnavailable,
                code: "chain-unavailable",
                detail: "the chain does not answer"
            )
            problem.headers[.retryAfter] = "2"
            return problem
        case let error as ChainReadingError:
            return Problem(.notFound, code: "grant-refused", detail: error.description)
        case let error as ShareRefusal:
            return Problem(.notFound, code: "grant-refused", detail: error.description)
        case let error as ProtocolFailure:
            return Problem(.notFound, code: "grant-refused", detail: "certificate-unusable: \(error.detail)")
        default: return error
        }
    }

    private static func problem(_ code: String, _ detail: String, after seconds: Int) -> Problem {
        var problem = Problem(.notFound, code: code, detail: detail)
        problem.headers[.retryAfter] = "\(seconds)"
        return problem
    }
}
