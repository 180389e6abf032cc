internal import DeviceProfiles
internal import Normalization
internal import Records
package import Spool

/// What the agent has found out about its devices' clocks: `wardline device clock`.
package struct ClockBook {
    /// One device's clock as it stands.
    package struct Line: Sendable, Equatable {
        package let device: String
        /// Id of the profile that read it last; empty when the history does not say.
        package let profile: String
        /// `correct`, `trust` or `receive-time`; empty when the profile is not installed.
        package let treatment: String
        /// The profile's rule for times without a zone, with its daylight saving; empty for none.
        package let zone: String
        /// Receive time minus device time, seconds; negative for a fast clock; nil while nothing is known.
        package let offsetSeconds: Double?
        /// Parts per million; nil within the first hour.
        package let drift: Int?
        package let samples: UInt64
        package let jumps: UInt32
        package let corrections: UInt64
        /// ms since 1970.
        package let lastSeen: Int64
    }

    private let store: AgentStore
    private let library: ProfileLibrary

    package init(configuration: AgentConfiguration) throws {
        self.store = try AgentStore(configuration: configuration)
        self.library = ProfileLibrary.load(directories: configuration.deviceDirectories).library
    }

    /// Every device's clock by name, as it was saved last: at most an hour ago while nothing happens.
    package func lines(of device: String? = nil) throws -> [Line] {
        let states = try self.store.spool.states()
        let history = try self.store.spool.clockHistory(of: device)
        let profiles = Dictionary(history.map { ($0.device, $0.profile) }) { _, later in later }
        let reports = SpoolLane.allCases.flatMap { lane in
            states[StateName.clocks.of(lane)].flatMap(ClockLedger.init(encoded:))?.entries ?? []
        }
        return reports.filter { device == nil || $0.deviceID == device }
            .sorted { ($0.deviceID, $0.lastReceivedAt) < ($1.deviceID, $1.lastReceivedAt) }
            .map { self.line($0, profile: profiles[$0.deviceID] ?? "") }
    }

    /// The entries of the history, oldest first.
    package func history(of device: String? = nil, since: Int64 = .min) throws -> [ClockNote] {
        try self.store.spool.clockHistory(of: device, since: since)
    }

    private func line(_ report: ClockReport, profile: String) -> Line {
        let installed = self.library.profile(id: profile)
        return Line(
            device: report.deviceID,
            profile: profile,
            treatment: installed?.clock.rawValue ?? "",
            zone: installed?.zone?.text(at: systemMilliseconds() / 1_000) ?? "",
            offsetSeconds: report.offsetNs.map { Double($0) / 1e9 },
            drift: report.driftPartsPerMillion,
            samples: report.samples,
            jumps: report.jumps,
            corrections: report.corrections,
            lastSeen: report.lastReceivedAt / 1_000_000
        )
    }
}

extension ClockNote {
    init(_ event: ClockEvent) {
        self.init(
            device: event.deviceID,
            profile: event.profile,
            kind: event.kind.rawValue,
            at: event.at / 1_000_000,
            offsetBeforeNs: event.offsetBeforeNs,
            offsetNs: event.report.offsetNs ?? 0,
            drift: event.report.driftPartsPerMillion.map(Int64.init),
            samples: Int64(clamping: event.report.samples),
            corrections: Int64(clamping: event.report.corrections),
            jumps: Int64(event.report.jumps)
        )
    }
}
