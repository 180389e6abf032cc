import BLS12381
import CanonicalBytes
import Certificates
import FiniteFields
import P256Group
import SecretSharing
import Signcryption
import Testing
import Transcripts

@testable import IdentityEncryption

/// A KGC and privacy centers that have set their key up, with an authority that certifies requesters.
struct Consortium {
    static let context = Array("parameters-1".utf8)
    static let now: UInt64 = 1500

    let secrets: [SecretFr]
    let steps: [SetupStep]
    let commitments: [[UInt8]]
    let parameters: JointParameters
    let authority = CertificateAuthority(name: "authority", key: .generate())

    init(parties: Int = 3) throws {
        let secrets = (0..<parties).map { _ in SecretFr.random() }
        let steps = try Self.steps(secrets)
        self.secrets = secrets
        self.steps = steps
        self.commitments = Self.commitments(steps)
        self.parameters = try JointParameters(
            verifying: steps,
            context: Self.context,
            commitments: self.commitments
        )
    }

    static func steps(_ secrets: [SecretFr], context: [UInt8] = Self.context) throws -> [SetupStep] {
        var steps: [SetupStep] = []
        for (party, secret) in secrets.enumerated() {
            let previous = steps.last?.product ?? []
            steps.append(try SetupStep(secret, party: UInt8(party), previous: previous, context: context))
        }
        return steps
    }

    static func commitments(_ steps: [SetupStep]) -> [[UInt8]] {
        steps.enumerated().map { SetupStep.commitment(party: UInt8($0.offset), point: $0.element.point) }
    }

    func party(_ place: Int) -> IssuingParty {
        IssuingParty(place: UInt8(place), share: self.secrets[place], parties: self.parameters.parties)
    }

    /// Plays the parties one after the other.
    func issue(_ request: [UInt8]) throws -> [[UInt8]] {
        var steps: [[UInt8]] = []
        for place in self.secrets.indices { steps.append(try self.step(place, request, after: steps)) }
        return steps
    }

    func step(_ place: Int, _ request: [UInt8], after steps: [[UInt8]]) throws -> [UInt8] {
        try self.party(place).issue(request, after: steps, issuer: self.authority.issuer, at: Self.now)
    }

    /// The key of an identity, issued to somebody.
    func key(of identity: [UInt8]) throws -> IdentityKey {
        let requester = try Requester(self.authority)
        let blinding = SecretFr.random()
        let steps = try self.issue(requester.request(identity, blinding: blinding).bytes)
        return try IdentityKey(
            finishing: #require(steps.last),
            blinding: blinding,
            identity: identity,
            parameters: self.parameters.key
        )
    }
}

/// Somebody with a certificate who asks for keys.
struct Requester {
    let key: P256KeyPair
    let certificate: ImplicitCertificate

    init(_ authority: CertificateAuthority, usage: CertificateUsage = [.sign, .keyExchange]) throws {
        let request = P256KeyPair.generate()
        let fields = CertificateFields(
            issuer: "authority",
            serial: 7,
            subject: "north:receiver:ward-3",
            notBefore: 1000,
            notAfter: 2000,
            usage: usage,
            attributes: [],
            extensionBytes: []
        )
        let issued = try authority.issue(CertificateRequest(request, subject: fields.subject), fields: fields)
        self.key = try issued.keyPair(for: request, from: authority.issuer)
        self.certificate = issued.certificate
    }

    func terms(_ identity: [UInt8]) -> KeyRequestTerms {
        KeyRequestTerms(
            identity: identity,
            requester: self.certificate.digest.hex,
            permission: Array("permission-9".utf8),
            nonce: SecureRandom.bytes(32)
        )
    }

    func request(_ identity: [UInt8], blinding: SecretFr) throws -> SignedKeyRequest {
        try self.signed(KeyRequest(self.terms(identity), blinding: blinding))
    }

    func signed(_ request: KeyRequest) throws -> SignedKeyRequest {
        try SignedKeyRequest(request, certificate: self.certificate.bytes, key: self.key)
    }
}

let dataIdentity = EpochCapsule.dataIdentity(owner: "patient-7", label: "vitals", epoch: 3, sender: "gateway-1")
let otherIdentity = EpochCapsule.dataIdentity(owner: "patient-8", label: "vitals", epoch: 3, sender: "gateway-1")

/// The code of the failure and the party that is charged with it; nil when there was none.
struct Blame: Equatable {
    let party: Int?
    let code: ProtocolFailure.Code
}

func blame(_ operation: () throws -> Void) -> Blame? {
    do {
        try operation()
        return nil
    } catch let failure as PartyFailure {
        return Blame(party: failure.party, code: failure.failure.code)
    } catch let failure as ProtocolFailure {
        return Blame(party: nil, code: failure.code)
    } catch {
        Issue.record(error)
        return nil
    }
}

/// The code of the failure; nil when there was none.
func code(_ operation: () throws -> Void) -> ProtocolFailure.Code? { blame(operation)?.code }

/// A copy in which one bit is the other way round.
func flipped(_ bytes: [UInt8], bit: Int) -> [UInt8] {
    var copy = bytes
    copy[bit / 8] ^= 1 << UInt8(bit % 8)
    return copy
}
