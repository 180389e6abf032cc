internal import Dashboard

/// The last seconds of a waveform.
struct WaveTail: Sendable {
    /// A block of samples of one Observation.
    struct Block: Sendable, Equatable {
        let samples: [Double?]
        /// Milliseconds from one sample to the next, above 0.
        let period: Double
        let unit: String
    }

    static let milliseconds = 6_000.0
    static let samplesMax = 6_000

    let name: String
    let unit: String
    private(set) var samples: [Double?] = []
    private var period = 0.0
    /// When the sample after the last one is due, ms since 1970.
    private var due = 0.0
    private var observation = ""

    init(name: String, unit: String) {
        self.name = name
        self.unit = unit
    }

    /// Appends a block; a gap before it stays a gap, and a block that comes late is passed over.
    ///
    /// - Parameters:
    ///   - block: its samples.
    ///   - start: effective time of the first, ms since 1970.
    ///   - observation: its id.
    mutating func take(_ block: Block, from start: Int64, observation: String) {
        let start = Double(start)
        let isContinued = self.period == block.period && !self.samples.isEmpty
        if isContinued, start < self.due - 2 * block.period { return }
        let missing = isContinued ? ((start - self.due) / block.period).rounded() : 0
        let room = min(Self.samplesMax, max(1, Int(Self.milliseconds / block.period)))
        if !isContinued || missing > Double(room) {
            self.samples = []
        } else if missing >= 1 {
            self.samples += [Double?](repeating: nil, count: Int(missing))
        }
        self.period = block.period
        self.samples = (self.samples + block.samples).suffix(room)
        self.due = start + Double(block.samples.count) * block.period
        self.observation = observation
    }

    /// As pages show it.
    var view: WaveView {
        WaveView(
            name: self.name,
            unit: self.unit,
            samples: self.samples,
            seconds: Double(self.samples.count) * self.period / 1_000,
            until: Int64(self.due),
            observation: self.observation
        )
    }
}
