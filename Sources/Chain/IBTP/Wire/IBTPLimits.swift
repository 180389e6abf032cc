/// Bounds on what a peer may send; the published protocol names none.
package enum IBTPLimits {
    /// Bytes of one encoded message of any kind.
    package static let messageBytesMax = 1 << 20
    /// Fields of one message, known and unknown, an element of a repeated field counted as one.
    package static let fieldsMax = 4_096
    /// Bytes of a batch of messages.
    package static let batchBytesMax = 8 << 20
    /// Messages of a batch.
    package static let batchMessagesMax = 1_024
    /// Destinations of a group.
    package static let groupMembersMax = 64
    /// Bytes of one of the three parts of a service's name.
    package static let servicePartBytesMax = 64
    /// Arguments of a call, and results of one.
    package static let argumentsMax = 256
    /// Results of a receipt, one a called service.
    package static let resultsMax = 64
    /// Signatures of relay validators in one attestation.
    package static let signaturesMax = 256
    /// Bytes of a version's text.
    package static let versionBytesMax = 32
    /// Bytes of the field that is free for extensions.
    package static let extraBytesMax = 16_384
}
