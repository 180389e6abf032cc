package import Records

/// Where a block of samples stands in its series, as far as its counter or its time tell.
///
/// Blocks that follow each other form a run: its samples lie on one grid of exact periods, whatever the blocks' own times
/// say. The time of a block's first sample on that grid is the block's time minus ``deviationNs``.
package struct BlockPlace: Sendable, Equatable {
    /// Samples of the run before this block, those that were lost included; nil for a block that came late.
    package var position: UInt64?
    /// How much later the block's time is than the grid says, nanoseconds.
    package var deviationNs: Int64
    /// Samples that are missing between the block before and this one.
    package var lost: UInt64
    /// What is to be known of it besides; nil when all is well.
    package var flag: QualityFlag?

    package init(position: UInt64?, deviationNs: Int64 = 0, lost: UInt64 = 0, flag: QualityFlag? = nil) {
        self.position = position
        self.deviationNs = deviationNs
        self.lost = lost
        self.flag = flag
    }
}
