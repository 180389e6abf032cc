internal import Bundles
internal import CanonicalBytes
internal import Certificates
package import Credentials
package import IdentityEncryption
internal import P256Group
package import Records
package import Signcryption
internal import Transcripts
internal import Uplink

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

    private let grant: VerifiedGrant
    private let digest: Digest
    private let reader: GrantReader
    private let identity: Identity
    private let centers: [any SharingCenter]
    private var keys: IdentityKeyring
    private var senders: [Digest: CertifiedKey] = [:]
    private var sequences: [SenderSequence: Digest] = [:]
    private var passedOver = 0
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

    // MARK: - What there is

    private struct Listed {
        let h1: Digest
        let sender: Digest
        /// Places of the centers that have it.
        var holders: [Int]
    }

    private mutating func list(_ only: Digest?) async throws -> [Listed] {
        var listed: [Listed] = []
        var places: [Digest: Int] = [:]
        var answered = 0
        for place in self.centers.indices {
            guard let entries = await self.entries(of: place) else { continue }
            answered += 1
            for entry in entries where only == nil || entry.h1 == only {
                if let known = places[entry.h1] {
                    listed[known].holders.append(place)
                } else {
                    places[entry.h1] = listed.count
                    listed.append(Listed(h1: entry.h1, sender: entry.senderCertificate, holders: [place]))
                }
            }
        }
        guard answered > 0 else { throw ReceivingError.unlisted(self.faults) }
        if let only, listed.isEmpty { throw ReceivingError.noEnvelope(only, self.faults) }
        return listed
    }

    /// What one center lists; nil when it does not answer as it should.
    private mutating func entries(of place: Int) async -> [ListedEnvelope]? {
        let center = self.centers[place]
        let certificate = self.identity.certificate
        do {
            if let digest = Digest(bytes: certificate.digest) {
                try await center.putCertificate(certificate.bytes, digest: digest)
            }
            var entries: [ListedEnvelope] = []
            var next: UInt64?
            repeat {
                let page = try await center.envelopes(
                    ofScope: self.grant.terms.scopeDigest,
                    after: next,
                    under: self.digest
                )
                entries += page.envelopes
                // Leaves count upwards: a center that goes back would keep its receiver busy for ever.
                guard page.next == nil || page.next ?? 0 > next ?? 0 || next == nil else { break }
                next = page.next
            } while next != nil
            return entries
        } catch {
            self.note(place, "does not list the scope: \(error)", isLie: false)
            return nil
        }
    }

    // MARK: - Envelopes

    private struct Fetched {
        let h1: Digest
        let holders: [Int]
        let envelope: VerifiedEnvelope
        let capsule: EpochCapsule
    }

    private struct SenderSequence: Hashable {
        let sender: String
        let sequence: UInt64
    }

    private mutating func fetch(_ listed: ArraySlice<Listed>) async throws -> [Fetched] {
        var batch: [Fetched] = []
        for entry in listed {
            let envelope = try await self.envelope(entry)
            let header = envelope.header
            // Centers re-encrypt all envelopes of a question or none, and never one under single control.
            guard header.mode == .scopeAndEpochKey else {
                self.passedOver += 1
                continue
            }
            let name = SenderSequence(sender: header.sender, sequence: header.sequence)
            guard self.sequences.updateValue(entry.h1, forKey: name) ?? entry.h1 == entry.h1 else {
                throw ReceivingError.envelope(entry.h1, "\(header.sender) used its number \(header.sequence) twice")
            }
            let capsule = try await self.capsule(of: header, entry)
            batch.append(Fetched(h1: entry.h1, holders: entry.holders, envelope: envelope, capsule: capsule))
        }
        return batch
    }

    /// The envelope from the first center that gives it, its sender's signature verified.
    private mutating func envelope(_ entry: Listed) async throws -> VerifiedEnvelope {
        for place in entry.holders {
            do {
                let center = self.centers[place]
                let bytes = try await center.envelope(entry.h1, under: self.digest)
                guard ParsedEnvelope.indexPointer(of: bytes) == entry.h1.bytes else {
                    self.note(place, "gave another envelope than the one that was asked for", isLie: true)
                    continue
                }
                let envelope = try ParsedEnvelope(bytes: bytes)
                let sender = try await self.sender(envelope.header.senderCertificateDigest, from: place)
                return try envelope.verify(sender: sender)
            } catch let error {
                self.note(place, "does not give an envelope that verifies: \(error)", isLie: error is ProtocolFailure)
            }
        }
        throw ReceivingError.noEnvelope(entry.h1, self.faults)
    }

    private mutating func sender(_ bytes: [UInt8], from place: Int) async throws -> CertifiedKey {
        guard let digest = Digest(bytes: bytes) else { throw ProtocolFailure(.format, "a digest has 32 bytes") }
        if let known = self.senders[digest] { return known }
        let certificate = try await self.centers[place].certificate(digest)
        let key = try CertifiedKey(bytes: certificate, from: self.identity.issuer)
        try require(key.digest == bytes, .context, "another certificate than the one that was asked for")
        self.senders[digest] = key
        return key
    }

    /// The capsule that an envelope names.
    private mutating func capsule(of header: EnvelopeHeader, _ entry: Listed) async throws -> EpochCapsule {
        guard let digest = Digest(bytes: header.capsuleDigest) else {
            throw ProtocolFailure(.format, "a digest has 32 bytes")
        }
        if let known = self.keys.capsule(digest) { return known }
        for place in entry.holders {
            do {
                let capsule = EpochCapsule(bytes: try await self.centers[place].capsule(digest, under: self.digest))
                guard capsule.digest == digest.bytes else {
                    self.note(place, "gave another capsule than the one that was asked for", isLie: true)
                    continue
                }
                return capsule
            } catch { self.note(place, "does not give the capsule of an epoch key: \(error)", isLie: false) }
        }
        throw ReceivingError.envelope(entry.h1, "no privacy center gives the capsule of its epoch key")
    }

    // MARK: - Parts

    /// Good parts of as many centers as are needed, by H1.
    private mutating func collectParts(of batch: [Fetched], _ nonce: [UInt8]) async throws -> [Digest: [[UInt8]]] {
        let needed = self.grant.terms.threshold
        var parts: [Digest: [[UInt8]]] = [:]
        for place in self.centers.indices {
            let wanted = batch.filter { $0.holders.contains(place) && (parts[$0.h1]?.count ?? 0) < needed }
            guard !wanted.isEmpty, let answer = await self.ask(place, for: wanted.map(\.h1), nonce) else { continue }
            for fetched in wanted {
                guard let part = answer[fetched.h1] else {
                    self.note(place, "left out a part", isLie: false)
                    continue
                }
                if let why = self.flaw(in: part, of: fetched, from: place, nonce) {
                    self.note(place, why, isLie: true)
                } else {
                    parts[fetched.h1, default: []].append(part)
                }
            }
        }
        for fetched in batch {
            let count = parts[fetched.h1]?.count ?? 0
            guard count >= needed else {
                throw ReceivingError.parts(fetched.h1, count: count, needed: needed, self.faults)
            }
        }
        return parts
    }

    private mutating func ask(_ place: Int, for h1s: [Digest], _ nonce: [UInt8]) async -> [Digest: [UInt8]]? {
        do {
            let signature = try Schnorr.sign(
                self.identity.key,
                context: "REENC-REQ",
                message: transcript([self.digest.bytes, nonce] + h1s.map(\.bytes))
            )
            return try await self.centers[place].parts(
                ReencryptionQuestion(grant: self.digest, envelopes: h1s, nonce: nonce, signature: signature)
            )
        } catch {
            self.note(place, "gives no parts: \(error)", isLie: false)
            return nil
        }
    }

    /// What is wrong with a part; nil when its proof holds.
    private func flaw(in part: [UInt8], of fetched: Fetched, from place: Int, _ nonce: [UInt8]) -> String? {
        do throws(ProtocolFailure) {
            let index = try ReencryptionPart(bytes: part).index
            try require(Int(index) == place + 1, .context, "it is in the place of privacy center \(index)")
            _ = try self.grant.check(part, of: fetched.envelope.envelope, nonce: nonce)
            return nil
        } catch { return "sent a false part: \(error)" }
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

    private mutating func note(_ place: Int, _ why: String, isLie: Bool) {
        let fault = CenterFault(center: self.grant.terms.centers[place].id, why: why, isLie: isLie)
        if !self.faults.contains(fault) { self.faults.append(fault) }
    }
}
