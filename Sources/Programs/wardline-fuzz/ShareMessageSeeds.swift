import CanonicalBytes
import Certificates
import ChainReading
import IBTP
import Ledger
import P256Group
import Pseudonymity
import Pseudonyms
import Signcryption
import Uplink

/// Files and messages around shares and pseudonyms; zeros stand for signatures and proofs, and what is encrypted is so
/// under fixed numbers: every run has the same seeds.
enum ShareMessageSeeds {
    static let files: [[UInt8]] =
        [Self.grantFile.bytes] + Self.handovers
        + [Self.sealedRequest, Self.delivery, Self.attributeKeyRequest]
        .compactMap { $0 }

    static let registrar = "north:registration-authority:ra"
    private static let point = P256PublicKey.generator.encoded
    private static let proof = [UInt8](repeating: 0, count: Schnorr.signatureLength)
    private static func digest(_ byte: UInt8) -> [UInt8] { LedgerSeeds.digest(byte) }

    static let certificate: [UInt8] = {
        let fields = CertificateFields(
            issuer: "north:authority:ca",
            serial: 9,
            subject: "north:researcher:r1",
            notBefore: 1_795_000_000,
            notAfter: 1_800_000_000,
            usage: [.sign, .keyExchange],
            attributes: ["role:researcher", "study:x"]
        )
        return (try? ImplicitCertificate(fields, reconstructionPoint: Self.point))?.bytes ?? []
    }()

    // MARK: - Shares

    private static let grantFile = GrantFile(
        grant: [1, 2, 3],
        descriptor: [4, 5],
        ownerCertificate: Self.certificate,
        addresses: ["https://one.example:7402", "https://two.example:7402"]
    )

    private static func sealed(_ bytes: [UInt8]) -> [UInt8]? {
        try? ECIES.seal(to: .generator, associated: [], plaintext: bytes, ephemeral: .one)
    }

    /// Of no gateway, of one and of two.
    private static let handovers: [[UInt8]] = (0...2).compactMap { count in
        guard let key = Self.sealed(Self.digest(6)) else { return nil }
        var writer = CanonicalWriter()
        writer.magic("WLIH")
        writer.raw(Self.digest(1) + Self.digest(2))
        writer.u16(UInt16(count))
        for gateway in 0..<count {
            writer.lengthPrefixed("north:gateway:g\(gateway)")
            writer.lengthPrefixed(key)
        }
        return writer.bytes
    }

    private static func addressed(_ mark: StaticString, _ content: [UInt8]) -> [UInt8]? {
        guard let sealed = Self.sealed(content) else { return nil }
        var writer = CanonicalWriter()
        writer.magic(mark)
        writer.u8(1)
        writer.raw(Self.digest(3))
        writer.raw(sealed)
        return writer.bytes
    }

    private static let sealedRequest = addressed("WLSQ", [UInt8](repeating: 0, count: SealedShareRequest.step))
    private static let delivery = addressed("WLSD", Array("what was asked for".utf8))

    private static let attributeKeyRequest: [UInt8]? = {
        var writer = CanonicalWriter()
        writer.magic("WLAQ")
        writer.lengthPrefixed("north:attribute-authority:aa")
        writer.raw(Self.digest(1) + Self.digest(2))
        writer.lengthPrefixed(Self.certificate)
        writer.lengthPrefixed(Self.certificate)
        writer.raw(Self.proof + Self.proof)
        return writer.bytes
    }()

    // MARK: - Pseudonyms

    private static let request: [UInt8] = {
        var writer = CanonicalWriter()
        writer.magic("WLN1")
        writer.lengthPrefixed(Self.registrar)
        writer.lengthPrefixed("north:researcher:r1")
        writer.raw(Self.point + Self.digest(5))
        writer.u64(2_970)
        writer.u32(4)
        writer.raw(Self.proof + Self.proof)
        return writer.bytes
    }()

    private static let orders = (0..<2 as Range<UInt8>).map {
        CocoonOrder(cocoonKey: [2] + Self.digest($0), handle: [UInt8](repeating: $0, count: 104))
    }

    private static let certificateEvidence = Self.made("WLE1") {
        $0.raw(Self.digest(1))
        $0.lengthPrefixed(Self.certificate)
        $0.raw(Self.point)
        $0.lengthPrefixed([UInt8](repeating: 7, count: 104))
        $0.raw(Self.proof)
    }

    private static let holderEvidence = Self.made("WLE2") {
        $0.raw(Self.digest(1))
        $0.u32(3)
        $0.lengthPrefixed(Self.request)
        $0.lengthPrefixed(Self.certificate)
    }

    static let pseudonyms: [[UInt8]] =
        [
            Self.made("WLPR") {
                $0.lengthPrefixed(Self.request)
                $0.lengthPrefixed(Self.certificate)
            }, CocoonBatch(epoch: 2_970, orders: Self.orders).bytes,
            BoxedResponses(boxes: [[1, 2, 3], [], Self.digest(9)]).bytes, BoxedResponses(boxes: []).bytes,
            RevokedKeys(keys: Self.orders.map(\.cocoonKey)).bytes,
            CertificateQuestion(order: Self.digest(1), certificate: Self.certificate).bytes, Self.certificateEvidence,
            Self.made("WLQ2") {
                $0.raw(Self.digest(1))
                $0.lengthPrefixed(Self.certificateEvidence)
            }, Self.holderEvidence,
        ] + Self.findings

    private static let findings: [[UInt8]] = ((try? LedgerSeeds.proofs().values) ?? []).map { proof in
        Self.made("WLTF") {
            $0.lengthPrefixed(proof.bytes)
            $0.lengthPrefixed(Self.certificateEvidence)
            $0.lengthPrefixed(Self.holderEvidence)
            $0.lengthPrefixed("why it was ordered")
        }
    }

    private static func made(_ mark: StaticString, _ write: (inout CanonicalWriter) -> Void) -> [UInt8] {
        var writer = CanonicalWriter()
        writer.magic(mark)
        write(&writer)
        return writer.bytes
    }

    // MARK: - Chains

    static func answer(_ results: [[UInt8]]) -> [UInt8] {
        let result = InterchainResult(data: [results], statuses: [true])
        return InterchainPayload(content: result.bytes, hash: Self.digest(1)).bytes
    }

    static let answers: [[UInt8]] = [
        Self.answer([Self.digest(1), Self.digest(2), UInt64(4_096).bigEndianBytes]),
        Self.answer([Self.digest(1), Self.digest(2)]),
    ]

    static let heads: [[UInt8]] = [
        CertifiedHead(
            header: LedgerSeeds.speaking.header,
            certificate: LedgerSeeds.certify(LedgerSeeds.speaking.header)
        ).bytes
    ]

    /// A list of none, of one and of three entries.
    static let subjects: [[UInt8]] = [0, 1, 3].map { count in
        var writer = CanonicalWriter()
        for place in 0..<UInt32(count) {
            writer.u64(7)
            writer.u32(place)
            writer.raw(Self.digest(1))
            writer.lengthPrefixed("access.permitted")
        }
        return writer.bytes
    }
}
