/// One bed with one device that replays the recording from its own starting minute.
struct SimulatedBed {
    let bed: Int
    let dialect: Dialect
    let serial: String
    let topic: String

    private let ward: String
    private let recording: Recording
    private let firstMinute: Int
    private let times: TimeSource
    private var sequence: Int
    private var lastTime: Int64 = 0

    init(ward: String, bed: Int, dialect: Dialect, recording: Recording, times: TimeSource, firstSequence: Int) {
        let digits = String(bed)
        self.bed = bed
        self.dialect = dialect
        self.ward = ward
        self.recording = recording
        self.times = times
        serial = "\(dialect.serialPrefix)-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        topic = "ward/\(ward)/bed/\(bed)/\(dialect.topicLevel)/\(serial)"
        // 97 has no factor in common with the recording's length, so the beds spread over the whole of it.
        firstMinute = (bed - 1) * 97 % recording.minutes.count
        sequence = firstSequence - 1
    }

    /// The device's next measurement, with a time later than that of the one before.
    mutating func next() -> Measurement {
        sequence += 1
        lastTime = max(lastTime + 1, nextTime())
        let minute = recording.minutes[(firstMinute + sequence - 1) % recording.minutes.count]
        return Measurement(
            ward: ward,
            bed: bed,
            serial: serial,
            sequence: sequence,
            time: DeviceTime(milliseconds: lastTime),
            minute: minute
        )
    }

    private func nextTime() -> Int64 {
        switch times {
        case .now: WallClock.nowMilliseconds()
        case .recorded: recording.start + Int64(sequence - 1) * 60_000 + Int64(bed % 60_000)
        }
    }
}
