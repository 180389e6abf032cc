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
            if isSame, try await !self.isOver(inner) { return kept }
        }
        let fresh = try await self.sealed(scope, asked)
        try scope.write(fresh)
        return fresh
    }

    /// Whether a transaction's time is over and no block has it.
    private func isOver(_ transaction: Transaction) async throws -> Bool {
        let (end, overflows) = transaction.body.validUntil.addingReportingOverflow(Self.skewMilliseconds)
        guard !overflows, self.clock() > end else { return false }
        return try await self.data.proof(of: transaction.id, on: .access) == nil
    }

    private func sealed(_ scope: ScopeFolder, _ asked: Asked) async throws -> CarriedRecord {
        let service = try await self.service()
        try self.requireAccepted()
        let custodian = try await self.custodian(scope, asked.access)
        let asking = try await self.asking()
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

    /// The service in whose name the home chain asks.
    private func asking() async throws -> ServiceID {
        switch self.home {
        case .own(let home):
            let link = try await self.link(home.chain, "home")
            return try ServiceID(hub: link.hub, chain: link.name, service: Self.serviceName)
        case .account(let account): return account.service
        }
    }

    /// The data's chain's service for requests, as the relay chain that both know names it.
    private func service() async throws -> ServiceID {
        let (here, there) = (try await self.asking(), try await self.link(self.data, "data's"))
        guard here.hub.isSame(as: there.hub), !here.chain.isSame(as: there.name) else {
            throw ShareTrouble(
                .request,
                isWaiting: false,
                code: "another-hub",
                "the home chain and the data's are not two chains of one relay chain"
            )
        }
        return try ServiceID(hub: there.hub, chain: there.name, service: Self.serviceName)
    }

    static let serviceName = "share"

    private func link(_ chain: any RequesterChain, _ which: String) async throws -> InterchainLink {
        guard let bytes = try await chain.fact(of: InterchainKey.link, on: .access).value else {
            throw ShareTrouble(
                .request,
                isWaiting: true,
                code: "not-connected",
                "the \(which) chain is not connected to a relay chain"
            )
        }
        return try InterchainLink(bytes: bytes)
    }

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
