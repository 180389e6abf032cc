internal import CanonicalBytes
internal import Certificates
internal import ChainReading
internal import Contracts
internal import IBTP
internal import Ledger
internal import Records
internal import Signcryption
internal import Transcripts

/// Both transactions of a request are signed before the first is sent.
extension CarriedRequests {
    /// What was begun before, if it can still come to something; otherwise what begins now.
    func record(_ scope: ScopeFolder, _ asked: Asked) async throws -> CarriedRecord {
        if let kept = try scope.carried() {
            let inner = try kept.innerTransaction(scope)
            let isSame = inner.body.arguments == asked.bytes && inner.body.signer == self.receiver.certificate.digest
            if isSame, try await !self.isOver(inner), try await self.stays(kept) { return kept }
        }
        let fresh = try await self.sealed(scope, asked)
        try scope.write(fresh)
        return fresh
    }

    /// Whether what was begun goes on its way.
    ///
    /// What may have opened an exchange does, whatever becomes of its relay chain: a second exchange about one request could
    /// undo what the first has brought. A call that the home chain has rejected opened nothing, and may go another way.
    private func stays(_ kept: CarriedRecord) async throws -> Bool {
        guard kept.isRejected, kept.exchange == nil else { return true }
        return try await self.route().to.description.isSame(as: kept.destination)
    }

    /// Whether a transaction's time is over and no block has it.
    private func isOver(_ transaction: Transaction) async throws -> Bool {
        let (end, overflows) = transaction.body.validUntil.addingReportingOverflow(Self.skewMilliseconds)
        guard !overflows, self.clock() > end else { return false }
        return try await self.data.proof(of: transaction.id, on: .access) == nil
    }

    private func sealed(_ scope: ScopeFolder, _ asked: Asked) async throws -> CarriedRecord {
        let route = try await self.route()
        let (service, asking) = (route.to, route.from)
        if !route.text.isEmpty { self.progress(.routed(over: route.text)) }
        try self.requireAccepted()
        let custodian = try await self.custodian(scope, asked.access)
        let asker = ShareRequest.asker(of: asking, certificate: self.receiver.certificate.bytes)
        let share = ShareRequest.digest(asked.access, by: self.receiver.certificate.digest, asker: asker)
        let lifetime = try await self.lifetime()
        let now = self.clock()
        let inner = try self.receiver.sign(
            TransactionBody(
                chain: self.data.identifier,
                channel: .access,
                signer: self.receiver.certificate.digest,
                nonce: Self.nonce(at: now),
                validUntil: now + lifetime,
                contract: asked.contract,
                method: asked.method,
                arguments: asked.bytes
            )
        )
        let sealed = try SealedShareRequest(inner, to: custodian, for: service, share: share)
        let (expiry, overflows) = (asked.access.expires / 1_000).addingReportingOverflow(Self.expiryMargin)
        let extra = try RelayExtension(
            pathNonce: SecureRandom.bytes(RelayExtension.pathNonceBytes),
            expiry: overflows ? .max : expiry,
            certificate: self.shownCertificate,
            shareRequest: share
        )
        let target = CallService.Target(
            to: service.description,
            payload: sealed.payload.bytes,
            extra: extra.bytes
        )
        let call = CallService(
            service: Self.serviceName,
            timeoutBlocks: self.settings.timeoutBlocks,
            targets: [target]
        )
        self.progress(.sealed(to: custodian.subject))
        return CarriedRecord(
            destination: service.description,
            share: share.hex,
            custodian: custodian.digest.hex,
            inner: inner.bytes.hex,
            call: try self.kept(call, at: now).hex
        )
    }

    /// What is kept of the call that opens the exchange: signed, where the requester's certificate signs it.
    private func kept(_ call: CallService, at now: UInt64) throws -> [UInt8] {
        switch self.home {
        case .own(let home): try self.signed(call.bytes, for: home, at: now).bytes
        case .account: call.bytes
        }
    }

    /// The certificate that asks on the home chain; nil for an account.
    ///
    /// An account is known by its own key: with a certificate beside it
    /// everybody on the way would know whose it is.
    private var shownCertificate: [UInt8]? {
        switch self.home {
        case .own: self.receiver.certificate.bytes
        case .account: nil
        }
    }

    /// Over which relay chain a new request goes; an account's chain has only one.
    private func route() async throws -> RequestRoute {
        switch self.home {
        case .own(let home):
            let reading = RouteReading(
                home: home.chain,
                data: self.data,
                rules: try self.settings.routes.rules(),
                now: self.clock()
            )
            return try await reading.choose(Self.serviceName)
        case .account(let account):
            let from = account.service
            let relay = try await RouteReading.relays(of: self.data, "data's").first {
                $0.link.hub.isSame(as: from.hub)
            }
            guard let link = relay?.link, !from.chain.isSame(as: link.name) else { throw RouteReading.apart }
            let to = try ServiceID(hub: link.hub, chain: link.name, service: Self.serviceName)
            return RequestRoute(from: from, to: to, text: "")
        }
    }

    static let serviceName = "share"

    /// Requires that the data's chain will know who signed: there, nobody would tell.
    private func requireAccepted() throws {
        do throws(ProtocolFailure) {
            _ = try TrustedParty.issuer(of: self.receiver.certificate, among: self.issuers)
        } catch {
            throw ShareTrouble(
                .request,
                isWaiting: false,
                code: "issuer-not-trusted",
                "the data's chain does not accept certificates of \(self.receiver.certificate.fields.issuer)"
            )
        }
    }

    private func custodian(_ scope: ScopeFolder, _ access: RequestAccess) async throws -> CertifiedKey {
        let certificates = CustodianCertificates(chain: self.data, issuers: self.issuers, clock: self.clock)
        if let given = self.settings.custodian {
            return try await certificates.key(given: given, of: access.organization)
        }
        let dataset = try self.folder.record().dataset.flatMap { [UInt8](hex: $0) }
        return try await certificates.key(for: access.scope, of: access.organization, dataset: dataset)
    }

    /// How long the request may be on its way, ms: as long as the data's chain allows, less what clocks may differ by.
    private func lifetime() async throws -> UInt64 {
        let parameter = ChainParameter.transactionLifetime
        let fact = try await self.data.fact(of: StateKey.parameter(parameter.rawValue), on: .access)
        var limit = parameter.defaultValue
        if let bytes = fact.value {
            var reader = CanonicalReader(bytes)
            limit = try reader.u64()
        }
        return limit > 2 * Self.skewMilliseconds ? limit - Self.skewMilliseconds : max(1, limit / 2)
    }

    /// Newer than those that this signer used; two requests of one moment have different ones.
    private static func nonce(at now: UInt64) -> UInt64 { now * 1_000 + .random(in: 0..<1_000) }

    func signed(_ call: [UInt8], for home: HomeChain, at now: UInt64) throws -> Transaction {
        try self.receiver.sign(
            TransactionBody(
                chain: home.chain.identifier,
                channel: .access,
                signer: self.receiver.certificate.digest,
                nonce: Self.nonce(at: now),
                validUntil: now + Self.callMilliseconds,
                contract: CallService.contract,
                method: CallService.method,
                arguments: call
            )
        )
    }
}
