import AttributeIssuing
import CanonicalBytes
import ChainReading
import Pseudonymity
import Signcryption
import Uplink

/// What custodians, receivers, authorities of attributes and of pseudonyms read of each other; nothing of it is secret.
enum ShareTargets {
    static let all: [Target] = [
        Target.marked(
            "share-files",
            weight: 10,
            family: .shares,
            [
                ("WLGF", { (bytes) throws(ProtocolFailure) in try GrantFile(bytes: bytes).bytes }),
                ("WLIH", { (bytes) throws(ProtocolFailure) in try IndexKeyHandover(bytes: bytes).bytes }),
                ("WLSQ", { (bytes) throws(ProtocolFailure) in try SealedShareRequest(bytes: bytes).bytes }),
                ("WLSD", { (bytes) throws(ProtocolFailure) in try AccountDelivery(bytes: bytes).bytes }),
                ("WLAQ", { (bytes) throws(ProtocolFailure) in try AttributeKeyRequest(bytes: bytes).bytes }),
            ]
        ),
        Target.marked(
            "pseudonym-messages",
            weight: 10,
            family: .pseudonyms,
            [
                ("WLPR", { (bytes) throws(ProtocolFailure) in try SubmittedRequest(bytes: bytes).bytes }),
                ("WLPB", { (bytes) throws(ProtocolFailure) in try CocoonBatch(bytes: bytes).bytes }),
                ("WLPX", { (bytes) throws(ProtocolFailure) in try BoxedResponses(bytes: bytes).bytes }),
                ("WLPK", { (bytes) throws(ProtocolFailure) in try RevokedKeys(bytes: bytes).bytes }),
                ("WLQ1", { (bytes) throws(ProtocolFailure) in try CertificateQuestion(bytes: bytes).bytes }),
                ("WLE1", Self.certificateEvidence),
                ("WLQ2", { (bytes) throws(ProtocolFailure) in try HolderQuestion(bytes: bytes).bytes }),
                ("WLE2", Self.holderEvidence), ("WLTF", Self.finding),
            ]
        ),
        Target(name: "account-answer", weight: 2, family: .accountAnswers) { _, payload, _ in Self.answer(payload) },
        Target.canonical("certified-head", weight: 2, family: .heads) { (bytes) throws(ProtocolFailure) in
            try CertifiedHead(bytes: bytes).bytes
        },
        Target.canonical("subject-entries", weight: 3, family: .subjects) { (bytes) throws(ProtocolFailure) in
            try Self.entries(bytes)
        },
    ]

    // MARK: - Pseudonyms

    /// Nobody has made the certificates of the seeds under a pseudonym: no proof about them holds.
    private static let certificateEvidence: MarkedDecoders.Read = { (bytes) throws(ProtocolFailure) in
        let evidence = try CertificateEvidence(bytes: bytes)
        return (try? evidence.verify()) == nil ? evidence.bytes : []
    }

    private static let holderEvidence: MarkedDecoders.Read = { (bytes) throws(ProtocolFailure) in
        let evidence = try HolderEvidence(bytes: bytes)
        let key = [UInt8](repeating: 2, count: 33)
        let issuers = [IssuingSeeds.issuer].compactMap { $0 }
        let isRefused =
            (try? evidence.verify(cocoonKey: key, authority: ShareMessageSeeds.registrar, issuers: issuers)) == nil
        return isRefused ? evidence.bytes : []
    }

    private static let finding: MarkedDecoders.Read = { (bytes) throws(ProtocolFailure) in
        let finding = try PseudonymFinding(bytes: bytes)
        let isRefused = (try? finding.verify(issuers: [LedgerSeeds.issuer], view: LedgerSeeds.view)) == nil
        return isRefused ? finding.bytes : []
    }

    // MARK: - Answers of chains

    /// Other implementations write them: they may be read in more than one encoding, but say the same again.
    private static func answer(_ payload: [UInt8]) -> Verdict {
        do throws(ProtocolFailure) {
            let answer = try AccountAnswer(payload: payload)
            let again = try AccountAnswer(payload: ShareMessageSeeds.answer(answer.results))
            return again == answer ? .accepted : .broken("another answer than was written")
        } catch { return error.detail.isEmpty ? .broken("a failure without words") : .refused(error.code.rawValue) }
    }

    /// A list as validators send it, read to its end.
    private static func entries(_ bytes: [UInt8]) throws(ProtocolFailure) -> [UInt8] {
        var reader = CanonicalReader(bytes)
        var writer = CanonicalWriter()
        while reader.remaining > 0 {
            let entry = try SubjectEntry(from: &reader)
            writer.u64(entry.place.height)
            writer.u32(entry.place.index)
            writer.raw(entry.transaction)
            writer.lengthPrefixed(entry.topic)
        }
        return writer.bytes
    }
}
