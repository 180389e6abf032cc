internal import Attesting
internal import BLSCertificates
package import ChainReading
internal import Consensus
package import Ledger
package import Uplink

/// A chain as a tool reads it: everything that is taken from it is proven by its genesis.
package struct ReadChain: Sendable {
    /// Its registered name; the relay chain's own.
    package let name: String
    package let genesis: Genesis
    package let urls: [ServiceURL]
    let chain: Uplink.ChainClient
    let committees: CommitteeFollower
    let http: SecureClient

    /// - Parameters:
    ///   - name: its registered name; the relay chain's own.
    ///   - genesis: from a trusted source.
    ///   - urls: of validators.
    ///   - client: presents an identity, or none.
    /// - Throws: for a genesis whose keys are of an unknown kind.
    package init(name: String, genesis: Genesis, urls: [ServiceURL], client: SecureClient) throws {
        let scheme = RememberingScheme(try ChainSignatures.required(of: genesis.committee))
        self.name = name
        self.genesis = genesis
        self.urls = urls
        self.http = client
        self.chain = Uplink.ChainClient(validators: urls, genesis: genesis, scheme: scheme, client: client)
        self.committees = CommitteeFollower(
            validators: urls,
            genesis: genesis,
            channel: .access,
            scheme: scheme,
            client: client
        )
    }

    /// - Throws: as ``init(name:genesis:urls:client:)``, and for files and addresses that cannot be used.
    package init(name: String?, endpoints: ChainEndpoints, client: SecureClient) throws {
        let genesis = try endpoints.genesis()
        try self.init(
            name: name ?? genesis.chain,
            genesis: genesis,
            urls: try endpoints.urls(of: genesis),
            client: client
        )
    }

    /// The newest value of a key of channel `access`, proven; nil when it has none.
    func value(of key: [UInt8]) async throws -> [UInt8]? {
        try await self.chain.value(of: key, on: .access).value
    }

    /// What one validator shows as its newest block, certified by the chain's committee.
    func head(of url: ServiceURL) async throws -> CertifiedHead {
        let bytes = try await ExplorerClient(base: url, client: self.http).block(at: nil, on: .access)
        let head = CertifiedHead(
            header: try LedgerBlock(bytes: bytes.payload).header,
            certificate: try QuorumCertificate(bytes: bytes.certificate)
        )
        try head.verify(by: try await self.committees.view(reaching: head.header.epoch))
        return head
    }

    /// The newest block that any validator shows.
    ///
    /// - Throws: what the last one said, when none shows any.
    func newest() async throws -> CertifiedHead {
        var newest: CertifiedHead?
        var failure: any Error = UplinkFailure.unreachable("no validator is named")
        for url in self.urls {
            do {
                let head = try await self.head(of: url)
                if head.header.height > newest?.header.height ?? 0 { newest = head }
            } catch { failure = error }
        }
        guard let newest else { throw failure }
        return newest
    }
}
