internal import Bundles
internal import CanonicalBytes
internal import Certificates
internal import Credentials
internal import P256Group
internal import Signcryption
internal import Spool
internal import Transcripts

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
    /// nil without identity parameters: then the scope's key alone opens the envelopes.
    private var epochKeys: EpochKeyring?

    /// - Throws: ``ProtocolFailure`` when memory is short, or what the store throws.
    init(spool: Spool, identity: Identity, parameters: ParameterBook, policyDigest: [UInt8]) throws {
        self.spool = spool
        self.identity = identity
        self.policyDigest = policyDigest
        self.writer = try BundleWriter()
        self.indexKeys =
            try spool.isAnchoring ? IndexKeyring(spool: spool, sender: identity.name.description) : nil
        self.epochKeys =
            parameters.isDualControl
            ? EpochKeyring(
                spool: spool,
                parameters: parameters,
                sender: identity.certificate.fields.subject
            ) : nil
    }

    deinit { self.epochKeys?.forget() }

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
    ///   - scopes: verified.
    ///   - now: seconds since 1970.
    /// - Returns: the envelope, which nobody has seen yet; behind it the owner's copy of an epoch key that was made for it.
    /// - Throws: ``ProtocolFailure``, ``SealerWork/Invalid``, or ``SpoolError`` when the number cannot be read.
    func seal(_ bundle: HeldBundle, to scopes: SealingScopes, now: Int64) throws -> [SealedEnvelope] {
        let created = UInt64(max(0, now))
        guard let keyScope = scopes.epochKeys, self.epochKeys != nil else {
            return [try self.seal(bundle, to: scopes.records, epochKey: nil, created: created)]
        }
        let isOneOwner = keyScope.descriptor.owner.utf8.elementsEqual(scopes.records.descriptor.owner.utf8)
        try require(isOneOwner, .context, "the scope for epoch keys has another owner")
        guard let (key, isNew) = try self.epochKeys?.key(of: scopes.records.descriptor) else { return [] }
        var envelopes = [try self.seal(bundle, to: scopes.records, epochKey: key, created: created)]
        if isNew { envelopes.append(try self.seal(key, to: keyScope, created: created)) }
        return envelopes
    }

    private func seal(
        _ bundle: HeldBundle,
        to scope: VerifiedScope,
        epochKey: StoredEpochKey?,
        created: UInt64
    ) throws -> SealedEnvelope {
        let digest = scope.descriptor.digest
        let sequence = try self.nextSequence(digest)
        var records = [
            EnvelopeRecord(id: "", type: Self.type(of: bundle), time: UInt64(bundle.time), data: bundle.data)
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
        let bytes = try self.seal(records, to: scope, epochKey: epochKey, created: created, sequence: sequence)
        return SealedEnvelope(
            h1: ParsedEnvelope.indexPointer(of: bytes),
            scope: digest,
            sequence: sequence,
            created: created,
            observations: bundle.observations,
            bytes: bytes,
            lines: bundle.lines,
            tags: indexKey.map { IndexKeyring.tags(of: bundle.codes, key: $0) } ?? [],
            lane: bundle.stream.kind == .waves ? .waves : .numerics
        )
    }

    /// The owner's copy of an epoch key (specification section 6.4): with it, losing an issuing party loses no data.
    ///
    /// It holds no readings and opens nothing that is granted, so that it stays off the chain.
    private func seal(_ key: StoredEpochKey, to scope: VerifiedScope, created: UInt64) throws -> SealedEnvelope {
        let digest = scope.descriptor.digest
        let sequence = try self.nextSequence(digest)
        let record = EnvelopeRecord(
            id: key.capsuleDigest.hex,
            type: EpochKeyRecord.recordType,
            time: created * 1_000,
            data: key.key
        )
        let bytes = try self.seal([record], to: scope, epochKey: nil, created: created, sequence: sequence)
        return SealedEnvelope(
            h1: ParsedEnvelope.indexPointer(of: bytes),
            scope: digest,
            sequence: sequence,
            created: created,
            observations: 0,
            bytes: bytes,
            isAnchored: false
        )
    }

    private static func type(of bundle: HeldBundle) -> String {
        bundle.stream.kind == .accounts ? AccountRecord.recordType : Bundle.recordType
    }

    private func nextSequence(_ scope: [UInt8]) throws -> UInt64 {
        try self.sequences[scope]
            ?? self.spool.nextSequence(sender: self.identity.certificate.digest, scope: scope)
    }

    /// Seals records in mode 1 with an epoch key, else in mode 0; the number counts as given.
    private func seal(
        _ records: [EnvelopeRecord],
        to scope: VerifiedScope,
        epochKey: StoredEpochKey?,
        created: UInt64,
        sequence: UInt64
    ) throws -> [UInt8] {
        let header = try EnvelopeHeader(
            mode: epochKey == nil ? .scopeKey : .scopeAndEpochKey,
            sender: self.identity.certificate.fields.subject,
            senderCertificateDigest: self.identity.certificate.digest,
            scopeDigest: scope.descriptor.digest,
            scopeKey: scope.publicKey.encoded,
            capsuleDigest: epochKey?.capsuleDigest ?? [],
            created: created,
            sequence: sequence,
            policyDigest: self.policyDigest,
            recordCount: UInt32(records.count)
        )
        let bytes = try scope.seal(records, under: header, by: self.identity.key, epochKey: epochKey?.key)
        self.sequences[scope.descriptor.digest] = sequence + 1
        return bytes
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
            self.epochKeys?.forget()
        }
        var window = window
        window.indexKeys = self.indexKeys?.carried ?? []
        window.epochKeys = self.epochKeys?.takeMade() ?? []
        defer { for index in window.epochKeys.indices { window.epochKeys[index].key.wipe() } }
        window.sender = self.identity.certificate.digest
        window.senderCertificate = self.identity.certificate.bytes
        try self.spool.commit(window)
    }
}
