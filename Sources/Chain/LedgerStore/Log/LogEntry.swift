/// One entry of the write-ahead log.
package struct LogEntry: Hashable, Sendable {
    /// Log sequence number, from 1; it never falls, also not when the log is compacted.
    package let lsn: UInt64
    /// What the bytes are; the caller's, for example a channel.
    package let kind: UInt8
    package let bytes: [UInt8]

    package init(lsn: UInt64, kind: UInt8, bytes: [UInt8]) {
        self.lsn = lsn
        self.kind = kind
        self.bytes = bytes
    }
}

/// A log that was opened.
package struct OpenedLog {
    package let log: WriteAheadLog
    /// Everything the log holds, in order.
    package let entries: [LogEntry]
    /// Places in ``entries`` of those that one synchronization made durable together, in order.
    package let batches: [Range<Int>]
    /// A crash tore the last batch, whose synchronization had not been reported; what was cut off, for a log line.
    package let tornTail: String?
}
