import ArgumentParser
import BLSCertificates
import CanonicalBytes
import Certificates
import ChainReading
import Contracts
import Credentials
import Foundation
import Ledger
import PathProofs
import Uplink

/// A chain and the identity that is shown to it.
struct ChainOptions: ParsableArguments {
    @Option(help: "The relay chain's genesis.", completion: .file())
    var hubGenesis: String

    @Option(help: "A validator of the relay chain, https://host:7401; may be repeated.")
    var hubValidator: [String]

    @Option(help: "A gateway's identity for the relay chain.", completion: .directory)
    var hubIdentity: String

    func hub() throws -> Side {
        try Side(genesis: self.hubGenesis, validators: self.hubValidator, identity: self.hubIdentity)
    }
}

/// A chain as a party of it uses it.
struct Side {
    let identity: Identity
    let http: SecureClient
    let genesis: Genesis
    let urls: [ServiceURL]
    let client: ChainClient
    let writer: ChainSubmitter

    init(genesis path: String, validators: [String], identity directory: String) throws {
        let identity = try Identity.load(directory: directory)
        let genesis = try Genesis(bytes: PrivateFile.read(path, upTo: 64 << 20, isSecret: false))
        let urls = try validators.map { text in
            guard let url = ServiceURL(text) else { throw ValidationError("\(text) is no address") }
            return url
        }
        let http = SecureClient(
            identity: IdentityWatch(identity),
            servers: [.validator, .relay],
            of: .allies,
            requestSeconds: 30
        )
        let client = ChainClient(
            validators: urls,
            genesis: genesis,
            scheme: try ChainSignatures.required(of: genesis.committee),
            client: http
        )
        (self.identity, self.genesis, self.urls, self.http, self.client) = (identity, genesis, urls, http, client)
        self.writer = ChainSubmitter(client, key: RequesterKey(identity))
    }

    func close() async { await self.http.close() }

    /// The list of verification nodes of a chain, as the relay chain has it now.
    func list(of chain: String) async throws -> VerificationNodeList {
        guard let bytes = try await self.client.value(of: RelayKey.listEpoch(chain), on: .access).value else {
            throw ValidationError("the relay chain has no list of \(chain)")
        }
        let epoch = bytes.reduce(0) { $0 << 8 | UInt64($1) }
        let value = try await self.client.value(of: RelayKey.list(chain, epoch), on: .access).value
        guard let value else { throw ValidationError("the relay chain has no list \(epoch) of \(chain)") }
        return try VerificationNodeList(bytes: try ListRecord(bytes: value).list)
    }

    /// Hands something in.
    ///
    /// - Returns: the code that it was rejected with; 0 when it took effect.
    func attempt(_ arguments: some MethodArguments) async throws -> UInt16 {
        do {
            _ = try await self.writer.submit(arguments)
            return 0
        } catch {
            guard case .rejected(let code, _)? = error as? ChainSubmissionError else { throw error }
            return code
        }
    }
}

/// One line of JSON for each thing that was tried.
enum Report {
    static func line(_ what: String, code: UInt16, expected: Set<UInt16>) throws -> Bool {
        let isRefused = expected.contains(code)
        let record: [String: Any] = [
            "tried": what, "code": Int(code), "name": RejectionCode.name(code) ?? "", "as_expected": isRefused,
        ]
        let data = try JSONSerialization.data(withJSONObject: record, options: [.sortedKeys])
        FileHandle.standardOutput.write(data + Data("\n".utf8))
        return isRefused
    }
}
