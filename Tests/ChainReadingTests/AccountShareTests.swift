import CanonicalBytes
import Certificates
import ChainReading
import Contracts
import IBTP
import Ledger
import P256Group
import Signcryption
import Testing
import Transcripts

@Suite("Data whose owner has an account of a chain of another make") struct AccountShareTests {
    private static let account = "hub:evm:0x" + String(repeating: "0a", count: 20)
    private static let now: UInt64 = 1_700_000_000_000

    private let authority = CertificateAuthority(name: "ca", key: .generate())
    private let owner: RequesterKey
    private let asker: RequesterKey

    init() throws {
        self.owner = try Self.key("west:custodian:records", self.authority)
        self.asker = try Self.key("south:researcher:ada", self.authority)
    }

    private static func key(_ name: String, _ authority: CertificateAuthority) throws -> RequesterKey {
        let key = P256KeyPair.generate()
        let fields = CertificateFields(
            issuer: authority.issuer.name,
            serial: 7,
            subject: name,
            notBefore: 0,
            notAfter: 2_000_000_000,
            usage: [.sign, .keyExchange],
            attributes: []
        )
        let issued = try authority.issue(CertificateRequest(key, subject: name), fields: fields)
        return RequesterKey(
            certificate: issued.certificate,
            key: try issued.keyPair(for: key, from: authority.issuer),
            issuer: authority.issuer
        )
    }

    /// What is changed in an honest request.
    private struct Fault {
        var chain = "hub:evm"
        var from = "hub:south:share"
        var expires = AccountShareTests.now + 1_000
        var share: [UInt8]?
        var certificate: [UInt8]?
        var signer: RequesterKey?
    }

    private func access(_ expires: UInt64) -> RequestAccess {
        RequestAccess(
            request: [UInt8](repeating: 1, count: 32),
            scope: AccountAnswer.dataset(of: [1, 2, 3]),
            policy: [UInt8](repeating: 0, count: 32),
            organization: "west",
            purpose: "study",
            nonce: [UInt8](repeating: 2, count: 32),
            expires: expires
        )
    }

    private func message(_ fault: Fault = Fault()) throws -> InterchainMessage {
        let signer = fault.signer ?? self.asker
        let access = self.access(fault.expires)
        let inner = try signer.sign(
            access.body(
                chain: Array(fault.chain.utf8),
                channel: .access,
                signer: signer.certificate.digest,
                nonce: 1,
                validUntil: fault.expires
            )
        )
        let from = try ServiceID("hub:south:share")
        let asker = ShareRequest.asker(of: from, certificate: self.asker.certificate.bytes)
        let share = fault.share ?? ShareRequest.digest(access, by: self.asker.certificate.digest, asker: asker)
        let service = try ServiceID(Self.account)
        let receiver = try CertifiedKey(self.owner.certificate, from: self.authority.issuer)
        let sealed = try SealedShareRequest(inner, to: receiver, for: service, share: share)
        var message = InterchainMessage(from: fault.from, to: Self.account, index: 4)
        message.payload = sealed.payload.bytes
        message.extra = try RelayExtension(
            pathNonce: [UInt8](repeating: 3, count: 32),
            expiry: .max,
            certificate: fault.certificate ?? self.asker.certificate.bytes,
            shareRequest: share
        ).bytes
        return message
    }

    private func opened(_ message: InterchainMessage, issuers: [TrustedIssuer]? = nil) throws -> AccountRequest {
        let known = issuers ?? [TrustedIssuer(kind: .authority, issuer: self.authority.issuer)]
        return try AccountRequest(message, with: self.owner.key, issuers: known, at: Self.now)
    }

    @Test("the owner reads who asks for what, by what the asker signed for this chain")
    func reading() throws {
        let request = try self.opened(self.message())
        #expect(request.access == self.access(Self.now + 1_000))
        #expect(request.certificate == self.asker.certificate && request.issuer == self.authority.issuer)
        #expect(request.id.index == 4 && request.id.to.description == Self.account)
    }

    @Test("a request for another chain, of an unknown issuer, of another exchange, or that is over is refused")
    func refusals() throws {
        let stranger = CertificateAuthority(name: "ca", key: .generate())
        var faults = [Fault](repeating: Fault(), count: 7)
        faults[0].chain = "hub:south"
        faults[1].expires = Self.now - 1
        faults[2].share = [UInt8](repeating: 9, count: 32)
        // Somebody else asks about the same request, on his own chain or by an account of his.
        faults[3].certificate = self.owner.certificate.bytes
        faults[4].from = "hub:other:0x" + String(repeating: "0b", count: 20)
        faults[5].signer = try Self.key("south:researcher:ada", stranger)
        faults[6].signer = self.owner
        for (place, fault) in faults.enumerated() {
            let message = try self.message(fault)
            #expect(throws: ProtocolFailure.self, "fault \(place)") { try self.opened(message) }
        }
        let good = try self.message()
        #expect(throws: ProtocolFailure.self) { try self.opened(good, issuers: []) }
        #expect(throws: ProtocolFailure.self) {
            try AccountRequest(good, with: self.asker.key, issuers: [], at: Self.now)
        }
    }

    @Test("what is handed over opens for the requester in its exchange alone, and fits the answer alone")
    func delivering() throws {
        let request = try self.opened(self.message())
        let receiver = try CertifiedKey(request.certificate, from: request.issuer)
        let data: [UInt8] = [1, 2, 3]
        let delivery = try AccountDelivery(data, to: receiver, in: request.id, share: request.share)
        let read = try AccountDelivery(bytes: delivery.bytes)
        #expect(read == delivery)
        #expect(try read.open(with: self.asker.key, in: request.id, share: request.share) == data)
        let other = try MessageID(request.id.pair, index: 5)
        let share = request.share
        #expect(throws: ProtocolFailure.self) { try read.open(with: self.asker.key, in: other, share: share) }
        #expect(throws: ProtocolFailure.self) { try read.open(with: self.owner.key, in: request.id, share: share) }
        let answer = AccountAnswer(data, as: delivery)
        let result = InterchainResult(data: [answer.results], statuses: [true])
        let payload = InterchainPayload(content: result.bytes, hash: PayloadHash.receipt(result))
        let told = try AccountAnswer(payload: payload.bytes)
        #expect(told == answer)
        try told.require(delivery.bytes, holding: data)
        #expect(throws: ProtocolFailure.self) { try told.require(delivery.bytes, holding: [1, 2]) }
        let again = try AccountDelivery(data, to: receiver, in: request.id, share: request.share)
        #expect(throws: ProtocolFailure.self) { try told.require(again.bytes, holding: data) }
        for place in [0, 4, 5, delivery.bytes.count - 1] {
            var damaged = delivery.bytes
            damaged[place] ^= 1
            #expect(throws: ProtocolFailure.self) {
                _ = try AccountDelivery(bytes: damaged).open(with: self.asker.key, in: request.id, share: share)
                try told.require(damaged, holding: data)
            }
        }
    }

    @Test("an answer of another shape is none")
    func answers() throws {
        let word = [UInt8](repeating: 1, count: 32)
        for (results, status) in [
            ([word, word], true), ([word, word, [1]], true), ([word, word, Array(word[..<8])], false),
        ] {
            let result = InterchainResult(data: [results], statuses: [status])
            let payload = InterchainPayload(content: result.bytes, hash: PayloadHash.receipt(result))
            #expect(throws: ProtocolFailure.self) { try AccountAnswer(payload: payload.bytes) }
        }
    }
}
