/// The devices that an agent hears.
package struct FleetView: Sendable, Equatable {
    /// ms since 1970.
    package var now: Int64
    package var devices: [DeviceView]

    package init(now: Int64, devices: [DeviceView]) {
        self.now = now
        self.devices = devices
    }
}

/// One device.
package struct DeviceView: Sendable, Equatable {
    package var name: String
    /// As its profile calls it.
    package var kind: String
    /// `id@version`.
    package var profile: String
    /// Where it stands; empty for a device at no bed.
    package var bed: String
    /// Gateway clock, ms since 1970; nil when nothing was heard since the start.
    package var lastSeen: Int64?
    /// Gateway time minus device time; nil for a device without a clock.
    package var offsetSeconds: Double?
    package var driftPartsPerMillion: Int?
    /// Times that its clock was set.
    package var jumps: Int64
    /// Messages whose times were corrected.
    package var corrections: Int64
    /// Percent; nil for a device that does not say.
    package var batteryPercent: Double?

    package init(
        name: String,
        kind: String = "",
        profile: String = "",
        bed: String = "",
        lastSeen: Int64? = nil,
        offsetSeconds: Double? = nil,
        driftPartsPerMillion: Int? = nil,
        jumps: Int64 = 0,
        corrections: Int64 = 0,
        batteryPercent: Double? = nil
    ) {
        self.name = name
        self.kind = kind
        self.profile = profile
        self.bed = bed
        self.lastSeen = lastSeen
        self.offsetSeconds = offsetSeconds
        self.driftPartsPerMillion = driftPartsPerMillion
        self.jumps = jumps
        self.corrections = corrections
        self.batteryPercent = batteryPercent
    }
}

/// The way of data through an agent.
package struct PipelineView: Sendable, Equatable {
    /// A number that grows, with its growth in a second.
    package struct Flow: Sendable, Equatable {
        package var total: Int64
        package var perSecond: Double?

        package init(_ total: Int64, perSecond: Double? = nil) {
            self.total = total
            self.perSecond = perSecond
        }
    }

    package struct Broker: Sendable, Equatable {
        package var name: String
        package var isConnected: Bool
        package var messages: Int64
        package var failures: Int64

        package init(name: String, isConnected: Bool, messages: Int64, failures: Int64) {
            self.name = name
            self.isConnected = isConnected
            self.messages = messages
            self.failures = failures
        }
    }

    package struct Sink: Sendable, Equatable {
        package var name: String
        /// Observations that it has not taken yet.
        package var lag: Int64

        package init(name: String, lag: Int64) {
            self.name = name
            self.lag = lag
        }
    }

    package struct Upload: Sendable, Equatable {
        package var unsealed: Int64 = 0
        package var held: Int64 = 0
        package var waiting: Int64 = 0
        package var waitingBytes: Int64 = 0
        /// ms since 1970; nil when nothing waits.
        package var oldest: Int64?
        package var delivered: Int64 = 0
        package var refused: Int64 = 0
        /// Each center with its problem; nil for none.
        package var centers: [(name: String, problem: String?)] = []

        package init() {}

        package static func == (left: Self, right: Self) -> Bool {
            left.unsealed == right.unsealed && left.held == right.held && left.waiting == right.waiting
                && left.waitingBytes == right.waitingBytes && left.oldest == right.oldest
                && left.delivered == right.delivered && left.refused == right.refused
                && left.centers.map(\.name) == right.centers.map(\.name)
                && left.centers.map(\.problem) == right.centers.map(\.problem)
        }
    }

    package struct Anchoring: Sendable, Equatable {
        package var anchored: Int64 = 0
        package var waiting: Int64 = 0
        package var refusedWindows: Int64 = 0
        package var lateWindows: Int64 = 0
        /// ms since 1970; nil when nothing waits.
        package var oldest: Int64?
        /// ms since 1970; nil before the first.
        package var last: Int64?
        package var problem: String?

        package init() {}
    }

    package var now: Int64
    /// What keeps data from flowing; empty when the agent is ready.
    package var obstacles: [String] = []
    /// What should be known and stops nothing.
    package var notes: [String] = []
    package var brokers: [Broker] = []
    package var received = Flow(0)
    package var observations = Flow(0)
    package var duplicates: Int64 = 0
    package var ignored: Int64 = 0
    package var redelivered: Int64 = 0
    package var backlog: Int64 = 0
    package var waveBacklog: Int64?
    package var inboxBytes: Int64 = 0
    package var spoolBytes: Int64 = 0
    package var deadLetters: Int64 = 0
    package var sinks: [Sink] = []
    package var profiles = 0
    package var refusedFiles = 0
    /// nil without an uplink.
    package var upload: Upload?
    /// nil without a chain.
    package var anchoring: Anchoring?

    package init(now: Int64) { self.now = now }
}

/// Messages that could not be read.
package struct DeadLettersView: Sendable, Equatable {
    /// Letters of one profile and reason.
    package struct Group: Sendable, Equatable {
        package var profile: String
        package var reason: String
        package var letters: Int64
        package var messages: Int64

        package init(profile: String, reason: String, letters: Int64, messages: Int64) {
            self.profile = profile
            self.reason = reason
            self.letters = letters
            self.messages = messages
        }
    }

    package struct Letter: Sendable, Equatable {
        package var id: Int64
        package var topic: String
        package var profile: String
        /// A stable word.
        package var reason: String
        package var explanation: String
        /// How often it came.
        package var count: Int64
        /// ms since 1970.
        package var lastSeen: Int64
        package var bytes: Int

        package init(
            id: Int64,
            topic: String,
            profile: String,
            reason: String,
            explanation: String,
            count: Int64,
            lastSeen: Int64,
            bytes: Int
        ) {
            self.id = id
            self.topic = topic
            self.profile = profile
            self.reason = reason
            self.explanation = explanation
            self.count = count
            self.lastSeen = lastSeen
            self.bytes = bytes
        }
    }

    package var now: Int64
    package var groups: [Group]
    /// The first of them.
    package var letters: [Letter]

    package init(now: Int64, groups: [Group], letters: [Letter]) {
        self.now = now
        self.groups = groups
        self.letters = letters
    }
}

/// What a replay brought.
package struct ReplayView: Sendable, Equatable {
    package var tried: Int
    package var resolved: Int
    package var observations: Int

    package init(tried: Int, resolved: Int, observations: Int) {
        self.tried = tried
        self.resolved = resolved
        self.observations = observations
    }
}
