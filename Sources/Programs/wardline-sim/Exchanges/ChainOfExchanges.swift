import ArgumentParser
internal import BLSCertificates
internal import CanonicalBytes
internal import Certificates
internal import ChainReading
internal import Contracts
internal import Credentials
internal import IBTP
internal import Ledger
internal import Uplink

/// A chain as the exchanges' load reaches it.
struct ChainOfExchanges: Sendable {
    let http: SecureClient
    let client: ChainClient
    let key: RequesterKey

    /// - Throws: for files that cannot be read, and for words that are no addresses.
    init(genesis path: String, validators: [String], identity directory: String) throws {
        let identity = try Identity.load(directory: directory)
        let genesis = try Genesis(bytes: try PrivateFile.read(path, upTo: 64 << 20, isSecret: false))
        let scheme = try ChainSignatures.required(of: genesis.committee)
        let urls = try validators.map { text in
            guard let url = ServiceURL(text) else { throw ValidationError("\(text) is no address") }
            return url
        }
        self.http = SecureClient(identity: IdentityWatch(identity), servers: [.validator], requestSeconds: 60)
        self.client = ChainClient(validators: urls, genesis: genesis, scheme: scheme, client: self.http)
        self.key = RequesterKey(identity)
    }

    /// Notes when this chain, as a relay chain, took a request; waits for it.
    func note(_ report: inout ExchangeReport, until deadline: ContinuousClock.Instant) async throws {
        let subject = EventSubjects.exchange(try MessageID(report.id))
        while true {
            let entries = try await self.client.events(of: subject, after: nil, on: .access)
            if let taken = entries.first(where: { $0.topic == "relay.taken" }),
                let proof = try await self.client.proof(of: taken.transaction, on: .access)
            {
                report.taken = proof.header.time
                return
            }
            guard ContinuousClock.now < deadline else { return }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
