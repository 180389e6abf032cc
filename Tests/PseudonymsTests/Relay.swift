import CanonicalBytes
import Certificates
import P256Group
import Pseudonyms
import Testing
import Transcripts

/// A home chain's authorities with users, and a relay chain's pseudonym authority.
struct Relay {
    static let now: UInt64 = 1500
    static let message = Array("transfer".utf8)

    let authority = CertificateAuthority(name: "home", key: .generate())
    let registration: RegistrationAuthority
    let pseudonyms: PseudonymAuthority

    init() throws {
        self.registration = RegistrationAuthority(name: "ra", handleKey: try SealingKey(SecureRandom.bytes(32)))
        self.pseudonyms = PseudonymAuthority(
            name: "pca",
            key: .generate(),
            extensionKey: try SealingKey(SecureRandom.bytes(32))
        )
    }

    /// A user with an identity certificate and one request.
    struct User {
        let certificate: ImplicitCertificate
        let identity: P256KeyPair
        let holder: PseudonymHolder
        let request: PseudonymRequest
    }

    func user(_ subject: String, requesting name: String? = nil, to ra: String = "ra", count: UInt32 = 2) throws -> User
    {
        let key = P256KeyPair.generate()
        let fields = CertificateFields(
            issuer: "home",
            serial: 1,
            subject: subject,
            notBefore: 1000,
            notAfter: 2000,
            usage: [.sign, .keyExchange],
            attributes: ["role:researcher"]
        )
        let issued = try self.authority.issue(CertificateRequest(key, subject: subject), fields: fields)
        let identity = try issued.keyPair(for: key, from: self.authority.issuer)
        let holder = try PseudonymHolder(subject: name ?? subject, epoch: 9, count: count)
        return User(
            certificate: issued.certificate,
            identity: identity,
            holder: holder,
            request: try holder.request(to: ra, identity: identity)
        )
    }

    func accept(_ user: User, at now: UInt64 = Relay.now) throws(ProtocolFailure) -> VerifiedPseudonymRequest {
        try self.registration.accept(
            user.request,
            from: user.certificate,
            issuer: self.authority.issuer,
            at: now,
            countMax: 4
        )
    }

    func issue(_ order: CocoonOrder) throws(ProtocolFailure) -> PseudonymResponse {
        try self.pseudonyms.issue(
            cocoonKey: order.cocoonKey,
            handle: order.handle,
            terms: PseudonymTerms(serial: .random(in: 0...(.max)), notBefore: 1000, notAfter: 2000, attributes: [])
        )
    }

    /// The pseudonym of the user's certificate of this index.
    func pseudonym(of user: User, index: UInt32 = 0) throws -> Pseudonym {
        let order = try self.registration.orders(for: self.accept(user))[Int(index)]
        return try user.holder.receive(self.issue(order).bytes, index: index, issuer: self.pseudonyms.issuer)
    }
}

/// The code of the failure; nil when there was none.
func code(_ operation: () throws -> Void) -> ProtocolFailure.Code? {
    do {
        try operation()
        return nil
    } catch let failure as ProtocolFailure {
        return failure.code
    } catch {
        Issue.record(error)
        return nil
    }
}
