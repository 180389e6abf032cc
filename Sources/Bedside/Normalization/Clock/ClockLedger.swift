package import Records

/// The clocks of all devices, kept from message to message and over restarts.
///
/// Pure: the only clock it sees is the receive time that comes with each message.
package struct ClockLedger: Sendable {
    /// Devices that are remembered; beyond it the half that has been silent longest is forgotten.
    package static let devicesMax = 100_000

    struct Entry: Sendable {
        let deviceID: String
        var clock: DeviceClock
        /// The estimate at the last ``ClockLedger/markSaved()``.
        var savedOffset: Int64?
        /// Hour since 1970 of the last entry in the history; nil after a restart.
        var notedHour: Int64?
    }

    private(set) var devices: ContiguousArray<Entry> = []
    private var slots: [String: Int] = [:]
    /// Whether something that a restart should remember has changed since ``markSaved()``; plain samples do not count,
    /// so that a ward of right clocks costs no writes.
    package private(set) var changed = false
    /// What belongs into the history and was not taken yet.
    private(set) var events: [ClockEvent] = []

    package init() {}

    init(devices: ContiguousArray<Entry>, slots: [String: Int]) {
        self.devices = devices
        self.slots = slots
    }

    /// Learns from one live message and tells how its device times are to be read.
    ///
    /// - Parameters:
    ///   - device: the device's identifier.
    ///   - sentAt: when the device sent the message, by its own clock; nil or before the year 2001 teaches nothing.
    ///   - receivedAt: gateway clock, nanoseconds since 1970 UTC.
    ///   - policy: the device profile's.
    ///   - profile: its id, for the history.
    /// - Returns: how that message's device times become effective times.
    package mutating func observe(
        device: String,
        sentAt: DateTime?,
        receivedAt: Int64,
        policy: ClockPolicy,
        profile: String = ""
    ) -> ClockCorrection {
        guard policy.mode != .receiveTime, let sentAt,
            sentAt.nanosecondsSinceEpoch >= ClockCorrection.earliestUsableNs
        else {
            return self.correction(device: device, policy: policy)
        }
        let sample = ClockSample(
            receivedAt: receivedAt,
            offset: receivedAt.clampedDifference(sentAt.nanosecondsSinceEpoch)
        )
        let slot = self.slot(of: device)
        let jumps = self.devices[slot].clock.statistics.jumps
        let before = self.devices[slot].clock.offset
        let wasRight = before.map(policy.isRight)
        let correction = self.devices[slot].clock.take(sample, policy: policy)
        self.noteEvent(of: slot, profile: profile, before: before, jumpsBefore: jumps, at: receivedAt)
        if self.devices[slot].isWorthSaving(jumpsBefore: jumps, wasRight: wasRight, policy: policy) {
            self.changed = true
        }
        guard policy.mode == .correct, correction != 0 else { return ClockCorrection(offsetNs: 0, policy: policy) }
        self.devices[slot].clock.countCorrection()
        return ClockCorrection(offsetNs: correction, policy: policy)
    }

    /// Tells how device times of a message that is no evidence are to be read: retained, or historical throughout.
    package mutating func correction(device: String, policy: ClockPolicy) -> ClockCorrection {
        guard policy.mode == .correct, let slot = self.slots[device] else {
            return ClockCorrection(offsetNs: 0, policy: policy)
        }
        let offset = self.devices[slot].clock.correction(policy: policy)
        if offset != 0 { self.devices[slot].clock.countCorrection() }
        return ClockCorrection(offsetNs: offset, policy: policy)
    }

    private mutating func slot(of device: String) -> Int {
        if let slot = self.slots[device] { return slot }
        if self.devices.count >= Self.devicesMax { self.forgetSilentHalf() }
        self.devices.append(Entry(deviceID: device, clock: DeviceClock()))
        self.slots[device] = self.devices.count - 1
        return self.devices.count - 1
    }

    private mutating func forgetSilentHalf() {
        self.devices.sort { $0.clock.statistics.lastReceivedAt > $1.clock.statistics.lastReceivedAt }
        self.devices.removeLast(self.devices.count / 2)
        self.slots.removeAll(keepingCapacity: true)
        for (slot, entry) in self.devices.enumerated() { self.slots[entry.deviceID] = slot }
        self.changed = true
    }

    /// Takes what belongs into the history; save it with the Observations of the same messages.
    package mutating func takeEvents() -> [ClockEvent] {
        defer { self.events.removeAll() }
        return self.events
    }

    mutating func note(_ event: ClockEvent, slot: Int, hour: Int64) {
        self.events.append(event)
        self.devices[slot].notedHour = hour
        // Counts are worth saving once an hour as well.
        self.changed = true
    }

    /// Declares the present state saved: call after the transaction that holds ``encoded()`` has committed.
    package mutating func markSaved() {
        for slot in self.devices.indices { self.devices[slot].savedOffset = self.devices[slot].clock.offset }
        self.changed = false
    }
}

extension ClockLedger.Entry {
    /// Whether a first estimate, a jump, a move of more than a second or the start or end of a correction happened.
    fileprivate func isWorthSaving(jumpsBefore: UInt32, wasRight: Bool?, policy: ClockPolicy) -> Bool {
        guard let offset = self.clock.offset else { return false }
        guard let savedOffset, jumpsBefore == self.clock.statistics.jumps else { return true }
        return policy.isRight(offset) != wasRight
            || offset.clampedDifference(savedOffset).magnitude > 1_000_000_000
    }
}
