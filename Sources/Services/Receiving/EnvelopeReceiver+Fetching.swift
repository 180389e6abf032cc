internal import CanonicalBytes
internal import Certificates
internal import Credentials
internal import Records
internal import Signcryption
internal import Uplink

/// Finds envelopes and fetches them, each verified, with their capsules.
extension EnvelopeReceiver {
    struct Listed {
        let h1: Digest
        let sender: Digest
        /// Places of the centers that have it.
        var holders: [Int]
    }

    mutating func list(_ only: Digest?) async throws -> [Listed] {
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

    struct Fetched {
        let h1: Digest
        let holders: [Int]
        let envelope: VerifiedEnvelope
        let capsule: EpochCapsule
    }

    struct SenderSequence: Hashable {
        let sender: String
        let sequence: UInt64
    }

    mutating func fetch(_ listed: ArraySlice<Listed>) async throws -> [Fetched] {
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
}
