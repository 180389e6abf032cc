internal import Records
internal import Signcryption
internal import Synchronization

/// Capsules of epoch keys that were fetched, or are being fetched: many envelopes name the same one, and it is asked for once.
final class CapsuleShelf: Sendable {
    /// What whoever needs a capsule has to do.
    private enum Turn: Sendable {
        case here(EpochCapsule)
        /// Fetch it, and say how that ended with ``CapsuleShelf/finish(_:with:)``.
        case fetch
        /// Somebody else fetches it; the stream ends when that is over.
        case wait(AsyncStream<Void>)
    }

    private struct State {
        var capsules: [Digest: EpochCapsule] = [:]
        /// Those who wait for a capsule that is being fetched.
        var waiting: [Digest: [AsyncStream<Void>.Continuation]] = [:]
    }

    private let state = Mutex(State())

    /// The capsule when it is there or comes; nil for whoever is to fetch it.
    ///
    /// - Throws: `CancellationError`.
    func capsule(_ digest: Digest) async throws -> EpochCapsule? {
        while true {
            switch self.turn(digest) {
            case .here(let capsule): return capsule
            case .fetch: return nil
            case .wait(let stream): for await _ in stream {}
            }
            // A stream ends at once for who is cancelled.
            try Task.checkCancellation()
        }
    }

    private func turn(_ digest: Digest) -> Turn {
        self.state.withLock { state in
            if let capsule = state.capsules[digest] { return Turn.here(capsule) }
            guard state.waiting[digest] != nil else {
                state.waiting[digest] = []
                return Turn.fetch
            }
            let (stream, continuation) = AsyncStream<Void>.makeStream()
            state.waiting[digest]?.append(continuation)
            return Turn.wait(stream)
        }
    }

    /// Ends fetching; without a capsule the next one who needs it tries.
    func finish(_ digest: Digest, with capsule: EpochCapsule?) {
        let waiting = self.state.withLock { state in
            if let capsule { state.capsules[digest] = capsule }
            return state.waiting.removeValue(forKey: digest) ?? []
        }
        for continuation in waiting { continuation.finish() }
    }
}
