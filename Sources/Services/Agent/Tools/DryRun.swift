package import DeviceProfiles
internal import Expressions
internal import Normalization
internal import Records
internal import Spool

/// Runs one profile over payloads without a broker, a spool or patients: `wardline device test`.
package struct DryRun {
    /// What came of one payload.
    package struct Result: Sendable {
        /// Observations as NDJSON.
        package var lines: [UInt8] = []
        package var observations = 0
        /// Why the message, or a part of it, gave no reading; empty when every reading decoded.
        package var reasons: [String] = []
        /// Why the profile passes the message over.
        package var ignored: String?
    }

    private let profile: DeviceProfile
    private var processor: MessageProcessor
    private var number: UInt64 = 0

    /// Prepares a run.
    package init(profile: DeviceProfile) {
        self.profile = profile
        // A dry run is repeatable: its dedup keys never meet those of a spool.
        let normalizer = Normalizer(naming: .dryRun, secret: DedupSecret(key0: 0, key1: 0))
        self.processor = MessageProcessor(
            library: ProfileLibrary(profiles: [profile]),
            state: DecoderState(),
            normalizer: normalizer
        )
    }

    /// A topic that the profile reads, with every capture standing for itself.
    package var exampleTopic: String { self.profile.exampleTopic }

    /// Processes one payload; later payloads see what it taught the decoders and clocks.
    ///
    /// - Parameters:
    ///   - payload: the bytes as the device publishes them.
    ///   - topic: the topic they are published on.
    ///   - receivedAt: gateway clock, ns since 1970 UTC.
    /// - Returns: the Observations, or the reasons why there are none.
    package mutating func process(_ payload: [UInt8], topic: String, receivedAt: Int64) -> Result {
        var burst = MessageBurst()
        Array(topic.utf8).withUnsafeBytes { topic in
            payload.withUnsafeBytes { payload in
                burst.append(
                    topic: topic,
                    payload: payload,
                    receivedAt: receivedAt,
                    packetIdentifier: 0,
                    retained: false,
                    broker: 0
                )
            }
        }
        var output = NormalizedBatch()
        guard let (message, _) = burst.message(at: 0) else { return Result() }
        self.processor.process(message, of: burst, number: self.number, position: 0, into: &output)
        self.number += 1
        var result = Result(lines: output.lines, observations: output.items.count)
        result.reasons = output.deadLetters.map { "\($0.reasonCode): \($0.reasonText)" }
        if output.ignored > 0 { result.ignored = self.processor.lastIgnoreReason }
        return result
    }
}
