internal import Bundles
internal import CanonicalBytes
internal import Certificates
internal import Credentials
internal import P256Group
internal import Signcryption
internal import Spool

/// Turns bundles into signcrypted envelopes for the institution's scopes.
///
/// Not thread-safe: it counts sequence numbers between two commits.
final class EnvelopeSealer {
    private let spool: Spool
    private let identity: Identity
    private let policyDigest: [UInt8]
    private let writer: BundleWriter
    private var sequences: [[UInt8]: UInt64] = [:]
    /// nil without a chain: then there are no index pages.
    private var indexKeys: IndexKeyring?

    /// - Throws: ``ProtocolFailure`` when memory is short, or what the store throws.
    init(spool: Spool, identity: Identity, policyDigest: [UInt8]) throws {
        self.spool = spool
        self.identity = identity
        self.policyDigest = policyDigest
        self.writer = try BundleWriter()
        self.indexKeys =
            try spool.isAnchoring ? IndexKeyring(spool: spool, sender: identity.name.description) : nil
    }

    /// Bundles a portion of a window.
    ///
    /// - Returns: the record's data with its time and stream.
    func bundle(_ portion: BundleWindow.Portion, of window: BundleWindow) throws(ProtocolFailure) -> HeldBundle {
        var earliest = Int64.max
        var codes: Set<String> = []
        var last: (chunk: Int, message: Int)?
        for line in portion.lines {
            let chunk = window.chunks[line.chunk]
            let index = chunk.material.items[line.index].message
            if last?.chunk != line.chunk || last?.message != index {
                let message = chunk.material.messages[index]
                let profile = chunk.material.profiles[message.profile]
                earliest = min(earliest, message.receivedNs)
                self.writer.beginMessage(
                    topic: chunk.material.bytes[message.topic],
                    payload: chunk.material.bytes[message.payload],
                    receivedNs: message.receivedNs,
                    flags: message.retained ? .retained : [],
                    profile: Bundle.Profile(id: profile.id, version: profile.version)
                )
                last = (line.chunk, index)
            }
            self.writer.add(observation: chunk.line(line.index))
            if self.indexKeys != nil, codes.count < IndexKeyring.tagsMax,
                let code = ObservationCode.find(in: chunk.line(line.index))
            {
                codes.insert(code)
            }
        }
        return HeldBundle(
            stream: portion.stream,
            observations: portion.lines.count,
            time: max(0, earliest / 1_000_000),
            data: try self.writer.finish(),
            lines: portion.lines.map { window.chunks[$0.chunk].firstSequence + Int64($0.index) },
            codes: codes.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        )
    }

    /// Signcrypts a bundle to a scope, under the next number of that scope.
    ///
    /// - Parameters:
    ///   - bundle: of the scope's stream.
    ///   - scope: verified.
    ///   - now: seconds since 1970.
    /// - Returns: the envelope, which nobody has seen yet.
    /// - Throws: ``ProtocolFailure``, or ``SpoolError`` when the number cannot be read.
    func seal(_ bundle: HeldBundle, to scope: VerifiedScope, now: Int64) throws -> SealedEnvelope {
        let digest = scope.descriptor.digest
        let sequence =
            try self.sequences[digest]
            ?? self.spool.nextSequence(sender: self.identity.certificate.digest, scope: digest)
        let created = UInt64(max(0, now))
        var records = [
            EnvelopeRecord(id: "", type: Bundle.recordType, time: UInt64(bundle.time), data: bundle.data)
        ]
        let indexKey = try self.indexKeys?.key(of: digest)
        // The first number of a certificate comes again after a rotation: the key then goes along once more.
        if let indexKey, !indexKey.isHanded || sequence == 1 {
            records.append(
                EnvelopeRecord(
                    id: "",
                    type: IndexKeyRecord.recordType,
                    time: created * 1_000,
                    data: indexKey.secret
                )
            )
            self.indexKeys?.carry(indexKey)
        }
        let header = try EnvelopeHeader(
            mode: .scopeKey,
            sender: self.identity.certificate.fields.subject,
            senderCertificateDigest: self.identity.certificate.digest,
            scopeDigest: digest,
            scopeKey: scope.publicKey.encoded,
            created: created,
            sequence: sequence,
            policyDigest: self.policyDigest,
            recordCount: UInt32(records.count)
        )
        let bytes = try scope.seal(records, under: header, by: self.identity.key)
        self.sequences[digest] = sequence + 1
        return SealedEnvelope(
            h1: ParsedEnvelope.indexPointer(of: bytes),
            scope: digest,
            sequence: sequence,
            created: created,
            observations: bundle.observations,
            bytes: bytes,
            lines: bundle.lines,
            tags: indexKey.map { IndexKeyring.tags(of: bundle.codes, key: $0) } ?? []
        )
    }

    /// Whether the gateway's certificate allows sealing now.
    func isValid(at now: Int64) -> Bool {
        let fields = self.identity.certificate.fields
        return fields.notBefore <= UInt64(max(0, now)) && UInt64(max(0, now)) <= fields.notAfter
    }

    /// Stores a window; its numbers count as used only then.
    func commit(_ window: SealedWindow) throws {
        // A commit that fails leaves the numbers to be given again.
        defer {
            self.sequences.removeAll()
            self.indexKeys?.forget()
        }
        var window = window
        window.indexKeys = self.indexKeys?.carried ?? []
        window.sender = self.identity.certificate.digest
        window.senderCertificate = self.identity.certificate.bytes
        try self.spool.commit(window)
    }
}
