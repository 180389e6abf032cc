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

@Suite("Sealed share requests") struct SealedShareRequestTests {
    private static let share = [UInt8](repeating: 3, count: 32)
    private let key: P256KeyPair
    private let receiver: CertifiedKey
    private let signer: RequesterKey
    private let service: ServiceID

    init() throws {
        let authority = CertificateAuthority(name: "ca", key: .generate())
        let custodian = try Self.key("north:custodian:records", authority)
        self.key = custodian.key
        self.receiver = try CertifiedKey(custodian.certificate, from: custodian.issuer)
        self.signer = try Self.key("south:researcher:ada", authority)
        self.service = try ServiceID("hub:clinics:share")
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

    /// A signed transaction with arguments of a length.
    private func transaction(_ count: Int = 100) throws -> Transaction {
        try self.signer.sign(
            TransactionBody(
                chain: Array("clinics".utf8),
                channel: .access,
                signer: self.signer.certificate.digest,
                nonce: 1,
                validUntil: 2,
                contract: "access",
                method: "request",
                arguments: [UInt8](repeating: 7, count: count)
            )
        )
    }

    private func sealed(_ transaction: Transaction) throws -> SealedShareRequest {
        try SealedShareRequest(transaction, to: self.receiver, for: self.service, share: Self.share)
    }

    private func open(_ sealed: SealedShareRequest) throws -> Transaction {
        try sealed.open(with: self.key, for: self.service, share: Self.share)
    }

    @Test("what was sealed opens with the key that it names, from its bytes and out of a message")
    func wholeWay() throws {
        let transaction = try self.transaction()
        let sealed = try self.sealed(transaction)
        #expect(sealed.receiver == self.receiver.digest)
        #expect(try self.open(SealedShareRequest(bytes: sealed.bytes)) == transaction)
        var message = InterchainMessage(from: "hub:home:share", to: self.service.description, index: 1)
        message.payload = sealed.payload.bytes
        _ = try message.checkedPayload()
        #expect(try SealedShareRequest(in: message) == sealed)
    }

    @Test("lengths tell multiples of 1,024 bytes, and nothing more", arguments: [0, 1, 500, 700, 1_500, 8_000, 15_000])
    func lengths(count: Int) throws {
        let transaction = try self.transaction(count)
        let sealed = try self.sealed(transaction)
        let content = sealed.bytes.count - 86
        #expect(content % 1_024 == 0 && content >= transaction.bytes.count + 4)
        #expect(content < transaction.bytes.count + 4 + 1_024)
        #expect(try self.open(sealed) == transaction)
    }

    @Test("a transaction that is too long is not sealed")
    func tooLong() throws {
        let transaction = try self.transaction(16_384)
        #expect(throws: ProtocolFailure.self) { try self.sealed(transaction) }
    }

    @Test("another key, service or digest opens nothing")
    func bound() throws {
        let sealed = try self.sealed(self.transaction())
        let other = try ServiceID("hub:others:share")
        let failures: [() throws -> Transaction] = [
            { try sealed.open(with: .generate(), for: self.service, share: Self.share) },
            { try sealed.open(with: self.key, for: other, share: Self.share) },
            { try sealed.open(with: self.key, for: self.service, share: [UInt8](repeating: 4, count: 32)) },
        ]
        for failure in failures {
            let error = #expect(throws: ProtocolFailure.self) { try failure() }
            #expect(error?.code == .aead)
        }
    }

    @Test("no cut and no changed byte is taken for the request")
    func damaged() throws {
        let bytes = try self.sealed(self.transaction()).bytes
        for length in bytes.indices {
            let cut = Array(bytes.prefix(length))
            #expect(throws: ProtocolFailure.self) { try SealedShareRequest(bytes: cut) }
        }
        #expect(throws: ProtocolFailure.self) { try SealedShareRequest(bytes: bytes + [0]) }
        for place in Array(0..<90) + [500, bytes.count - 17, bytes.count - 1] {
            var changed = bytes
            changed[place] ^= 1
            let opened = try? self.open(SealedShareRequest(bytes: changed))
            #expect(opened == nil, "byte \(place)")
        }
    }

    @Test("padding other than zeros up to the next multiple is refused", arguments: [(0, UInt8(1)), (1_024, 0)])
    func padding(more: Int, last: UInt8) throws {
        var content = CanonicalWriter()
        content.lengthPrefixed(try self.transaction().bytes)
        let rest = 1_024 - content.bytes.count % 1_024 + more
        content.raw([UInt8](repeating: 0, count: rest - 1) + [last])
        let associated = transcript(
            Array("SHARE-SEAL".utf8),
            self.receiver.digest,
            Array(self.service.description.utf8),
            Self.share
        )
        var writer = CanonicalWriter()
        writer.magic("WLSQ")
        writer.u8(1)
        writer.raw(self.receiver.digest)
        writer.raw(try ECIES.seal(to: self.receiver.publicKey, associated: associated, plaintext: content.bytes))
        let sealed = try SealedShareRequest(bytes: writer.bytes)
        let error = #expect(throws: ProtocolFailure.self) { try self.open(sealed) }
        #expect(error?.code == .format)
    }

    @Test("messages of other calls, or encrypted as a whole, hold none")
    func otherMessages() throws {
        let sealed = try self.sealed(self.transaction())
        let contents = [
            InterchainContent(function: "share.grant", arguments: [sealed.bytes]),
            InterchainContent(function: "share.request", arguments: []),
            InterchainContent(function: "share.request", arguments: [sealed.bytes, sealed.bytes]),
        ]
        var payloads = contents.map { InterchainPayload(content: $0.bytes, hash: PayloadHash.request($0)) }
        payloads.append(InterchainPayload(isEncrypted: true, content: sealed.payload.content, hash: []))
        for payload in payloads {
            var message = InterchainMessage(from: "hub:home:share", to: self.service.description, index: 1)
            message.payload = payload.bytes
            #expect(throws: ProtocolFailure.self) { try SealedShareRequest(in: message) }
        }
    }
}
