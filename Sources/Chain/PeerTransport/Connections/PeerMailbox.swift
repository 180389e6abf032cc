internal import Certificates
internal import NIOCore
internal import Synchronization

/// What the core's threads and the event loop share about one peer.
final class PeerMailbox: Sendable {
    /// Votes and status that a new connection begins with.
    ///
    /// What gathered while a peer was away is old, and status makes up for what is lost; all of it at once would be a flood,
    /// for which the peer would lock this validator out.
    private static let votesKept = 128

    let peer: Peer
    private let state: Mutex<State>

    init(_ peer: Peer, _ configuration: PeerTransportConfiguration) {
        self.peer = peer
        self.state = Mutex(State(configuration))
    }

    /// Queues a frame.
    ///
    /// - Returns: whether it was taken, and whether the event loop has to be told.
    func append(_ frame: Frame, _ frameClass: FrameClass) -> (taken: Bool, wakes: Bool) {
        self.state.withLock { state in
            guard state.queue.append(frame, frameClass) else { return (false, false) }
            guard state.isDrained else { return (true, false) }
            state.isDrained = false
            return (true, true)
        }
    }

    /// Takes frames for the connection; nothing taken means that the next frame has to tell the event loop.
    func take(upTo bytes: Int) -> [Frame] {
        self.state.withLock { state in
            let frames = state.queue.take(upTo: bytes)
            state.isDrained = frames.isEmpty
            state.sentFrames += UInt64(frames.count)
            state.sentBytes += frames.reduce(0) { $0 + UInt64($1.bytes.count) }
            return frames
        }
    }

    /// Counts a frame that is about to be handed over.
    func charge(_ frame: PeerFrame) {
        self.state.withLock { state in
            state.receivedFrames += 1
            state.receivedBytes += UInt64(frame.bytes.count)
            state.credit.charge(frame.cost)
        }
    }

    /// - Returns: whether reading goes on now.
    func release(_ cost: Int) -> Bool { self.state.withLock { $0.credit.release(cost) } }

    var isPaused: Bool { self.state.withLock { $0.credit.isPaused } }

    /// Adds points.
    ///
    /// - Returns: the seconds of the penalty that begins now; nil when none does.
    func add(_ misbehaviour: Misbehaviour, weight: Int) -> Double? {
        let now = Clock.seconds
        return self.state.withLock { state in
            state.misbehaviours[misbehaviour, default: 0] += 1
            return state.score.add(weight, at: now)
        }
    }

    var isRefused: Bool {
        let now = Clock.seconds
        return self.state.withLock { $0.score.isRefused(at: now) }
    }

    func noteConnected(session: UInt64) {
        self.state.withLock { state in
            state.queue.keepNewest(Self.votesKept, .votes)
            state.connectedSince = Clock.wallSeconds
            state.session = session
            state.lastError = nil
        }
    }

    /// Frames wait from now on, and nobody needs to be told of them.
    func noteDisconnected() {
        self.state.withLock { state in
            state.connectedSince = nil
            state.isDrained = false
        }
    }

    func noteAccepted(session: UInt64) {
        self.state.withLock { state in
            state.isAccepted = true
            state.session = session
        }
    }

    func noteLeft() { self.state.withLock { $0.isAccepted = false } }

    func note(error: String) { self.state.withLock { $0.lastError = error } }

    var status: PeerStatus {
        let now = Clock.seconds
        return self.state.withLock { $0.status(of: self.peer, at: now) }
    }

    private struct State: Sendable {
        var queue: OutgoingQueue
        /// Whether the connection has nothing to do and waits to be told of a frame.
        var isDrained = false
        var credit: PeerCredit
        var score: PeerScore
        var misbehaviours: [Misbehaviour: UInt64] = [:]
        var sentFrames: UInt64 = 0
        var sentBytes: UInt64 = 0
        var receivedFrames: UInt64 = 0
        var receivedBytes: UInt64 = 0
        var connectedSince: UInt64?
        var isAccepted = false
        var session: UInt64?
        var lastError: String?

        init(_ configuration: PeerTransportConfiguration) {
            self.queue = OutgoingQueue(limits: configuration.queueLimit)
            self.credit = PeerCredit(limit: configuration.creditBytes)
            self.score = PeerScore(rules: configuration.scoreRules)
        }

        func status(of peer: Peer, at now: Double) -> PeerStatus {
            PeerStatus(
                number: peer.number,
                name: peer.name,
                isConnected: self.connectedSince != nil,
                connectedSince: self.connectedSince,
                isAccepted: self.isAccepted,
                session: self.session,
                queues: FrameClass.allCases.map {
                    .init(
                        frameClass: $0,
                        bytes: self.queue.queuedBytes($0),
                        dropped: self.queue.droppedFrames($0)
                    )
                },
                sentFrames: self.sentFrames,
                sentBytes: self.sentBytes,
                receivedFrames: self.receivedFrames,
                receivedBytes: self.receivedBytes,
                unreleasedBytes: self.credit.outstanding,
                isPaused: self.credit.isPaused,
                score: self.score.points(at: now),
                penaltySeconds: max(0, (self.score.refusedUntil ?? 0) - now),
                misbehaviours: Misbehaviour.allCases.map { self.misbehaviours[$0] ?? 0 },
                lastError: self.lastError
            )
        }
    }
}
