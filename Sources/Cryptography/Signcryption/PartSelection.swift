package import CanonicalBytes

/// A part that was dropped, with the privacy center that is to blame.
package struct CheatingPrivacyCenter: Sendable, Hashable {
    /// Position of the part among those given, from 0: who delivered it is at fault, whatever it claims.
    package let position: Int
    /// The number that the part claims; nil when it could not be read.
    package let index: UInt8?
    /// The id of that center in the grant; nil when there is none.
    package let id: String?
    package let failure: ProtocolFailure
}

/// The good parts among those that privacy centers sent, and what was wrong with the others.
///
/// A receiver in service drops faulty parts and goes on, as the specification allows in section 5.6.
package struct PartSelection: Sendable {
    /// At most one for every center.
    package private(set) var accepted: [CheckedPart] = []
    package private(set) var faults: [CheatingPrivacyCenter] = []

    /// Checks all parts.
    package init(_ parts: [[UInt8]], of envelope: ParsedEnvelope, under grant: VerifiedGrant, nonce: [UInt8]) {
        for (position, bytes) in parts.enumerated() {
            let part: ReencryptionPart
            do {
                part = try ReencryptionPart(bytes: bytes)
            } catch {
                self.faults.append(CheatingPrivacyCenter(position: position, index: nil, id: nil, failure: error))
                continue
            }
            do {
                try self.accept(grant.check(part, of: envelope, nonce: nonce))
            } catch {
                let id = grant.hasCenter(part.index) ? grant.terms.centers[Int(part.index) - 1].id : nil
                self.faults.append(
                    CheatingPrivacyCenter(position: position, index: part.index, id: id, failure: error)
                )
            }
        }
    }

    /// Checks parts until the first that is faulty.
    ///
    /// - Throws: as ``VerifiedGrant/check(_:of:nonce:)``; `DUPLICATE` for two parts of one center.
    package init(
        strictly parts: [[UInt8]],
        of envelope: ParsedEnvelope,
        under grant: VerifiedGrant,
        nonce: [UInt8]
    ) throws(ProtocolFailure) {
        for part in parts { try self.accept(grant.check(part, of: envelope, nonce: nonce)) }
    }

    private mutating func accept(_ part: CheckedPart) throws(ProtocolFailure) {
        let isNew = !self.accepted.contains { $0.index == part.index }
        try require(isNew, .duplicate, "privacy center \(part.index) sent two parts")
        self.accepted.append(part)
    }
}
