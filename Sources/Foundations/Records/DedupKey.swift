/// What makes a reading the same reading: equal keys are one measurement, delivered twice.
///
/// The time stands apart from the hash so that the spool's index grows at its end and is pruned by age.
package struct DedupKey: Sendable, Hashable {
    /// The device's own time of the reading when it gives one, else the gateway's; ms since 1970 UTC.
    package let timeMilliseconds: Int64
    /// Keyed hash over device, code, channel and value or sequence number, so that the index reveals none of them.
    package let hash: UInt64

    package init(timeMilliseconds: Int64, hash: UInt64) {
        self.timeMilliseconds = timeMilliseconds
        self.hash = hash
    }
}
