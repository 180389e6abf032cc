internal import Records
internal import Units

/// The blocks of one series that follow each other.
///
/// Nothing of a block is changed by what is found here, and no sample is made up: the run only says what is missing.
struct SampleRun: Sendable, Equatable {
    /// The grid's beginning: the time of the run's first sample as its block gave it, nanoseconds since 1970.
    var start: Int64
    /// Samples from ``start`` to the end of the newest block, lost ones included.
    var position: UInt64
    /// The counter that the next block should have; nil without one.
    var next: UInt64?
    /// When the newest block ended by its own time, nanoseconds since 1970.
    var end: Int64
    /// Samples a block has; what a lost packet is taken to have had.
    var blockSamples: UInt64
    /// The period in nanoseconds, rounded: another one begins another run.
    var periodNs: Int64
    /// Receive time of the newest block.
    var lastReceivedAt: Int64

    /// A block with what is needed to place it.
    struct Block {
        let time: Int64
        let series: SampledSeries
        let stated: SampleBlock
        let receivedAt: Int64

        var count: UInt64 { UInt64(self.series.samples.count) }
        var end: Int64 { self.time.clampedSum(self.series.nanoseconds(ofSamples: Int64(self.series.samples.count))) }
        var periodNs: Int64 { self.series.nanoseconds(ofSamples: 1) }

        /// How far times may be off.
        var tolerance: Int64 {
            self.stated.toleranceNs ?? max(self.periodNs, self.series.nanoseconds(ofSamples: Int64(self.count)) / 2)
        }

        /// The counter of the block after this one.
        var following: UInt64? {
            guard let counter = self.stated.counter else { return nil }
            let step = self.stated.counts == .samples ? self.count : 1
            return (counter &+ step) & self.mask
        }

        /// The bits of the counter.
        var mask: UInt64 { self.stated.counterBits.map { 1 << UInt64($0) - 1 } ?? .max }

        /// How far ahead of another counter this one is: the shorter way round, negative when it is behind.
        func ahead(of counter: UInt64) -> Int64? {
            guard let own = self.stated.counter else { return nil }
            let forward = (own &- counter) & self.mask
            let isBehind = forward > self.mask >> 1
            return isBehind ? 0 - Int64(clamping: (counter &- own) & self.mask) : Int64(clamping: forward)
        }
    }

    /// A run that begins with a block.
    init(startingWith block: Block) {
        self.start = block.time
        self.position = block.count
        self.next = block.following
        self.end = block.end
        self.blockSamples = block.count
        self.periodNs = block.periodNs
        self.lastReceivedAt = block.receivedAt
    }

    init(
        start: Int64,
        position: UInt64,
        next: UInt64?,
        end: Int64,
        blockSamples: UInt64,
        periodNs: Int64,
        lastReceivedAt: Int64
    ) {
        self.start = start
        self.position = position
        self.next = next
        self.end = end
        self.blockSamples = blockSamples
        self.periodNs = periodNs
        self.lastReceivedAt = lastReceivedAt
    }

    /// Places the next block, and takes it into the run or begins a new one with it.
    mutating func place(_ block: Block) -> BlockPlace {
        guard block.periodNs == self.periodNs, block.count > 0 else { return self.restart(block, flag: nil) }
        guard let next = self.next, let ahead = block.ahead(of: next) else { return self.placeByTime(block) }
        let step = block.stated.counts == .samples ? 1 : Int64(clamping: self.blockSamples)
        let samples = ahead.clampedProduct(step)
        if ahead < 0 { return self.placeBehind(block, samples: samples) }
        // A counter that runs ahead without the time that it would need was set anew.
        let missing = block.series.nanoseconds(ofSamples: samples)
        let elapsed = block.time.clampedDifference(self.end)
        let isBelieved =
            elapsed.clampedDifference(missing).magnitude <= UInt64(block.tolerance) + missing.magnitude / 64
        guard ahead == 0 || isBelieved else { return self.restart(block, flag: .counterRestarted) }
        return self.follow(block, lost: UInt64(samples))
    }

    /// A counter that is behind: an older block, or a device that counts anew.
    private mutating func placeBehind(_ block: Block, samples: Int64) -> BlockPlace {
        guard self.isOlder(block) else { return self.restart(block, flag: .counterRestarted) }
        let isWithin = samples.magnitude <= self.position
        return BlockPlace(position: isWithin ? self.position - samples.magnitude : nil, flag: .lateBlock)
    }

    private mutating func placeByTime(_ block: Block) -> BlockPlace {
        let elapsed = block.time.clampedDifference(self.end)
        if elapsed > block.tolerance {
            let lost = (elapsed.clampedSum(self.periodNs / 2)) / max(1, self.periodNs)
            return self.follow(block, lost: UInt64(max(0, lost)))
        }
        if elapsed >= 0 - block.tolerance { return self.follow(block, lost: 0) }
        return self.isOlder(block)
            ? BlockPlace(position: nil, flag: .lateBlock) : self.restart(block, flag: .samplesOverlap)
    }

    /// Whether the block lies before the end of the newest one, as far as times can be trusted.
    private func isOlder(_ block: Block) -> Bool {
        block.end.clampedDifference(self.end) <= block.tolerance
            && block.time.clampedDifference(self.end) < 0 - block.tolerance
    }

    private mutating func follow(_ block: Block, lost: UInt64) -> BlockPlace {
        let position = self.position &+ lost
        let grid = self.start.clampedSum(block.series.nanoseconds(ofSamples: Int64(clamping: position)))
        let deviation = block.time.clampedDifference(grid)
        guard deviation.magnitude <= UInt64(block.tolerance) else {
            var place = self.restart(block, flag: lost > 0 ? .samplesLost : .sampleClockDrift)
            place.lost = lost
            return place
        }
        self.position = position &+ block.count
        self.next = block.following
        self.end = block.end
        self.blockSamples = block.count
        self.lastReceivedAt = block.receivedAt
        return BlockPlace(
            position: position,
            deviationNs: deviation,
            lost: lost,
            flag: lost > 0 ? .samplesLost : nil
        )
    }

    private mutating func restart(_ block: Block, flag: QualityFlag?) -> BlockPlace {
        self = SampleRun(startingWith: block)
        return BlockPlace(position: 0, flag: flag)
    }
}

extension Int64 {
    /// The product, held at the end of the range.
    func clampedProduct(_ other: Int64) -> Int64 {
        let (product, overflow) = self.multipliedReportingOverflow(by: other)
        guard overflow else { return product }
        return (self < 0) == (other < 0) ? .max : .min
    }
}
