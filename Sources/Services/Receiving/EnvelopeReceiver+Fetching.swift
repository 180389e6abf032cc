internal import CanonicalBytes
internal import Certificates
internal import ChainReading
internal import Ledger
package import Records
internal import Signcryption
internal import Uplink

/// Finds envelopes and fetches them, each verified, with their capsules.
extension EnvelopeReceiver {
    /// Envelopes of a batch that are fetched at once.
    private static let fetchesAtOnce = 16

    /// What the centers list of the scope, in the order of the first one that answers.
    ///
    /// - Parameter only: H1 of the one envelope that is wanted; nil for all.
    /// - Returns: each envelope once, with the centers that have it.
    /// - Throws: ``ReceivingError/unlisted(_:)`` when no center answers, ``ReceivingError/noEnvelope(_:_:)``.
    package func list(_ only: Digest? = nil) async throws -> [ListedAtCenters] {
        let answers = await withTaskGroup(of: (Int, [ListedEnvelope]?).self) { group in
            for place in self.centers.indices { group.addTask { (place, await self.entries(of: place)) } }
            var answers = [[ListedEnvelope]?](repeating: nil, count: self.centers.count)
            for await (place, entries) in group { answers[place] = entries }
            return answers
        }
        guard answers.contains(where: { $0 != nil }) else { throw ReceivingError.unlisted(self.faults) }
        var listed: [ListedAtCenters] = []
        var places: [Digest: Int] = [:]
        for (place, entries) in answers.enumerated() {
            for entry in entries ?? [] where only == nil || entry.h1 == only {
                if let known = places[entry.h1] {
                    if !listed[known].holders.contains(place) { listed[known].holders.append(place) }
                } else {
                    places[entry.h1] = listed.count
                    listed.append(
                        ListedAtCenters(h1: entry.h1, sender: entry.senderCertificate, holders: [place])
                    )
                }
            }
        }
        if let only, listed.isEmpty { throw ReceivingError.noEnvelope(only, self.faults) }
        return listed
    }

    /// What one center lists; nil when it does not answer as it should.
    private func entries(of place: Int) async -> [ListedEnvelope]? {
        let center = self.centers[place]
        let certificate = self.receiver.certificate
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
            self.note(place, "does not list the scope: \(error)", code: error.code)
            return nil
        }
    }

    struct Fetched: Sendable {
        let h1: Digest
        let holders: [Int]
        let envelope: VerifiedEnvelope
        let capsule: EpochCapsule
    }

    /// What came of each envelope of a batch; nil for one that a grant does not open.
    func fetch(
        _ listed: [ListedAtCenters],
        _ kept: @escaping @Sendable (Digest) -> [UInt8]?
    ) async -> [Result<Fetched?, any Error>] {
        guard let first = listed.first else { return [] }
        let brought = await self.bring(listed, kept)
        // Alone, so that the certificate and the capsule that most have in common are asked for once.
        let ofFirst = await self.outcome(first, kept, brought[first.h1])
        return await withTaskGroup(of: (Int, Result<Fetched?, any Error>).self) { group in
            var found = [Result<Fetched?, any Error>](repeating: .success(nil), count: listed.count)
            found[0] = ofFirst
            var next = 1
            while next < min(Self.fetchesAtOnce, listed.count) {
                let entry = listed[next]
                group.addTask { [next] in (next, await self.outcome(entry, kept, brought[entry.h1])) }
                next += 1
            }
            while let (place, fetched) = await group.next() {
                found[place] = fetched
                guard next < listed.count else { continue }
                let entry = listed[next]
                group.addTask { [next] in (next, await self.outcome(entry, kept, brought[entry.h1])) }
                next += 1
            }
            return found
        }
    }

    /// An envelope's bytes as a center gave them among others.
    private struct Brought: Sendable {
        let place: Int
        let bytes: [UInt8]
    }

    /// What centers give many at a time, by H1; what is not among it is asked for on its own.
    private func bring(
        _ listed: [ListedAtCenters],
        _ kept: (Digest) -> [UInt8]?
    ) async -> [Digest: Brought] {
        var wanted = [[Digest]](repeating: [], count: self.centers.count)
        for entry in listed where kept(entry.h1) == nil {
            guard let place = entry.holders.first else { continue }
            wanted[place].append(entry.h1)
        }
        var brought: [Digest: Brought] = [:]
        for (place, h1s) in wanted.enumerated() where h1s.count > 1 {
            for start in stride(from: 0, to: h1s.count, by: Self.batchLength) {
                let part = Array(h1s[start..<min(start + Self.batchLength, h1s.count)])
                for (h1, bytes) in zip(part, await self.envelopes(part, from: place)) where !bytes.isEmpty {
                    brought[h1] = Brought(place: place, bytes: bytes)
                }
            }
        }
        return brought
    }

    private func envelopes(_ h1s: [Digest], from place: Int) async -> [[UInt8]] {
        // A center that does not take the question is no worse for it: it is asked for each.
        do { return try await self.centers[place].envelopes(h1s, under: self.digest) } catch { return [] }
    }

    private func outcome(
        _ entry: ListedAtCenters,
        _ kept: (Digest) -> [UInt8]?,
        _ brought: Brought?
    ) async -> Result<Fetched?, any Error> {
        do { return .success(try await self.fetch(entry, kept, brought)) } catch { return .failure(error) }
    }

    private func fetch(
        _ entry: ListedAtCenters,
        _ kept: (Digest) -> [UInt8]?,
        _ brought: Brought?
    ) async throws -> Fetched? {
        let envelope = try await self.envelope(entry, kept, brought)
        let header = envelope.header
        // Centers re-encrypt all envelopes of a question or none, and never one under single control.
        guard header.mode == .scopeAndEpochKey else {
            self.notes.passOver(entry.h1)
            return nil
        }
        let name = ReceivingNotes.SenderSequence(sender: header.sender, sequence: header.sequence)
        guard self.notes.claim(name, for: entry.h1) else {
            throw ReceivingError.envelope(entry.h1, "\(header.sender) used its number \(header.sequence) twice")
        }
        let capsule = try await self.capsule(of: header, entry)
        return Fetched(h1: entry.h1, holders: entry.holders, envelope: envelope, capsule: capsule)
    }

    /// The envelope that is kept, or from the first center that gives it, its sender's signature verified.
    private func envelope(
        _ entry: ListedAtCenters,
        _ kept: (Digest) -> [UInt8]?,
        _ brought: Brought?
    ) async throws -> VerifiedEnvelope {
        let inHand = kept(entry.h1)
        for place in entry.holders {
            do {
                let bytes: [UInt8]
                if let inHand {
                    bytes = inHand
                } else if let brought, brought.place == place {
                    bytes = brought.bytes
                } else {
                    bytes = try await self.centers[place].envelope(entry.h1, under: self.digest)
                }
                guard ParsedEnvelope.indexPointer(of: bytes) == entry.h1.bytes else {
                    let why = "gave another envelope than the one that was asked for"
                    self.note(place, why, .anotherEnvelope, bytes)
                    continue
                }
                let envelope = try ParsedEnvelope(bytes: bytes)
                guard envelope.header.scopeDigest == self.grant.terms.scopeDigest else {
                    // Its hash is the one that was asked for: who listed it is at fault.
                    self.note(place, "listed an envelope of another scope", .anotherEnvelope, entry.h1.bytes)
                    continue
                }
                let sender = try await self.sender(envelope.header.senderCertificateDigest, from: place)
                return try envelope.verify(sender: sender)
            } catch let error {
                let isLie = error is ProtocolFailure
                let why = "does not give an envelope that verifies: \(error)"
                self.note(place, why, isLie ? .anotherEnvelope : nil, isLie ? entry.h1.bytes : [])
            }
        }
        throw ReceivingError.noEnvelope(entry.h1, self.faults)
    }

    private func sender(_ bytes: [UInt8], from place: Int) async throws -> CertifiedKey {
        guard let digest = Digest(bytes: bytes) else { throw ProtocolFailure(.format, "a digest has 32 bytes") }
        if let known = self.notes.sender(digest) { return known }
        let certificate = try ImplicitCertificate(bytes: await self.centers[place].certificate(digest))
        try require(certificate.digest == bytes, .context, "another certificate than the one that was asked for")
        let issuer = try TrustedParty.issuer(of: certificate, among: self.issuers)
        let key = try CertifiedKey(certificate, from: issuer.trusted.issuer)
        self.notes.keep(key, digest)
        return key
    }

    /// The capsule that an envelope names; it is fetched once for all of them.
    private func capsule(of header: EnvelopeHeader, _ entry: ListedAtCenters) async throws -> EpochCapsule {
        guard let digest = Digest(bytes: header.capsuleDigest) else {
            throw ProtocolFailure(.format, "a digest has 32 bytes")
        }
        if let known = try await self.capsules.capsule(digest) { return known }
        let found = await self.fetchCapsule(digest, entry)
        self.capsules.finish(digest, with: found)
        guard let found else {
            throw ReceivingError.envelope(entry.h1, "no privacy center gives the capsule of its epoch key")
        }
        return found
    }

    private func fetchCapsule(_ digest: Digest, _ entry: ListedAtCenters) async -> EpochCapsule? {
        for place in entry.holders {
            do {
                let capsule = EpochCapsule(bytes: try await self.centers[place].capsule(digest, under: self.digest))
                guard capsule.digest == digest.bytes else {
                    let why = "gave another capsule than the one that was asked for"
                    self.note(place, why, .anotherEnvelope, capsule.bytes)
                    continue
                }
                return capsule
            } catch { self.note(place, "does not give the capsule of an epoch key: \(error)", code: error.code) }
        }
        return nil
    }

    /// Holds something against a center, but not that nobody waited for it any more.
    func note(
        _ place: Int,
        _ why: String,
        _ lie: CenterFault.Lie? = nil,
        _ evidence: [UInt8] = [],
        code: String = ""
    ) {
        if lie == nil, Task.isCancelled { return }
        let center = self.grant.terms.centers[place].id
        self.notes.note(CenterFault(center: center, why: why, lie: lie, evidence: evidence, code: code))
    }
}
