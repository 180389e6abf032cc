internal import CanonicalBytes
internal import Credentials
internal import P256Group
internal import Records
internal import Signcryption
internal import Transcripts
internal import Uplink

/// Asks privacy centers for parts, and checks each before it counts.
extension EnvelopeReceiver {
    /// Good parts of as many centers as are needed, by H1.
    mutating func collectParts(of batch: [Fetched], _ nonce: [UInt8]) async throws -> [Digest: [[UInt8]]] {
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
}
