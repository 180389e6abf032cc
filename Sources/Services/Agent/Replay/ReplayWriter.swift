internal import Normalization
internal import Records
internal import Spool

/// Gathers what a replay issues into commits; a message is never split between two.
struct ReplayWriter {
    /// Bytes of Observations and raw messages after which a commit is due: the database has one writer, and the agent
    /// waits for it as long as this takes.
    static let bytesPerCommit = 256 << 10

    private(set) var batch = NormalizedBatch()
    private var streams: StreamNaming?

    /// - Parameter streams: says where Observations belong, when an uplink needs the raw messages.
    init(streams: StreamNaming?) { self.streams = streams }

    var isEmpty: Bool { self.batch.items.isEmpty }

    var isDue: Bool {
        self.batch.lines.count + (self.batch.material?.bytes.count ?? 0) >= Self.bytesPerCommit
    }

    /// Adds what came of one message.
    mutating func add(
        _ reissued: [Reissued],
        message: RawMessage,
        of burst: MessageBurst,
        profile: RawMaterial.Profile,
        lane: SpoolLane
    ) {
        guard !reissued.isEmpty else { return }
        // Received as the message was, so that the correction is kept as long as what it corrects.
        self.batch.noteReceived(message.receivedAt / 1_000_000)
        self.batch.lane = lane
        self.keepMaterial(reissued, message, burst, profile)
        for item in reissued {
            self.batch.lines += item.line
            self.batch.items.append(
                NormalizedBatch.Item(
                    key: item.reading?.key ?? DedupKey(timeMilliseconds: 0, hash: 0),
                    lineEnd: self.batch.lines.count,
                    message: self.batch.messageCount,
                    novelty: item.novelty
                )
            )
        }
        self.batch.messageCount += 1
    }

    /// Forgets what was committed.
    mutating func removeAll() { self.batch.removeAll() }

    private mutating func keepMaterial(
        _ reissued: [Reissued],
        _ message: RawMessage,
        _ burst: MessageBurst,
        _ profile: RawMaterial.Profile
    ) {
        guard self.streams != nil else { return }
        var material = self.batch.material.take() ?? RawMaterial()
        material.add(
            messageOn: burst.bytes[message.topic],
            payload: burst.bytes[message.payload],
            receivedNs: message.receivedAt,
            retained: message.retained,
            profile: profile
        )
        for item in reissued { if let stream = self.stream(of: item) { material.add(itemOf: stream) } }
        self.batch.material = material
    }

    private mutating func stream(of item: Reissued) -> PatientStream? {
        if let reading = item.reading { return self.streams?.stream(of: reading.observation) }
        guard let before = item.before else { return nil }
        return self.streams?.stream(
            pseudonym: before.pseudonym,
            device: before.device,
            kind: before.isSeries ? .waves : .vitals
        )
    }
}

extension Reissued {
    fileprivate var novelty: NormalizedBatch.Novelty {
        switch self.kind {
        case .corrected: .correction
        case .withdrawn: .withdrawal
        case .new: .reading
        }
    }
}
