import CanonicalBytes
import Certificates
import Consensus
import Contracts
import IndexPages
import Ledger
import P256Group
import Transcripts

/// A chain without validators' processes: an authority, a genesis, and gateways whose anchors stand in its blocks.
struct LedgerScene {
    /// Envelopes of one window, and so pointers of one anchor.
    static let pointers = 16
    static let chain = Array("bench".utf8)
    let genesis: Genesis
    let verifier: TransactionVerifier
    private(set) var gateways: [LedgerGateway]

    init(gateways count: Int) throws {
        // The same genesis every time, so that a state which was made once can be used again.
        let authority = CertificateAuthority(name: "bench", key: try P256KeyPair(secret: P256Scalar(7)))
        let members = try (1...4).map { number in
            let seed = [UInt8](repeating: UInt8(number), count: 32)
            guard let signer = Ed25519Signer(votingSeed: seed, shareSeed: seed.map { $0 ^ 255 }) else {
                throw LedgerBenchFailure("no key of a validator")
            }
            return signer.member(ReplicaID(UInt16(number)))
        }
        guard let committee = Committee(epoch: 0, members: members), let governor = PartyName("bench:operator:one")
        else {
            throw LedgerBenchFailure("no committee")
        }
        let issuer = TrustedIssuer(kind: .authority, issuer: authority.issuer)
        self.genesis = try Genesis(
            chain: "bench",
            time: LedgerClock.start,
            committee: committee,
            validators: try members.map { member in
                guard let name = PartyName("bench:validator:v\(member.id.number)") else {
                    throw LedgerBenchFailure("no name of a validator")
                }
                return Genesis.Validator(id: member.id, name: name)
            },
            issuers: [issuer],
            governors: [governor],
            governorThreshold: 1,
            parameters: []
        )
        self.verifier = TransactionVerifier(chain: Self.chain, issuers: [issuer])
        self.gateways = try (1...count).map { try LedgerGateway(number: $0, authority: authority) }
    }

    /// The next anchors, each of another gateway in turn, signed and verified.
    mutating func anchors(_ count: Int, time: UInt64) throws -> [VerifiedTransaction] {
        try (0..<count).map { _ in
            let transaction = try self.anchor(time: time)
            return try self.verifier.verify(transaction)
        }
    }

    /// The next anchor.
    mutating func anchor(time: UInt64) throws -> Transaction {
        let gateway = self.turn % self.gateways.count
        self.turn += 1
        return try self.gateways[gateway].anchor(time: time)
    }

    private var turn = 0
}

/// The chain's time: what a block needs, not what a clock shows.
enum LedgerClock {
    /// Of the genesis, milliseconds since 1970.
    static let start: UInt64 = 1_795_000_000_000

    /// Of the block at a height.
    static func time(of height: UInt64) -> UInt64 { self.start + height * 50 }
}

/// A gateway that anchors one window after the other, each with the envelopes of one scope.
struct LedgerGateway {
    /// What an envelope can be found by: `chain-load` gives as many.
    private static let tags = 4
    let name: PartyName
    let certificate: ImplicitCertificate
    private let key: P256KeyPair
    private let indexKey = IndexPages.IndexKey.generate()
    private let scope: [UInt8]
    private(set) var window: UInt64 = 0

    init(number: Int, authority: CertificateAuthority) throws {
        let text = "bench:gateway:g\(number)"
        guard let name = PartyName(text) else { throw LedgerBenchFailure("no name of a gateway") }
        let seconds = LedgerClock.start / 1_000
        let fields = CertificateFields(
            issuer: authority.issuer.name,
            serial: UInt64(number),
            subject: text,
            notBefore: seconds - 1_000,
            notAfter: seconds + 1_000_000_000,
            usage: .sign,
            attributes: ["role:gateway"]
        )
        let key = P256KeyPair.generate()
        let issued = try authority.issue(try CertificateRequest(key, subject: text), fields: fields)
        self.name = name
        self.certificate = issued.certificate
        self.key = try issued.keyPair(for: key, from: authority.issuer)
        self.scope = TaggedHash.digest("BENCH-SCOPE", Array(text.utf8))
    }

    mutating func anchor(time: UInt64) throws -> Transaction {
        self.window += 1
        let entries = (0..<LedgerScene.pointers).map { _ in
            let tags = (0..<Self.tags).map { _ in SecureRandom.bytes(16) }
            return IndexPage.Entry(h1: SecureRandom.bytes(32), tags: tags.sorted { $0.lexicographicallyPrecedes($1) })
        }
        let place = try IndexPlace(scope: self.scope, window: self.window, sender: Array(self.name.description.utf8))
        let anchor = Anchor(
            chain: LedgerScene.chain,
            gateway: self.name,
            certificate: self.certificate.digest,
            window: self.window,
            root: SecureRandom.bytes(32),
            count: UInt32(entries.count),
            createdMin: time / 1_000 - 10,
            createdMax: time / 1_000 - 1,
            pages: [Anchor.Page(scope: self.scope, page: self.indexKey.seal(try IndexPage(entries), at: place))]
        )
        let body = anchor.body(
            chain: LedgerScene.chain,
            channel: .index,
            signer: self.certificate.digest,
            nonce: self.window,
            validUntil: time + 600_000
        )
        return try Transaction(signing: body, certificate: self.certificate, key: self.key)
    }
}

/// Why a benchmark of the ledger cannot go on.
struct LedgerBenchFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
