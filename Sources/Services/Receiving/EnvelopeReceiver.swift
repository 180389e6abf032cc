internal import Bundles
internal import CanonicalBytes
internal import Certificates
package import Credentials
package import IdentityEncryption
package import Records
package import Signcryption
internal import Transcripts

internal import struct Bundles.Bundle

/// What came of receiving.
package struct ReceivingSummary: Sendable, Codable, Equatable {
    package var envelopes = 0
    package var observations = 0
    package var messages = 0
    /// Parts of privacy centers that envelopes were opened with.
    package var parts = 0
    /// Epoch keys that were taken out of capsules.
    package var epochKeys = 0
    /// Envelopes under single control, which a grant does not open.
    package var passedOver = 0
}

/// What opens one envelope together with the key of the data's identity.
package struct ReceivedMaterial: Sendable {
    package let reader: GrantReader
    package let envelope: VerifiedEnvelope
    package let capsule: EpochCapsule
    /// As many as are needed, their proofs verified.
    package let parts: [[UInt8]]
    /// That the parts answer.
    package let nonce: [UInt8]
}

/// Reads what was granted: fetches envelopes and capsules, asks privacy centers for their parts, verifies all of it, and
/// opens with the grant and the keys of identities.
///
/// Nothing is believed that a center says. What it sends that is false is dropped and held against it by name; the other
/// centers are asked instead, as long as there are enough.
package struct EnvelopeReceiver: Sendable {
    /// Envelopes of one question for parts; a center takes 64.
    private static let batchLength = 32

    let grant: VerifiedGrant
    let digest: Digest
    private let reader: GrantReader
    let identity: Identity
    let centers: [any SharingCenter]
    var keys: IdentityKeyring
    var senders: [Digest: CertifiedKey] = [:]
    var sequences: [SenderSequence: Digest] = [:]
    var passedOver = 0
    /// What centers did wrong so far, each once.
    package private(set) var faults: [CenterFault] = []

    /// - Parameters:
    ///   - file: the grant with what verifies it, from anywhere.
    ///   - identity: the receiver's; an earlier generation is taken when the grant is for its certificate.
    ///   - keys: of the identities of the data; envelopes under dual control need theirs.
    ///   - centers: those of the grant, in its order.
    /// - Throws: ``ReceivingError/grant(_:)``, ``ReceivingError/anotherReceiver(_:)``, `CredentialsError`.
    package init(
        _ file: GrantFile,
        identity: Identity,
        keys: [IdentityKey],
        centers: [any SharingCenter]
    ) throws {
        do throws(ProtocolFailure) {
            // Without time: what was received may be read later; centers judge whether the grant is valid now.
            self.grant = try ParsedGrant(bytes: file.grant).verify(
                owner: CertifiedKey(bytes: file.ownerCertificate, from: identity.issuer),
                descriptor: file.descriptor,
                at: nil
            )
        } catch { throw ReceivingError.grant("\(error)") }
        let terms = self.grant.terms
        guard let receiver = try identity.generation(certified: terms.receiverCertificateDigest) else {
            throw ReceivingError.anotherReceiver(terms.receiver)
        }
        guard centers.count == terms.centers.count, let digest = Digest(bytes: self.grant.digest) else {
            throw ReceivingError.grant("it names \(terms.centers.count) privacy centers, not \(centers.count)")
        }
        self.digest = digest
        self.identity = receiver
        self.centers = centers
        self.keys = IdentityKeyring(keys, of: self.grant.scope.descriptor)
        self.reader = GrantReader(
            grant: self.grant,
            key: receiver.key,
            certificateDigest: receiver.certificate.digest
        )
    }

    /// Receives a whole scope, or one envelope.
    ///
    /// - Parameters:
    ///   - only: H1 of the envelope; nil for all.
    ///   - write: takes Observations as FHIR JSON, one a line, in the order in which the first center lists them.
    ///   - progress: called after each envelope.
    /// - Returns: what there was.
    /// - Throws: ``ReceivingError``, or what makes an envelope untrustworthy; lines may have been written before.
    package mutating func receive(
        _ only: Digest? = nil,
        write: (ArraySlice<UInt8>) throws -> Void,
        progress: (ReceivingSummary) -> Void = { _ in }
    ) async throws -> ReceivingSummary {
        var summary = ReceivingSummary()
        self.passedOver = 0
        var rest = try await self.list(only)[...]
        while !rest.isEmpty {
            let batch = try await self.fetch(rest.prefix(Self.batchLength))
            rest = rest.dropFirst(Self.batchLength)
            // Before any center works for it: without the keys nothing opens.
            for fetched in batch { _ = try self.epochKey(of: fetched) }
            let nonce = SecureRandom.bytes(32)
            let parts = try await self.collectParts(of: batch, nonce)
            for fetched in batch {
                let records = try self.open(fetched, parts[fetched.h1] ?? [], nonce)
                try Self.write(records, write, &summary)
                summary.envelopes += 1
                summary.parts += self.grant.terms.threshold
                summary.epochKeys = self.keys.openedCount
                progress(summary)
            }
        }
        if let only, self.passedOver > 0 {
            throw ReceivingError.envelope(only, "it is under single control, which a grant does not open")
        }
        summary.passedOver = self.passedOver
        return summary
    }

    /// Overwrites the epoch keys that were opened.
    package mutating func forget() { self.keys.wipe() }

    /// Everything of one envelope that the privacy centers give under the grant, verified but not opened.
    ///
    /// - Parameter only: H1 of the envelope; nil for the first one that is under dual control.
    /// - Returns: what opens it together with the epoch key.
    /// - Throws: ``ReceivingError``.
    package mutating func material(of only: Digest? = nil) async throws -> ReceivedMaterial {
        for entry in try await self.list(only) {
            let batch = try await self.fetch([entry])
            guard let fetched = batch.first else { continue }
            let nonce = SecureRandom.bytes(32)
            let parts = try await self.collectParts(of: batch, nonce)[fetched.h1] ?? []
            return ReceivedMaterial(
                reader: self.reader,
                envelope: fetched.envelope,
                capsule: fetched.capsule,
                parts: parts,
                nonce: nonce
            )
        }
        throw ReceivingError.unlisted(self.faults)
    }

    // MARK: - Opening

    private mutating func epochKey(of fetched: Fetched) throws -> [UInt8] {
        try self.keys.epochKey(fetched.capsule, of: fetched.envelope.header.sender)
    }

    private mutating func open(_ fetched: Fetched, _ parts: [[UInt8]], _ nonce: [UInt8]) throws -> [EnvelopeRecord] {
        let epochKey = try self.epochKey(of: fetched)
        let context = GrantReader.Context(nonce: nonce, epochKey: epochKey, capsule: fetched.capsule)
        do throws(ProtocolFailure) {
            return try self.reader.open(fetched.envelope, parts: parts, context: context).filter { !$0.isPadding }
        } catch { throw ReceivingError.envelope(fetched.h1, "\(error)") }
    }

    private static func write(
        _ records: [EnvelopeRecord],
        _ write: (ArraySlice<UInt8>) throws -> Void,
        _ summary: inout ReceivingSummary
    ) throws {
        for record in records where !record.type.utf8.elementsEqual(IndexKeyRecord.recordType.utf8) {
            guard record.type.utf8.elementsEqual(Bundle.recordType.utf8) else {
                throw ProtocolFailure(.format, "a record of the unknown type \(record.type)")
            }
            let bundle = try Bundle(data: record.data)
            summary.observations += bundle.observations.count
            summary.messages += bundle.messages.count
            for observation in bundle.observations { try write(observation.json[...]) }
        }
    }

    mutating func note(_ place: Int, _ why: String, isLie: Bool) {
        let fault = CenterFault(center: self.grant.terms.centers[place].id, why: why, isLie: isLie)
        if !self.faults.contains(fault) { self.faults.append(fault) }
    }
}
