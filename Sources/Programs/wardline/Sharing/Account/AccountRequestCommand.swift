import ArgumentParser
import CanonicalBytes
import Certificates
import ChainReading
import Contracts
import Credentials
import Foundation
import IBTP
import Ledger
import Requesting
import Signcryption
import Transcripts

struct AccountRequestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "Ask an account of a chain with an EVM for data, over the own chain and the relay chain.",
        discussion: """
            The request is signed, and sealed to the owner's certificate: nobody on the way reads what is asked for. Given \
            again with the same folder it goes on with the same request. Prints the exchange's identifier.
            """
    )

    @OptionGroup var participants: ShareParticipants

    @Option(help: "The owner's account, hub:chain:0x….", transform: EVMText.service)
    var to: ServiceID

    @Option(help: "The data's digest, 64 hexadecimal digits, of `wardline share account dataset`.")
    var dataset: String

    @Option(help: "Whose data it is.")
    var organization: String

    @Option(help: "The owner's certificate: `current/certificate.wlc` of its identity.", completion: .file())
    var ownerCertificate: String

    @Option(help: "Who certified the owner: authority.json of an identity.", completion: .file())
    var ownerIssuer: String

    @Option(help: "A code of 1 to 64 characters, for example research.")
    var purpose: String

    @Option(help: "Days for an answer.")
    var days: UInt64 = 7

    @Option(help: "After how many blocks of the relay chain the exchange is undone; 0 for never.")
    var timeoutBlocks: UInt64 = 0

    @Flag(help: "Sign with the identity, which the owner then sees, instead of an unused pseudonym.")
    var identitySigned = false

    @Option(help: "The folder of the request, which is made.", completion: .directory)
    var output: String

    func validate() throws {
        guard (1...365).contains(self.days), self.timeoutBlocks <= UInt64(Int64.max) else {
            throw ValidationError("--days is 1 to 365")
        }
    }

    func run() async throws {
        try await reportingFailure {
            let isPseudonym = !self.identitySigned
            try await self.participants.connected(isPseudonym: isPseudonym) { live, _, identity in
                let chain = live.parties.chain
                var record: AccountShareRecord
                if PrivateFile.exists("\(self.output)/\(AccountShareRecord.fileName)") {
                    record = try AccountShareRecord.read(self.output)
                } else {
                    let key = try ShareKeys.new(identity, isPseudonym: isPseudonym)
                    record = try await self.record(key, chain)
                    try PrivateFile.makeDirectory(self.output)
                    let encoder = JSONEncoder()
                    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
                    // Signed and on the disk before it is sent.
                    try PrivateFile.write(
                        Array(try encoder.encode(record)),
                        to: "\(self.output)/\(AccountShareRecord.fileName)"
                    )
                }
                guard let bytes = [UInt8](hex: record.call) else { throw CommandFailure("the folder is damaged") }
                let proof = try await live.line.settle(try Transaction(bytes: bytes))
                guard proof.receipt.code == 0 else {
                    throw CommandFailure("the home chain rejected the call: \(RejectionCode.text(proof.receipt.code))")
                }
                try PrivateFile.write(proof.bytes, to: "\(self.output)/\(AccountShareRecord.callProof)")
                try StandardOutput.write("\(try AccountExchange.id(in: proof))\n")
            }
        }
    }

    private func record(_ key: RequesterKey, _ chain: any RequesterChain) async throws -> AccountShareRecord {
        let relays = try await RelayReader { try await chain.fact(of: $0, on: .access).value }.relays()
        guard !relays.isEmpty else { throw CommandFailure("the home chain is not connected to a relay chain") }
        guard let link = relays.first(where: { $0.link.hub == self.to.hub })?.link else {
            throw CommandFailure("\(self.to) is of another relay chain")
        }
        let now = Seconds.now
        let dataset = try ProofInputs.digest(self.dataset, "--dataset")
        let access = RequestAccess(
            request: SecureRandom.bytes(32),
            scope: dataset,
            policy: [UInt8](repeating: 0, count: 32),
            organization: self.organization,
            purpose: self.purpose,
            nonce: SecureRandom.bytes(32),
            expires: (now + self.days * 86_400) * 1_000
        )
        let asking = try ServiceID(hub: link.hub, chain: link.name, service: "share")
        let asker = ShareRequest.asker(of: asking, certificate: key.certificate.bytes)
        let share = ShareRequest.digest(access, by: key.certificate.digest, asker: asker)
        let inner = try key.sign(
            access.body(
                chain: Array(self.to.chainName.utf8),
                channel: .access,
                signer: key.certificate.digest,
                nonce: now * 1_000_000,
                validUntil: access.expires
            )
        )
        let sealed = try SealedShareRequest(inner, to: self.owner(at: now), for: self.to, share: share)
        let extra = try RelayExtension(
            pathNonce: SecureRandom.bytes(RelayExtension.pathNonceBytes),
            expiry: access.expires / 1_000 + 3_600,
            certificate: key.certificate.bytes,
            shareRequest: share
        )
        let target = CallService.Target(to: self.to.description, payload: sealed.payload.bytes, extra: extra.bytes)
        let call = try key.sign(
            CallService(service: "share", timeoutBlocks: self.timeoutBlocks, targets: [target]).body(
                chain: chain.identifier,
                channel: .access,
                signer: key.certificate.digest,
                nonce: now * 1_000_000,
                validUntil: (now + 60) * 1_000
            )
        )
        return AccountShareRecord(
            service: self.to.description,
            dataset: dataset.hex,
            share: share.hex,
            requester: key.certificate.digest.hex,
            isPseudonym: key.isPseudonym,
            call: call.bytes.hex
        )
    }

    /// The owner's key, to which nobody but the owner has the other half.
    private func owner(at now: UInt64) throws -> CertifiedKey {
        let issuer = try IssuerFile.read(self.ownerIssuer, kind: .authority).issuer
        let bytes = try PrivateFile.read(self.ownerCertificate, upTo: 65_536, isSecret: false)
        let key = try CertifiedKey(bytes: bytes, from: issuer)
        try key.require(.keyExchange, at: now)
        return key
    }
}

/// What the home chain says of an exchange.
enum AccountExchange {
    /// The exchange that a call has opened.
    static func id(in proof: TransactionProof) throws -> MessageID {
        for event in proof.receipt.events where event.topic == OutboundTree.out.topic {
            if case .message(let message) = try OutboundLeaf(bytes: event.data) { return try message.id }
        }
        throw CommandFailure("the call has opened no exchange")
    }

    /// How an exchange ended, by a proof.
    static func end(of id: MessageID, in proof: TransactionProof) throws -> ExchangeClosed {
        for event in proof.receipt.events where event.topic == ExchangeClosed.topic {
            let closed = try ExchangeClosed(bytes: event.data)
            if closed.id == id { return closed }
        }
        throw CommandFailure("the transaction does not end \(id)")
    }
}
