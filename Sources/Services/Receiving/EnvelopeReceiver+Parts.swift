internal import CanonicalBytes
internal import ChainReading
internal import P256Group
internal import Records
internal import Signcryption
internal import Transcripts
internal import Uplink

/// Parts for one envelope, as they came in.
struct PartsInHand: Sendable {
    /// The good ones once they were checked.
    var bytes: [[UInt8]] = []
    /// Places of the centers that sent them.
    var places: [Int] = []
    /// What was checked, so that it is not checked again when the envelope is opened.
    var selection: PartSelection?

    /// - Throws: `THRESHOLD` when nothing was checked.
    static func required(_ selection: PartSelection?) throws(ProtocolFailure) -> PartSelection {
        guard let selection else { throw ProtocolFailure(.threshold, "no parts") }
        return selection
    }
}

/// Asks privacy centers for parts, and checks each once.
extension EnvelopeReceiver {
    /// Good parts of as many centers as are needed, by H1.
    ///
    /// As many centers as are needed are asked at the same time; others only in the place of those that fail.
    func collectParts(of batch: [Fetched], _ nonce: [UInt8]) async -> [Digest: PartsInHand] {
        let needed = self.grant.terms.threshold
        var hands: [Digest: PartsInHand] = [:]
        for fetched in batch { hands[fetched.h1] = PartsInHand() }
        var untried = Array(self.centers.indices)
        while true {
            let lacking = batch.filter { (hands[$0.h1]?.bytes.count ?? 0) < needed }
            guard !lacking.isEmpty else { return hands }
            let round = self.next(of: &untried, lacking, hands)
            guard !round.isEmpty else { return hands }
            for (place, answer) in await self.ask(round, nonce) {
                self.sort(answer, from: place, round.first { $0.place == place }?.wanted ?? [], into: &hands)
            }
            for (h1, selection) in await self.selections(lacking, hands, nonce) {
                hands[h1] = hands[h1].map { self.checked($0, selection) }
            }
        }
    }

    private struct Errand: Sendable {
        let place: Int
        let wanted: [Digest]
    }

    /// The centers that are asked next, and for what: so many that, if all answer well, nothing is lacking.
    private func next(
        of untried: inout [Int],
        _ lacking: [Fetched],
        _ hands: [Digest: PartsInHand]
    ) -> [Errand] {
        var open: [Digest: Int] = [:]
        for fetched in lacking {
            open[fetched.h1] = self.grant.terms.threshold - (hands[fetched.h1]?.bytes.count ?? 0)
        }
        var errands: [Errand] = []
        for place in untried {
            let wanted = lacking.filter { $0.holders.contains(place) && open[$0.h1] ?? 0 > 0 }.map(\.h1)
            guard !wanted.isEmpty else { continue }
            for h1 in wanted { open[h1]? -= 1 }
            errands.append(Errand(place: place, wanted: wanted))
        }
        untried.removeAll { place in errands.contains { $0.place == place } }
        return errands
    }

    private func ask(_ errands: [Errand], _ nonce: [UInt8]) async -> [(Int, SharingAnswer?)] {
        await withTaskGroup(of: (Int, SharingAnswer?).self) { group in
            for errand in errands {
                group.addTask { (errand.place, await self.ask(errand.place, for: errand.wanted, nonce)) }
            }
            var answers: [(Int, SharingAnswer?)] = []
            for await answer in group { answers.append(answer) }
            return answers.sorted { $0.0 < $1.0 }
        }
    }

    private func ask(_ place: Int, for h1s: [Digest], _ nonce: [UInt8]) async -> SharingAnswer? {
        let answer: SharingAnswer
        do {
            let signature = try Schnorr.sign(
                self.receiver.key,
                context: "REENC-REQ",
                message: transcript([self.digest.bytes, nonce] + h1s.map(\.bytes))
            )
            answer = try await self.centers[place].answer(
                ReencryptionQuestion(grant: self.digest, envelopes: h1s, nonce: nonce, signature: signature)
            )
        } catch {
            self.note(place, "gives no parts: \(error)", code: (error as? UplinkFailure)?.code ?? "")
            return nil
        }
        let question = CenterQuestion(
            center: self.grant.terms.centers[place].id,
            envelopes: h1s,
            nonce: nonce,
            grant: self.digest
        )
        if let flaw = await self.judge?.flaw(in: answer, to: question) {
            self.note(place, flaw.why, flaw.lie, answer.delivery + answer.head)
            // What nobody can hold the center to is not used.
            return nil
        }
        return answer
    }

    private func sort(
        _ answer: SharingAnswer?,
        from place: Int,
        _ wanted: [Digest],
        into hands: inout [Digest: PartsInHand]
    ) {
        guard let answer else { return }
        for h1 in wanted {
            guard let part = answer.parts[h1] else {
                self.note(place, "left out a part")
                continue
            }
            guard let index = try? ReencryptionPart(bytes: part).index, Int(index) == place + 1 else {
                let why = "sent a false part: CONTEXT: it is in the place of another privacy center"
                self.note(place, why, .falsePart, part)
                continue
            }
            hands[h1]?.bytes.append(part)
            hands[h1]?.places.append(place)
        }
    }

    /// Checks the proofs of all parts that are there, on all processors; in the order of the envelopes.
    private func selections(
        _ batch: [Fetched],
        _ hands: [Digest: PartsInHand],
        _ nonce: [UInt8]
    ) async -> [(Digest, PartSelection)] {
        let batch = batch.filter { hands[$0.h1].map { !$0.bytes.isEmpty } ?? false }
        return await withTaskGroup(of: (Int, [(Digest, PartSelection)]).self) { group in
            for start in stride(from: 0, to: batch.count, by: Self.envelopesPerTask) {
                let some = Array(batch[start..<min(start + Self.envelopesPerTask, batch.count)])
                group.addTask { (start, some.map { ($0.h1, self.selection(of: $0, hands[$0.h1], nonce)) }) }
            }
            var results: [Int: [(Digest, PartSelection)]] = [:]
            for await (start, selections) in group { results[start] = selections }
            return results.keys.sorted().flatMap { results[$0] ?? [] }
        }
    }

    private func selection(of fetched: Fetched, _ hand: PartsInHand?, _ nonce: [UInt8]) -> PartSelection {
        PartSelection(hand?.bytes ?? [], of: fetched.envelope.envelope, under: self.grant, nonce: nonce)
    }

    /// The parts without those whose proofs do not hold.
    private func checked(_ hand: PartsInHand, _ selection: PartSelection) -> PartsInHand {
        var hand = hand
        let bad = selection.faults.map(\.position)
        for fault in selection.faults {
            let place = hand.places[fault.position]
            self.note(place, "sent a false part: \(fault.failure)", .falsePart, hand.bytes[fault.position])
        }
        hand.bytes = hand.bytes.indices.filter { !bad.contains($0) }.map { hand.bytes[$0] }
        hand.places = hand.places.indices.filter { !bad.contains($0) }.map { hand.places[$0] }
        hand.selection = selection
        return hand
    }
}

extension UplinkFailure {
    /// Stable code of a refusal; empty for none.
    var code: String { if case .refused(_, let code, _, _) = self { code } else { "" } }
}
