package import Records

/// The runs of all series of samples, kept from message to message and over restarts.
///
/// Pure: the only clock it sees is the receive time that comes with each message. Historical and retained blocks pass it
/// by.
package struct WaveLedger: Sendable {
    /// Series that are remembered; beyond it the half that has been silent longest is forgotten.
    package static let seriesMax = 4_096

    private(set) var runs: [String: SampleRun] = [:]
    /// Whether something has changed since ``markSaved()``.
    package private(set) var changed = false

    package init() {}

    init(runs: [String: SampleRun]) { self.runs = runs }

    /// Notes that ``encoded()`` has been stored.
    package mutating func markSaved() { self.changed = false }

    /// Places a block of samples in its series.
    ///
    /// - Parameters:
    ///   - reading: the block.
    ///   - device: the device's identifier.
    ///   - isTimed: whether the reading's own time is usable; otherwise the receive time stands for it.
    ///   - receivedAt: gateway clock, nanoseconds since 1970 UTC.
    /// - Returns: nil for what is no block that says where it stands.
    package mutating func place(
        _ reading: Reading,
        device: String,
        isTimed: Bool,
        receivedAt: Int64
    ) -> BlockPlace? {
        guard case .sampled(let series) = reading.value, let stated = reading.block, !series.samples.isEmpty else {
            return nil
        }
        let time = isTimed ? reading.deviceTime?.nanosecondsSinceEpoch : nil
        let block = SampleRun.Block(
            time: time ?? receivedAt.clampedSum(0 - series.nanoseconds(ofSamples: Int64(series.samples.count))),
            series: series,
            stated: stated,
            receivedAt: receivedAt
        )
        let key = Self.key(reading, device: device)
        self.changed = true
        guard var run = self.runs[key] else {
            if self.runs.count >= Self.seriesMax { self.forgetSilentHalf() }
            self.runs[key] = SampleRun(startingWith: block)
            return BlockPlace(position: 0)
        }
        let place = run.place(block)
        self.runs[key] = run
        return place
    }

    private static func key(_ reading: Reading, device: String) -> String {
        let coding = reading.concept.codings.first
        let code = coding.map { "\($0.system)|\($0.code)" } ?? reading.concept.key
        return "\(device)\u{1F}\(code)\u{1F}\(reading.channel ?? "")"
    }

    private mutating func forgetSilentHalf() {
        let byAge = self.runs.sorted { ($0.value.lastReceivedAt, $0.key) < ($1.value.lastReceivedAt, $1.key) }
        for (key, _) in byAge.prefix(byAge.count / 2) { self.runs[key] = nil }
    }
}

/// The state that outlives a restart.
///
/// Layout, integers little-endian: `WLWAVES1` · `u32` series · per series, in ascending byte order of the key: `u16`
/// length · key, UTF-8 · `i64` start · `u64` position · `u8` 1 with a counter, else 0 · `u64` next counter · `i64` end ·
/// `u64` samples of a block · `i64` period · `i64` last received.
extension WaveLedger {
    private static let magic = Array("WLWAVES1".utf8)

    /// The state as bytes; equal states give equal bytes.
    package func encoded() -> [UInt8] {
        let sorted = self.runs.map { (key: Array($0.key.utf8), run: $0.value) }
            .filter { $0.key.count <= Int(UInt16.max) }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
        var bytes = Self.magic
        bytes.reserveCapacity(bytes.count + 4 + sorted.count * 128)
        bytes.appendInteger(UInt32(sorted.count))
        for (key, run) in sorted {
            bytes.appendInteger(UInt16(key.count))
            bytes.append(contentsOf: key)
            bytes.appendInteger(run.start)
            bytes.appendInteger(run.position)
            bytes.append(run.next == nil ? 0 : 1)
            bytes.appendInteger(run.next ?? 0)
            bytes.appendInteger(run.end)
            bytes.appendInteger(run.blockSamples)
            bytes.appendInteger(run.periodNs)
            bytes.appendInteger(run.lastReceivedAt)
        }
        return bytes
    }

    /// Restores a state.
    ///
    /// - Returns: nil unless the bytes are exactly what ``encoded()`` writes.
    package init?(encoded bytes: [UInt8]) {
        var reader = IntegerReader(bytes: bytes)
        guard reader.take(Self.magic.count).map({ Array($0) }) == Self.magic,
            let count = reader.integer(UInt32.self), count <= Self.seriesMax
        else { return nil }
        var runs: [String: SampleRun] = [:]
        var previous: ArraySlice<UInt8>?
        for _ in 0..<Int(count) {
            guard let length = reader.integer(UInt16.self), let name = reader.take(Int(length)),
                let key = String(validating: name, as: UTF8.self),
                previous.map({ $0.lexicographicallyPrecedes(name) }) ?? true, let run = reader.sampleRun()
            else { return nil }
            runs[key] = run
            previous = name
        }
        guard reader.isAtEnd else { return nil }
        self.init(runs: runs)
    }
}

extension IntegerReader {
    fileprivate mutating func sampleRun() -> SampleRun? {
        guard let start = self.integer(Int64.self), let position = self.integer(UInt64.self),
            let hasNext = self.integer(UInt8.self), hasNext <= 1, let next = self.integer(UInt64.self),
            hasNext == 1 || next == 0, let end = self.integer(Int64.self), let samples = self.integer(UInt64.self),
            let period = self.integer(Int64.self), let received = self.integer(Int64.self)
        else { return nil }
        return SampleRun(
            start: start,
            position: position,
            next: hasNext == 1 ? next : nil,
            end: end,
            blockSamples: samples,
            periodNs: period,
            lastReceivedAt: received
        )
    }
}
