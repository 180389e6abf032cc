package import Records
package import Signcryption

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

    package init() {}
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

/// An envelope with what it held.
package struct OpenedEnvelope: Sendable {
    package let h1: Digest
    package let envelope: VerifiedEnvelope
    package let capsule: EpochCapsule
    package let content: EnvelopeContent
    /// Without padding.
    package let records: [EnvelopeRecord]
}

/// An envelope that privacy centers list, with the places of those that have it.
package struct ListedAtCenters: Sendable {
    package let h1: Digest
    /// Of the sender's certificate, as the first center says.
    package let sender: Digest
    /// Places in the grant, from 0.
    package internal(set) var holders: [Int]
}

/// What came of some envelopes.
package struct OpenedBatch: Sendable {
    package internal(set) var opened: [OpenedEnvelope] = []
    /// Those that could not be opened, and why; under single control there is nothing to open.
    package internal(set) var failed: [(h1: Digest, error: any Error)] = []
}
