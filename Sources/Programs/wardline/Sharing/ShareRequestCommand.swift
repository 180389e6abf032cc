import ArgumentParser
import CanonicalBytes
import Certificates
import ChainReading
import Consortium
import Contracts
import Credentials
import Foundation
import Ledger
import Requesting

/// What all ways of asking have in common.
struct ShareAsking: ParsableArguments {
    @OptionGroup var participants: ShareParticipants

    @Option(help: "The share's folder, which is made.", completion: .directory)
    var output: String

    @Flag(help: "Sign with the identity, which everybody then sees, instead of an unused pseudonym.")
    var identitySigned = false

    /// Makes the folder, asks, and tells what came of it.
    func ask(
        _ live: LiveParties,
        _ identity: Identity,
        _ order: ShareOrder,
        isPseudonym: Bool,
        proofs: (any ProofSource)? = nil,
        across: AcrossOptions? = nil
    ) async throws {
        if PrivateFile.exists("\(self.output)/share.json") { throw ShareFolderError.exists(self.output) }
        let key = try ShareKeys.new(identity, isPseudonym: isPseudonym)
        let home = try across?.home()
        let folder = try ShareFolder(
            creating: self.output,
            order,
            for: key,
            chain: live.parties.chain.identifier,
            over: home
        )
        let lock = try folder.lock()
        defer { lock.release() }
        if let home, let across {
            let asking = AskingAcross(folder, key, live, identity, home: home, proofs: proofs)
            return try ShareTexts.report(try await asking.ask(across.settings()), folder)
        }
        let asker = AccessAsker(
            parties: live.parties,
            receiver: key,
            proofs: proofs,
            emergency: order.emergency?.reason
        )
        try ShareTexts.report(try await asker.ask(folder), folder)
    }
}

struct ShareRequestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "Ask for a data set or a scope.",
        discussion: """
            With --credential it proves that the credential satisfies the policy, and shows nothing else; a permission \
            may then come in the same block. Without, a steward decides. Of a data set each scope is asked for on its own. \
            Exit code 1 when a request was refused; `wardline share status` says why. With --chain the request goes \
            sealed over that chain and the relay chain, and exit code 3 says that it is still on its way.
            """
    )

    @OptionGroup var asking: ShareAsking

    @Option(help: "The data set, 64 hexadecimal digits.")
    var dataset: String?

    @Option(help: "A scope's digest, 64 hexadecimal digits; may be repeated.")
    var scope: [String] = []

    @Option(help: "A code of 1 to 64 characters, for example research.")
    var purpose: String

    @Option(help: "The credential, complete, of `wardline credential request`.", completion: .file())
    var credential: String?

    @Option(help: "The folder of proving keys; the consortium's file names it otherwise.", completion: .directory)
    var keys: String?

    @OptionGroup var across: AcrossOptions

    func validate() throws {
        guard (self.dataset == nil) != self.scope.isEmpty else {
            throw ValidationError("name either a data set with --dataset or scopes with --scope")
        }
    }

    func run() async throws {
        try await reportingFailure {
            let isPseudonym = !self.asking.identitySigned
            try await self.asking.participants.connected(isPseudonym: isPseudonym) { live, file, identity in
                let order = try await self.order(live)
                let prover = try self.prover(live, file)
                try await self.asking.ask(
                    live,
                    identity,
                    order,
                    isPseudonym: isPseudonym,
                    proofs: prover,
                    across: self.across
                )
            }
        }
    }

    private func order(_ live: LiveParties) async throws -> ShareOrder {
        let way: ShareRecord.Way = self.credential == nil ? .request : .proof
        let catalog = DatasetCatalog(chain: live.parties.chain, keys: live.discovery)
        if let dataset = self.dataset {
            let found = try await catalog.dataset(ProofInputs.digest(dataset, "--dataset"))
            let scopes = found.arguments.scopes.map {
                ShareOrder.Scope(digest: $0, organization: found.organization)
            }
            var order = ShareOrder(way: way, purpose: self.purpose, scopes: scopes)
            order.dataset = found.arguments.dataset
            return order
        }
        var scopes: [ShareOrder.Scope] = []
        for text in self.scope {
            let digest = try ProofInputs.digest(text, "--scope")
            scopes.append(
                ShareOrder.Scope(digest: digest, organization: try await catalog.organization(of: digest))
            )
        }
        return ShareOrder(way: way, purpose: self.purpose, scopes: scopes)
    }

    private func prover(_ live: LiveParties, _ file: ConsortiumFile) throws -> (any ProofSource)? {
        guard let credential = self.credential else { return nil }
        guard let keys = self.keys ?? file.proofKeys else {
            throw ValidationError("name the folder of proving keys with --keys DIRECTORY")
        }
        return CredentialProver(
            try CredentialStore.read(credential),
            keys: ProvingKeyFolder(keys),
            chain: live.parties.chain,
            clock: live.parties.clock
        )
    }
}

struct ShareAcceptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept",
        abstract: "Take up what a patient offers.",
        discussion: "Every scope of the offer gets a permission in the block of its acceptance."
    )

    @OptionGroup var asking: ShareAsking

    @Option(help: "The offer, 64 hexadecimal digits.")
    var offer: String

    func run() async throws {
        try await reportingFailure {
            let isPseudonym = !self.asking.identitySigned
            try await self.asking.participants.connected(isPseudonym: isPseudonym) { live, _, identity in
                let id = try ProofInputs.digest(self.offer, "--offer")
                let fact = try await live.parties.chain.fact(of: AccessKey.offer(id), on: .access)
                guard let offer = fact.value.flatMap({ try? Offer(bytes: $0) }) else {
                    throw CommandFailure("the chain holds no offer \(id.hex)")
                }
                guard offer.withdrawn == 0, offer.arguments.validUntil >= fact.time else {
                    throw CommandFailure("the offer was withdrawn, or its time is over")
                }
                var order = ShareOrder(
                    way: .offer,
                    purpose: offer.arguments.purpose,
                    scopes: offer.arguments.scopes.map {
                        ShareOrder.Scope(digest: $0, organization: offer.author.organization)
                    }
                )
                order.offer = id
                try await self.asking.ask(live, identity, order, isPseudonym: isPseudonym)
            }
        }
    }
}

struct ShareEmergencyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emergency",
        abstract: "Take access in an emergency, as a clinician in her own name.",
        discussion: """
            The permission is short, nobody's consent stops it, and everybody concerned is told. The reason's text goes to \
            the custodian of the data; the chain gets its digest. Reasons: 1 life in danger, 2 the patient cannot be asked, \
            3 the treatment cannot wait, 4 others' health, 5 another one.
            """
    )

    @OptionGroup var participants: ShareParticipants

    @Option(help: "The share's folder, which is made.", completion: .directory)
    var output: String

    @Option(help: "A scope's digest, 64 hexadecimal digits; may be repeated.")
    var scope: [String]

    @Option(help: "1 to 5.")
    var reason: UInt8

    @Option(help: "The file with the reason in words.", completion: .file())
    var statement: String

    func run() async throws {
        try await reportingFailure {
            guard let reason = EmergencyReason(rawValue: self.reason) else {
                throw ValidationError("--reason is 1 to 5")
            }
            let bytes = try PrivateFile.read(self.statement, upTo: 65_536, isSecret: false)
            let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            _ = try EmergencyStatement.digest(of: text)
            try await self.participants.connected(isPseudonym: false) { live, _, identity in
                let catalog = DatasetCatalog(chain: live.parties.chain, keys: live.discovery)
                var scopes: [ShareOrder.Scope] = []
                for name in self.scope {
                    let digest = try ProofInputs.digest(name, "--scope")
                    scopes.append(
                        ShareOrder.Scope(digest: digest, organization: try await catalog.organization(of: digest))
                    )
                }
                var order = ShareOrder(way: .emergency, purpose: EmergencyAccess.purpose, scopes: scopes)
                order.emergency = ShareOrder.Emergency(reason: reason, statement: text)
                let asking = try ShareAsking.parse(["--output", self.output, "--identity-signed"])
                try await asking.ask(live, identity, order, isPseudonym: false)
            }
        }
    }
}
