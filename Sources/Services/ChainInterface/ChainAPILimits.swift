package import SecureHTTP

/// What the interface grants its clients.
package struct ChainAPILimits: Sendable, Hashable {
    /// Longest wait for a block, ms.
    package static let waitMillisecondsMax: UInt64 = 30_000
    /// Transactions of one batch.
    package static let batchCountMax = 1_000
    /// Bytes of one batch.
    package static let batchBytesMax = 4 << 20
    /// Blocks, headers or committees of one answer.
    package static let listCountMax = 4_096
    /// Events of one answer about a subject.
    package static let subjectEventsMax = 1_000
    /// Bytes of one answer with several blocks, unless a single one has more.
    package static let blocksBytesMax = 8 << 20
    /// Bytes of one answer with headers or committees.
    package static let listBytesMax = 3 << 20
    /// Bytes of a key of the state.
    package static let keyBytesMax = 1_024

    /// Connections, times and sizes.
    ///
    /// A response may take longer than an event stream.
    package var server = ServerLimits(responseSeconds: 660)
    /// Requests that one party may make in the long run, or all clients without a certificate together.
    package var requestsPerSecond = 2_000.0
    /// Requests that one party may make at once, or all clients without a certificate together.
    package var requestsBurst = 4_000.0
    /// Transactions that all clients without a certificate together may hand in, in the long run.
    package var strangerSubmissionsPerSecond = 200.0
    /// Transactions that all clients without a certificate together may hand in at once.
    package var strangerSubmissionsBurst = 1_000.0
    /// Bytes of request bodies in memory at once; half of it for one party, or for all clients without a certificate.
    package var bodyBytesHeldMax = 64 << 20
    /// Clients that wait for their transactions at once; half of them may be one party's, or without a certificate.
    package var waitsMax = 10_000
    /// Event streams at once; a quarter of them may be one party's, half of them without a certificate.
    package var streamsMax = 256
    /// Answers with several blocks or headers at once; half of them may be one party's, or without a certificate.
    package var listingsMax = 16
    /// Seconds between two signs of life in an event stream.
    package var heartbeatSeconds = 15.0
    /// Seconds after which an event stream ends; the client goes on where it was.
    package var streamSeconds = 600.0
    /// Seconds that a subscriber may leave one write waiting.
    package var slowSeconds = 10.0

    package init() {}
}
