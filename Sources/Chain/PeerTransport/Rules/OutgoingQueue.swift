internal import NIOCore

/// What a frame is for, most urgent first.
package enum FrameClass: UInt8, Sendable, Hashable, CaseIterable {
    /// Votes and status of the consensus.
    case votes
    /// Blocks and bodies of the consensus.
    case proposals
    /// Blocks and states for validators that are behind.
    case sync
    /// Transactions on their way to the coordinator.
    case transactions
}

/// What a full queue does.
package enum OverflowPolicy: Sendable, Hashable {
    /// The oldest frames make room: for what is only worth something while it is new.
    case dropOldest
    /// The new frame is not taken: for what the caller sends again.
    case dropNewest
}

/// The bound of one peer's queue of one class.
package struct QueueLimit: Sendable, Hashable {
    /// Counted by ``OutgoingQueue/cost(of:)``.
    package let bytes: Int
    package let policy: OverflowPolicy

    package init(bytes: Int, policy: OverflowPolicy) {
        self.bytes = bytes
        self.policy = policy
    }
}

/// One peer's frames that wait for its connection, a bounded lane for each class.
package struct OutgoingQueue: Sendable {
    /// What keeping a frame costs besides its bytes, so that empty frames are bounded too.
    private static let overheadBytes = 64

    private var lanes: [Lane]

    /// - Parameter limits: of each class.
    package init(limits: (FrameClass) -> QueueLimit) {
        self.lanes = FrameClass.allCases.map { Lane(limit: limits($0)) }
    }

    /// What a frame counts against the bound.
    package static func cost(of frame: Frame) -> Int { frame.bytes.count + self.overheadBytes }

    package var isEmpty: Bool { self.lanes.allSatisfy(\.frames.isEmpty) }

    /// Bytes that wait, by ``cost(of:)``.
    package func queuedBytes(_ frameClass: FrameClass) -> Int { self.lanes[Int(frameClass.rawValue)].bytes }

    /// Frames that were dropped since the beginning.
    package func droppedFrames(_ frameClass: FrameClass) -> UInt64 { self.lanes[Int(frameClass.rawValue)].dropped }

    /// Appends a frame as the class's policy has it.
    ///
    /// - Returns: whether the frame was taken; one above the whole bound never is.
    package mutating func append(_ frame: Frame, _ frameClass: FrameClass) -> Bool {
        self.lanes[Int(frameClass.rawValue)].append(frame, cost: Self.cost(of: frame))
    }

    /// Takes the most urgent frames, in order within a class.
    ///
    /// - Parameter bytes: taking ends when so many bytes were taken; the last frame may exceed it.
    /// - Returns: none when nothing waits.
    package mutating func take(upTo bytes: Int) -> [Frame] {
        var frames: [Frame] = []
        var taken = 0
        for index in self.lanes.indices {
            while taken < bytes, let frame = self.lanes[index].removeFirst() {
                taken += Self.cost(of: frame)
                frames.append(frame)
            }
        }
        return frames
    }

    /// Drops all but the newest frames of a class.
    package mutating func keepNewest(_ count: Int, _ frameClass: FrameClass) {
        self.lanes[Int(frameClass.rawValue)].keepNewest(count)
    }

    private struct Lane: Sendable {
        let limit: QueueLimit
        var frames = CircularBuffer<Frame>()
        var bytes = 0
        var dropped: UInt64 = 0

        init(limit: QueueLimit) { self.limit = limit }

        mutating func append(_ frame: Frame, cost: Int) -> Bool {
            guard cost <= self.limit.bytes else {
                self.dropped += 1
                return false
            }
            while self.bytes + cost > self.limit.bytes {
                self.dropped += 1
                guard self.limit.policy == .dropOldest else { return false }
                _ = self.removeFirst()
            }
            self.frames.append(frame)
            self.bytes += cost
            return true
        }

        mutating func keepNewest(_ count: Int) {
            while self.frames.count > count, self.removeFirst() != nil { self.dropped += 1 }
        }

        mutating func removeFirst() -> Frame? {
            guard let frame = self.frames.popFirst() else { return nil }
            self.bytes -= OutgoingQueue.cost(of: frame)
            return frame
        }
    }
}
