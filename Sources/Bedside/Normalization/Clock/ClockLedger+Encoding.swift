/// The state that outlives a restart: estimates and counts. Windows of samples are not kept; they fill within minutes.
///
/// Layout, integers little-endian: `WLCLOCK1` · `u32` devices · per device, in ascending byte order of the identifier:
/// `u16` length · identifier, UTF-8 · `u8` 1 with an estimate, else 0 · `i64` offset · `u64` samples · `u32` jumps ·
/// `u64` corrections · `i64` last received · `i64` anchor offset · `i64` anchored at.
extension ClockLedger {
    private static let magic = Array("WLCLOCK1".utf8)
    private static let fixedBytes = 53

    /// The state as bytes; equal states give equal bytes.
    package func encoded() -> [UInt8] {
        let sorted = self.devices.lazy
            .map { (name: Array($0.deviceID.utf8.prefix(Int(UInt16.max))), clock: $0.clock) }
            .sorted { $0.name.lexicographicallyPrecedes($1.name) }
        var bytes = Self.magic
        bytes.reserveCapacity(bytes.count + 4 + sorted.count * (Self.fixedBytes + 24))
        bytes.appendInteger(UInt32(sorted.count))
        for (name, clock) in sorted {
            bytes.appendInteger(UInt16(name.count))
            bytes.append(contentsOf: name)
            bytes.append(clock.offset == nil ? 0 : 1)
            bytes.appendInteger(clock.offset ?? 0)
            bytes.appendInteger(clock.statistics.samples)
            bytes.appendInteger(clock.statistics.jumps)
            bytes.appendInteger(clock.statistics.corrections)
            bytes.appendInteger(clock.statistics.lastReceivedAt)
            bytes.appendInteger(clock.statistics.anchorOffset)
            bytes.appendInteger(clock.statistics.anchorAt)
        }
        return bytes
    }

    /// Restores a state.
    ///
    /// - Returns: nil unless the bytes are exactly what ``encoded()`` writes.
    package init?(encoded bytes: [UInt8]) {
        var reader = IntegerReader(bytes: bytes)
        guard reader.take(Self.magic.count).map({ Array($0) }) == Self.magic,
            let count = reader.integer(UInt32.self), count <= Self.devicesMax
        else { return nil }
        var devices: ContiguousArray<Entry> = []
        var slots: [String: Int] = [:]
        var previous: ArraySlice<UInt8>?
        for slot in 0..<Int(count) {
            guard let length = reader.integer(UInt16.self), let name = reader.take(Int(length)),
                let deviceID = String(validating: name, as: UTF8.self),
                previous.map({ $0.lexicographicallyPrecedes(name) }) ?? true,
                let clock = reader.deviceClock(), slots.updateValue(slot, forKey: deviceID) == nil
            else { return nil }
            devices.append(Entry(deviceID: deviceID, clock: clock, savedOffset: clock.offset))
            previous = name
        }
        guard reader.isAtEnd else { return nil }
        self.init(devices: devices, slots: slots)
    }
}

/// Takes little-endian integers off the front of a buffer; nil when it is too short.
struct IntegerReader {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { self.position == self.bytes.count }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= self.bytes.count - self.position else { return nil }
        defer { self.position += count }
        return self.bytes[self.position..<self.position + count]
    }

    mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type) -> Value? {
        self.take(Value.bitWidth / 8).map { slice in
            slice.reversed().reduce(Value.zero) { $0 << 8 | Value(truncatingIfNeeded: $1) }
        }
    }

    fileprivate mutating func deviceClock() -> DeviceClock? {
        guard let hasOffset = self.integer(UInt8.self), hasOffset <= 1, let offset = self.integer(Int64.self),
            hasOffset == 1 || offset == 0, let samples = self.integer(UInt64.self),
            let jumps = self.integer(UInt32.self), let corrections = self.integer(UInt64.self),
            let lastReceivedAt = self.integer(Int64.self), let anchorOffset = self.integer(Int64.self),
            let anchorAt = self.integer(Int64.self)
        else { return nil }
        let statistics = DeviceClock.Statistics(
            samples: samples,
            jumps: jumps,
            corrections: corrections,
            lastReceivedAt: lastReceivedAt,
            anchorOffset: anchorOffset,
            anchorAt: anchorAt
        )
        return DeviceClock(offset: hasOffset == 1 ? offset : nil, statistics: statistics)
    }
}

extension [UInt8] {
    /// Appends an integer, little-endian.
    mutating func appendInteger(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { self.append(contentsOf: $0) }
    }
}
