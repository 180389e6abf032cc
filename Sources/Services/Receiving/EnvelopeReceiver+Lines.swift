internal import Bundles
internal import CanonicalBytes
package import Records
internal import Signcryption

internal import struct Bundles.Bundle

/// Writes what was received as lines.
extension EnvelopeReceiver {
    /// Receives a whole scope, or one envelope.
    ///
    /// - Parameters:
    ///   - only: H1 of the envelope; nil for all.
    ///   - write: takes Observations as FHIR JSON, one a line, in the order in which the first center lists them.
    ///   - progress: called after each envelope.
    /// - Returns: what there was.
    /// - Throws: ``ReceivingError``, or what makes an envelope untrustworthy; lines may have been written before.
    package func receive(
        _ only: Digest? = nil,
        write: (ArraySlice<UInt8>) throws -> Void,
        progress: (ReceivingSummary) -> Void = { _ in }
    ) async throws -> ReceivingSummary {
        var summary = ReceivingSummary()
        self.notes.forgetPassedOver()
        try await self.open(self.list(only)) { batch in
            for opened in batch.opened {
                try Self.write(opened.records, write, &summary)
                summary.envelopes += 1
                summary.parts += self.grant.terms.threshold
                summary.epochKeys = self.keys.openedCount
                progress(summary)
            }
            if let failure = batch.failed.first { throw failure.error }
        }
        let passedOver = self.notes.passedOver.count
        if let only, passedOver > 0 {
            throw ReceivingError.envelope(only, "it is under single control, which a grant does not open")
        }
        summary.passedOver = passedOver
        return summary
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
}
