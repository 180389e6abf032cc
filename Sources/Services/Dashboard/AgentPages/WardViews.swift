/// The beds of a ward at one moment, as pages show them.
///
/// No patient is named.
package struct WardView: Sendable, Equatable {
    /// ms since 1970.
    package var now: Int64
    /// By name.
    package var beds: [BedView]
    /// Beds and devices that there was no room for.
    package var left: Int

    package init(now: Int64, beds: [BedView], left: Int = 0) {
        self.now = now
        self.beds = beds
        self.left = left
    }
}

/// One bed, or a device that stands at none.
package struct BedView: Sendable, Equatable {
    /// Names the bed in addresses and tells nothing of it.
    package var handle: String
    package var name: String
    /// Whether it is a bed with a patient; otherwise `name` is a device's.
    package var isBed: Bool
    /// Newest effective time, ms since 1970.
    package var newest: Int64
    /// Observations seen of it since somebody looks.
    package var observations: Int
    /// In the order of ``ReadingView/rank``, then by name.
    package var readings: [ReadingView]
    package var waves: [WaveView]

    package init(
        handle: String,
        name: String,
        isBed: Bool,
        newest: Int64,
        observations: Int,
        readings: [ReadingView],
        waves: [WaveView]
    ) {
        self.handle = handle
        self.name = name
        self.isBed = isBed
        self.newest = newest
        self.observations = observations
        self.readings = readings
        self.waves = waves
    }
}

/// The last value of a kind, with those before it.
package struct ReadingView: Sendable, Equatable {
    /// What was measured: `Heart rate`.
    package var name: String
    /// `HR`; nil for what is shown on the bed's own page only.
    package var short: String?
    /// As in the Observation, without unit; `120/80` for pressures, a reason in parentheses for no value.
    package var text: String
    /// Whether ``text`` is a value, and no reason.
    var hasValue: Bool { !self.text.hasPrefix("(") }
    package var unit: String
    /// Oldest first.
    package var trend: [Double]
    /// Effective time, ms since 1970.
    package var time: Int64
    /// The Observation's id.
    package var observation: String
    package var device: String
    /// `id@version`.
    package var profile: String
    /// Codes of quality flags.
    package var flags: [String]

    package init(
        name: String,
        short: String?,
        text: String,
        unit: String,
        trend: [Double],
        time: Int64,
        observation: String,
        device: String,
        profile: String,
        flags: [String]
    ) {
        self.name = name
        self.short = short
        self.text = text
        self.unit = unit
        self.trend = trend
        self.time = time
        self.observation = observation
        self.device = device
        self.profile = profile
        self.flags = flags
    }
}

/// The last seconds of a waveform.
package struct WaveView: Sendable, Equatable {
    package var name: String
    package var unit: String
    /// nil where there is no sample.
    package var samples: [Double?]
    package var seconds: Double
    /// Effective time of the last sample, ms since 1970.
    package var until: Int64
    /// Id of the last block's Observation.
    package var observation: String

    package init(
        name: String,
        unit: String,
        samples: [Double?],
        seconds: Double,
        until: Int64,
        observation: String
    ) {
        self.name = name
        self.unit = unit
        self.samples = samples
        self.seconds = seconds
        self.until = until
        self.observation = observation
    }
}
