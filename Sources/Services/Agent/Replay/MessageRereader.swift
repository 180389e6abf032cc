internal import DeviceProfiles
internal import Normalization
internal import Payloads
internal import Records
internal import Spool

/// Reads raw messages again, one after the other: from the topic to its profile, from the profile to Observations.
///
/// The one way for every replay, whether the message lies in the inbox or was sealed. Like the agent it remembers births,
/// clocks and series from one message to the next, so that messages must come in the order of their receipt. Pure.
struct MessageRereader {
    /// What a message gives now.
    struct Outcome {
        var readings: [NormalizedReading] = []
        /// Why the message, or a part of it, cannot be read; empty when all of it can.
        var reasons: [String] = []
        /// Whether the message itself says whom it is about.
        var namesPatient = false

        /// The ids that the readings have of their own.
        var ids: Set<String> { Set(self.readings.map { ObservationID($0.observation).description }) }
    }

    private let library: ProfileLibrary
    private var evaluator: ProfileEvaluator
    private var normalizer: Normalizer
    private var captures: [Range<Int>] = []

    /// - Parameters:
    ///   - library: with the mended profile.
    ///   - decoders: what decoders know before the first message.
    ///   - normalizer: with what is known of patients, clocks and series.
    init(library: ProfileLibrary, decoders: DecoderState, normalizer: Normalizer) {
        self.library = library
        self.evaluator = ProfileEvaluator(state: decoders)
        self.normalizer = normalizer
    }

    /// The profile that reads a topic; ``read(_:of:number:by:)`` takes it for the same message.
    mutating func profile(for topic: ArraySlice<UInt8>) -> DeviceProfile? {
        self.library.profile(for: topic, captures: &self.captures)
    }

    /// Reads a message.
    ///
    /// - Parameters:
    ///   - message: its place in the burst.
    ///   - burst: the bytes.
    ///   - number: as ``MessageContext/messageNumber``.
    ///   - profile: of its topic; nil when no profile reads it, which gives nothing.
    /// - Returns: its readings, and why there are none or not all.
    mutating func read(
        _ message: RawMessage,
        of burst: MessageBurst,
        number: UInt64,
        by profile: DeviceProfile?
    ) -> Outcome {
        var read = Outcome()
        guard let profile else { return read }
        let letter = Letter(message: message, burst: burst, number: number, position: 0)
        let outcome = burst.bytes.withUnsafeBytes { bytes in
            self.evaluator.evaluate(
                profile,
                payload: UnsafeRawBufferPointer(rebasing: bytes[message.payload]),
                topic: burst.bytes[message.topic],
                captures: self.captures
            )
        }
        switch outcome {
        case .ignored: break
        case .undecodable(let failure): read.reasons = [failure.explanation]
        case .readings(let found, let problems):
            read.namesPatient = found.patient != nil
            self.normalizer.normalize(found, context: letter.context(profile), into: &read.readings)
            read.reasons = problems.map(\.explanation)
        }
        return read
    }
}
