internal import CanonicalBytes
internal import Certificates
internal import Receiving
internal import Records
internal import Signcryption

/// Opens envelopes through the centers and keeps what they hold, batch by batch.
struct ScopeOpening: Sendable {
    struct Result: Sendable {
        var fresh = 0
        /// Envelopes that centers have and no anchor lists.
        var unanchored: [Digest] = []
        /// Anchored envelopes that no center lists.
        var unlisted: [Digest] = []
        /// Envelopes that a gateway anchored without having sealed them.
        var foreign: [Digest] = []
        /// Those that could not be opened, and why.
        var failed: [(h1: Digest, why: String)] = []
        /// Envelopes under single control.
        var passedOver = 0

        /// What is still to be done; nil for nothing.
        func trouble(_ faults: [CenterFault]) -> ShareTrouble? {
            let code = FinalRefusals.decisive(of: faults.map(\.code))
            if let failure = self.failed.first {
                let others = self.failed.count > 1 ? " (and \(self.failed.count - 1) more)" : ""
                let isWaiting = !FinalRefusals.contains(code)
                return ShareTrouble(.delivery, isWaiting: isWaiting, code: code, failure.why + others)
            }
            if let h1 = self.foreign.first {
                let why = "the envelope \(h1.bytes.hex) was anchored by another gateway than sealed it"
                return ShareTrouble(.delivery, isWaiting: false, code: "foreign-anchor", why)
            }
            guard let h1 = self.unlisted.first else { return nil }
            let why = "\(self.unlisted.count) anchored envelopes are at no privacy center, the first is \(h1.bytes.hex)"
            return ShareTrouble(.delivery, isWaiting: true, code: "missing-envelopes", why)
        }
    }

    let scope: ScopeFolder
    let receiver: EnvelopeReceiver

    /// Opens what is missing, as far as centers have it.
    ///
    /// - Parameters:
    ///   - missing: anchored and not opened yet.
    ///   - known: all that are anchored.
    ///   - senders: gateways whose identity keys are there.
    ///   - progress: gets the number that was opened so far.
    /// - Returns: what was opened, and what not.
    /// - Throws: ``ReceivingError`` when centers refuse everything; for a folder that cannot be used.
    func open(
        _ missing: [AnchoredEnvelope],
        known: Set<Digest>,
        senders: Set<String>,
        progress: (Int) -> Void
    ) async throws -> Result {
        var result = Result()
        var listed: [Digest: ListedAtCenters] = [:]
        for entry in try await self.receiver.list() {
            if known.contains(entry.h1) {
                listed[entry.h1] = entry
            } else {
                result.unanchored.append(entry.h1)
            }
        }
        let wanted = missing.filter { senders.contains($0.sender) }
        result.unlisted = wanted.filter { listed[$0.h1] == nil }.map(\.h1)
        let owners = Dictionary(wanted.map { ($0.h1, $0.sender) }) { first, _ in first }
        let (kept, orphans) = try self.unopened()
        var refused = 0
        try await self.receiver.open(wanted.compactMap { listed[$0.h1] }, kept: { kept[$0] }) { batch in
            let good = batch.opened.filter { opened in
                let isTheirs = owners[opened.h1]?.isSame(as: opened.envelope.header.sender) ?? false
                if !isTheirs { result.foreign.append(opened.h1) }
                return isTheirs
            }
            result.failed += batch.failed.map { ($0.h1, "\($0.error)") }
            if !good.isEmpty { try self.keep(good) }
            result.fresh += good.count
            progress(result.fresh)
            // When centers refuse one batch after the other they will refuse the rest too.
            refused = batch.opened.isEmpty ? refused + 1 : 0
            if refused >= EnvelopeReceiver.batchesAtOnce, let failure = batch.failed.first { throw failure.error }
        }
        result.passedOver = self.receiver.passedOver.count
        for number in orphans { self.scope.share.remove(self.scope.name(.envelopes, number)) }
        return result
    }

    /// Envelopes that were kept before their content was: whoever worked here was killed in between.
    private func unopened() throws -> (envelopes: [Digest: [UInt8]], segments: [Int]) {
        let complete = Set(self.scope.segments(.records))
        var envelopes: [Digest: [UInt8]] = [:]
        let orphans = self.scope.segments(.envelopes).filter { !complete.contains($0) }
        for number in orphans {
            for entry in try self.scope.envelopes(number) {
                if let h1 = Digest(bytes: ParsedEnvelope.indexPointer(of: entry.envelope)) {
                    envelopes[h1] = entry.envelope
                }
            }
        }
        return (envelopes, orphans)
    }

    /// First the envelopes, then what they hold: a segment of records is complete with its envelopes.
    private func keep(_ batch: [OpenedEnvelope]) throws {
        let number = (self.scope.segments(.envelopes).last ?? 0) + 1
        for opened in batch {
            let sender = opened.envelope.sender
            let name = "\(self.scope.folder)/senders/\(sender.digest.hex).wlc"
            if !self.scope.share.has(name) { try self.scope.share.write(sender.certificate.bytes, to: name) }
        }
        try self.scope.write(
            batch.map { KeptEnvelope(envelope: $0.envelope.bytes, capsule: $0.capsule.bytes) },
            number: number
        )
        try self.scope.write(
            batch.map { KeptRecords(h1: $0.h1.bytes, content: $0.content) },
            number: number
        )
    }
}
