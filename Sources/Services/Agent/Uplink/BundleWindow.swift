internal import Spool

/// How much goes into one envelope, and how long a reading waits for it.
package struct EnvelopeLimits: Sendable, Equatable {
    /// ms of receive time that one window covers.
    package var ageMillisecondsMax: Int64
    /// Observations in an envelope at most.
    package var readingsMax: Int
    /// Bytes of Observations and raw messages in an envelope at most, before compression; one reading may exceed it.
    package var bytesMax: Int

    package init(ageMillisecondsMax: Int64 = 10_000, readingsMax: Int = 200, bytesMax: Int = 512 << 10) {
        self.ageMillisecondsMax = ageMillisecondsMax
        self.readingsMax = readingsMax
        self.bytesMax = bytesMax
    }
}

/// Gathers what was received within a bounded time, until it is due to be sealed.
///
/// One window covers all streams, so that a single cursor says what is sealed. Pure: the clock is passed in.
struct BundleWindow {
    /// Bytes that a window may hold: the sealer's memory.
    static let bytesMax = 8 << 20

    private let limits: EnvelopeLimits
    private(set) var chunks: [SealableChunk] = []
    private var weight = 0

    init(limits: EnvelopeLimits) { self.limits = limits }

    var isEmpty: Bool { self.chunks.isEmpty }

    /// Sequence of the newest Observation; nil for an empty window.
    var lastSequence: Int64? { self.chunks.last?.lastSequence }

    /// Bytes that the window still takes.
    var room: Int { max(0, Self.bytesMax - self.weight) }

    /// Takes a chunk, unless it belongs to the next window.
    ///
    /// - Returns: false when this window is to be sealed first.
    mutating func take(_ chunk: SealableChunk) -> Bool {
        if let first = self.chunks.first {
            guard self.room > 0, chunk.receivedFrom - first.receivedFrom < self.limits.ageMillisecondsMax else {
                return false
            }
        }
        self.chunks.append(chunk)
        self.weight += chunk.weight
        return true
    }

    /// When the window is due at the latest, ms since 1970; nil while it is empty.
    var deadline: Int64? { self.chunks.first.map { $0.receivedFrom + self.limits.ageMillisecondsMax } }

    /// Whether the window is to be sealed now.
    ///
    /// A clock that was set back would keep it open for as long, so that seals it too.
    func isDue(now: Int64) -> Bool {
        guard let first = self.chunks.first, let deadline = self.deadline else { return false }
        return self.room == 0 || now >= deadline || now < first.receivedFrom - self.limits.ageMillisecondsMax
    }

    /// What goes into one envelope: Observations of one stream in order.
    struct Portion {
        let stream: PatientStream
        fileprivate(set) var lines: [Line] = []
    }

    /// One Observation of the window.
    struct Line {
        let chunk: Int
        /// Position in the chunk.
        let index: Int
    }

    /// Cuts the window into envelopes, in the order of each stream's first Observation.
    func portions() -> [Portion] {
        var done: [Portion] = []
        var open: [PatientStream: (portion: Portion, bytes: Int, message: Int)] = [:]
        var order: [PatientStream] = []
        for (chunkIndex, chunk) in self.chunks.enumerated() {
            for (index, item) in chunk.material.items.enumerated() {
                let stream = chunk.material.streams[item.stream]
                if open[stream] == nil { order.append(stream) }
                var current = open[stream] ?? (Portion(stream: stream), 0, -1)
                let isNewMessage = current.message != item.message || current.portion.lines.last?.chunk != chunkIndex
                let bytes = chunk.line(index).count + (isNewMessage ? chunk.material.bytes(of: item.message) : 0)
                if !current.portion.lines.isEmpty,
                    current.portion.lines.count >= self.limits.readingsMax
                        || current.bytes + bytes > self.limits.bytesMax
                {
                    done.append(current.portion)
                    current = (Portion(stream: stream), 0, -1)
                }
                current.portion.lines.append(Line(chunk: chunkIndex, index: index))
                current.bytes += bytes
                current.message = item.message
                open[stream] = current
            }
        }
        return done + order.compactMap { open[$0]?.portion }
    }

    /// Empties the window.
    mutating func removeAll() {
        self.chunks.removeAll()
        self.weight = 0
    }
}

extension SealableChunk {
    /// An Observation's JSON without the line feed.
    func line(_ index: Int) -> ArraySlice<UInt8> {
        self.lines[(index == 0 ? 0 : self.lineEnds[index - 1])..<self.lineEnds[index] - 1]
    }
}

extension RawMaterial {
    fileprivate func bytes(of message: Int) -> Int {
        self.messages[message].topic.count + self.messages[message].payload.count
    }
}
