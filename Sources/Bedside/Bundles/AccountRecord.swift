package import CanonicalBytes
internal import Crypto

/// What a gateway states about its devices' messages: how many came in each hour, and what became of them.
///
/// Records of a gateway are numbered and each holds the digest of the one before it, so that none can be left out. Specified in
/// `docs/spec/accounts.md`; ADR 0036 says why.
package struct AccountRecord: Sendable, Equatable {
    /// Type of the record.
    package static let recordType = "wardline.accounts.1"
    /// Lines of one record at most.
    package static let linesMax = 4_096

    /// A device's hour.
    package struct Line: Sendable, Equatable {
        /// Hours since 1970 UTC by the gateway's clock, when messages came.
        package let hour: Int64
        /// The device's name; in parentheses what stands for it when messages do not tell.
        package let device: String
        package let received: Int64
        /// Messages that brought Observations or moved a patient: delivered, or still on their way.
        package let normalized: Int64
        package let deadLettered: Int64
        /// Repetitions of readings or of whole messages.
        package let merged: Int64
        package let ignored: Int64
        /// Observations that the messages brought when they came.
        package let observations: Int64
        /// Observations that replays of dead letters brought later.
        package let late: Int64

        package init(
            hour: Int64,
            device: String,
            received: Int64,
            normalized: Int64,
            deadLettered: Int64,
            merged: Int64,
            ignored: Int64,
            observations: Int64,
            late: Int64
        ) {
            self.hour = hour
            self.device = device
            self.received = received
            self.normalized = normalized
            self.deadLettered = deadLettered
            self.merged = merged
            self.ignored = ignored
            self.observations = observations
            self.late = late
        }

        /// Messages whose fate is not stated; 0 in a line that balances.
        package var balance: Int64 {
            self.received - self.normalized - self.deadLettered - self.merged - self.ignored
        }

        fileprivate var counts: [Int64] {
            [
                self.received, self.normalized, self.deadLettered, self.merged, self.ignored, self.observations,
                self.late,
            ]
        }

        fileprivate func precedes(_ other: Line) -> Bool {
            self.hour == other.hour
                ? self.device.utf8.lexicographicallyPrecedes(other.device.utf8) : self.hour < other.hour
        }
    }

    /// From 1.
    package let number: UInt64
    /// Digest of the record before this one, 32 bytes; zeros for the first.
    package let previous: [UInt8]
    /// First of the hours since 1970 that the record states.
    package let fromHour: Int64
    /// The hour behind the last one that it states.
    package let toHour: Int64
    /// By hour and device, each once.
    ///
    /// Hours before ``fromHour`` are there because their counts have changed: the newest record counts.
    package let lines: [Line]

    /// Sorts the lines.
    package init(number: UInt64, previous: [UInt8], fromHour: Int64, toHour: Int64, lines: [Line]) {
        self.number = number
        self.previous = previous
        self.fromHour = fromHour
        self.toHour = toHour
        self.lines = lines.sorted { $0.precedes($1) }
    }

    /// SHA-256 of the encoding: what the next record names.
    package var digest: [UInt8] { Array(SHA256.hash(data: self.encoded())) }
}

extension AccountRecord {
    /// The encoding of `docs/spec/accounts.md`, without padding.
    package func encoded() -> [UInt8] {
        var writer = CanonicalWriter(capacity: 64 + self.lines.count * 96)
        writer.magic("WLA1")
        writer.u64(self.number)
        writer.raw(self.previous)
        writer.u64(UInt64(bitPattern: self.fromHour))
        writer.u64(UInt64(bitPattern: self.toHour))
        writer.u32(UInt32(self.lines.count))
        for line in self.lines {
            writer.u64(UInt64(bitPattern: line.hour))
            writer.lengthPrefixed(line.device)
            for count in line.counts { writer.u64(UInt64(bitPattern: count)) }
        }
        return writer.bytes
    }

    /// The data of an envelope's record: the encoding, padded to a size class as bundles are.
    ///
    /// - Throws: `FORMAT` when it is too large to be padded.
    package func data() throws(ProtocolFailure) -> [UInt8] {
        var writer = CanonicalWriter()
        writer.lengthPrefixed(self.encoded())
        guard let size = SizeClass.smallest(holding: writer.bytes.count) else {
            throw ProtocolFailure(.format, "a record of accounts that is too large")
        }
        return writer.bytes + [UInt8](repeating: 0, count: size - writer.bytes.count)
    }

    /// Reads a record's data.
    ///
    /// - Throws: `FORMAT` for anything that no agent writes.
    package init(data: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(data)
        let encoded = try reader.lengthPrefixed()
        let used = reader.offset
        try require(
            SizeClass.smallest(holding: used) == data.count,
            .format,
            "accounts that are not padded to their class"
        )
        try require(data[used...].allSatisfy { $0 == 0 }, .format, "padding that is not zero")
        try self.init(encoded: encoded)
    }

    init(encoded: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(encoded)
        try reader.magic("WLA1")
        let number = try reader.u64()
        let previous = try reader.take(32)
        let from = Int64(bitPattern: try reader.u64())
        let to = Int64(bitPattern: try reader.u64())
        try require(number > 0, .format, "accounts without a number")
        try require(from <= to, .format, "hours that end before they begin")
        var lines: [Line] = []
        let count = try reader.u32()
        try require(count <= Self.linesMax, .format, "more lines than a record holds")
        for _ in 0..<count {
            let line = try Self.line(&reader)
            try require(line.hour < to, .format, "an hour behind the record's last one")
            try require(lines.last?.precedes(line) ?? true, .format, "lines are not in order")
            lines.append(line)
        }
        try reader.finish()
        self.init(number: number, previous: previous, fromHour: from, toHour: to, lines: lines)
    }

    private static func line(_ reader: inout CanonicalReader) throws(ProtocolFailure) -> Line {
        let hour = Int64(bitPattern: try reader.u64())
        let device = try reader.text()
        var counts: [Int64] = []
        for _ in 0..<7 {
            let count = try reader.u64()
            // Sums of counts must not overflow.
            try require(count < 1 << 48, .format, "a count that nobody can have counted")
            counts.append(Int64(count))
        }
        return Line(
            hour: hour,
            device: device,
            received: counts[0],
            normalized: counts[1],
            deadLettered: counts[2],
            merged: counts[3],
            ignored: counts[4],
            observations: counts[5],
            late: counts[6]
        )
    }
}
