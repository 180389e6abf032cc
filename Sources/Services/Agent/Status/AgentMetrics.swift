internal import MQTTIngest
internal import Normalization
internal import Spool

extension AgentStatus {
    /// Devices beyond this many are left out of the per-device series.
    private static let devicesMax = 1_000

    /// The Prometheus exposition; labels name brokers, devices and sinks, never patients.
    var metrics: String {
        var out = PrometheusText()
        self.writeBrokers(&out)
        self.writeSpool(&out)
        self.writeRoom(&out)
        self.writeIntake(&out)
        self.writePatients(&out)
        self.writePipeline(&out)
        self.writeUplink(&out)
        self.writeAnchors(&out)
        self.writeShareRequests(&out)
        self.writeClocks(&out)
        self.writeAccounts(&out)
        return out.text
    }

    private func brokerSeries<Value>(_ value: (BrokerState) -> Value) -> [([(String, String)], Value)] {
        self.brokers.map { ([("broker", $0.name)], value($0.state)) }
    }

    private func writeBrokers(_ out: inout PrometheusText) {
        out.write(
            "wardline_broker_connected",
            .gauge,
            "1 while the MQTT session is up.",
            self.brokerSeries { $0.isConnected ? 1 : 0 }
        )
        out.write(
            "wardline_messages_stored_total",
            .counter,
            "Messages made durable, before their acknowledgement.",
            self.brokerSeries(\.totals.messages)
        )
        out.write(
            "wardline_stored_bytes_total",
            .counter,
            "Bytes of messages made durable.",
            self.brokerSeries(\.totals.bytes)
        )
        out.write(
            "wardline_bursts_total",
            .counter,
            "Durable writes.",
            self.brokerSeries(\.totals.bursts)
        )
        out.write(
            "wardline_oversized_messages_total",
            .counter,
            "Messages cut by the size limit.",
            self.brokerSeries(\.totals.oversized)
        )
        out.write(
            "wardline_broker_connections_total",
            .counter,
            "Connections accepted by the broker.",
            self.brokerSeries(\.connections)
        )
        out.write(
            "wardline_broker_failures_total",
            .counter,
            "Connections and attempts that failed.",
            self.brokerSeries(\.failures)
        )
        out.write(
            "wardline_store_refusals_total",
            .counter,
            "Bursts refused for want of room; the broker keeps them.",
            self.brokerSeries(\.refusals)
        )
    }

    private func writeSpool(_ out: inout PrometheusText) {
        let counts = self.spool.messages
        out.write(
            "wardline_messages_total",
            .counter,
            "Messages by what became of them.",
            [
                ([("disposition", "normalized")], counts.normalized),
                ([("disposition", "duplicate")], counts.duplicate),
                ([("disposition", "dead_letter")], counts.deadLettered),
                ([("disposition", "ignored")], counts.ignored),
                ([("disposition", "redelivered")], counts.redelivered),
                ([("disposition", "share_request")], counts.shareRequests),
            ]
        )
        out.write(
            "wardline_observations_total",
            .counter,
            "Observations put into the spool.",
            self.spool.observationsStored
        )
        out.write(
            "wardline_observations_suppressed_total",
            .counter,
            "Observations recognised as already there.",
            self.spool.observationsSuppressed
        )
        out.write(
            "wardline_observations_reissued_total",
            .counter,
            "Observations that replays with a mended profile issued again.",
            [
                ([("status", "corrected")], self.spool.observationsCorrected),
                ([("status", "entered-in-error")], self.spool.observationsWithdrawn),
            ]
        )
        out.write("wardline_dead_letters", .gauge, "Open dead letters.", self.spool.deadLettersOpen)
        out.write(
            "wardline_backlog_messages",
            .gauge,
            "Durable messages not yet normalized.",
            self.spool.backlog.messages
        )
        if let waves = self.spool.waveBacklog {
            out.write(
                "wardline_wave_backlog_messages",
                .gauge,
                "Durable messages of the waveforms' lane not yet normalized.",
                waves.messages
            )
        }
        out.write(
            "wardline_inbox_bytes",
            .gauge,
            "Size of the inbox files.",
            self.spool.sizes.inbox + self.spool.sizes.inboxLog
        )
        out.write(
            "wardline_spool_bytes",
            .gauge,
            "Size of the spool files.",
            self.spool.sizes.spool + self.spool.sizes.spoolLog
        )
    }

    private func writePipeline(_ out: inout PrometheusText) {
        out.write("wardline_ready", .gauge, "1 when nothing keeps data from flowing.", self.obstacles.isEmpty ? 1 : 0)
        out.write("wardline_profiles", .gauge, "Device profiles in force.", self.profiles)
        out.write("wardline_profile_problems", .gauge, "Profile files refused at the last load.", self.profileProblems)
        self.profileLoads?.write(&out)
        out.write(
            "wardline_sink_observations_total",
            .counter,
            "Observations written since the start.",
            self.sinks.map { ([("sink", $0.name)], $0.written) }
        )
        out.write(
            "wardline_sink_failing",
            .gauge,
            "1 while the sink cannot write.",
            self.sinks.map { ([("sink", $0.name)], $0.failure == nil ? 0 : 1) }
        )
        out.write(
            "wardline_sink_lag_observations",
            .gauge,
            "Observations the sink has not yet taken.",
            self.spool.sinks.map { ([("sink", $0.name)], self.spool.lastSequence - $0.sequence) }
        )
        self.writeFHIR(&out)
    }

    private func writeAccounts(_ out: inout PrometheusText) {
        let accounts = self.accounts.prefix(2 * Self.devicesMax)
        out.write(
            "wardline_device_hour_messages",
            .gauge,
            "Messages of a device in this hour and the one before it, by what became of them; received is their sum.",
            accounts.flatMap { account in
                let counts = account.counts
                let values = [
                    ("received", counts.received), ("normalized", counts.normalized),
                    ("merged", counts.duplicate + counts.redelivered), ("dead_letter", counts.deadLettered),
                    ("ignored", counts.ignored + counts.shareRequests),
                ]
                let hour = account.hour == self.hour ? "current" : "previous"
                return values.map { disposition, value in
                    ([("device", account.device), ("hour", hour), ("disposition", disposition)], value)
                }
            }
        )
    }

    private func writeClocks(_ out: inout PrometheusText) {
        let clocks = self.clocks.prefix(Self.devicesMax)
        out.write(
            "wardline_device_clock_offset_seconds",
            .gauge,
            "Gateway time minus device time.",
            clocks.compactMap { clock in
                clock.offsetNs.map { ([("device", clock.deviceID)], Double($0) / 1e9) }
            }
        )
        out.write(
            "wardline_device_last_seen_seconds",
            .gauge,
            "When the device was last heard, Unix time.",
            clocks.map { ([("device", $0.deviceID)], Double($0.lastReceivedAt) / 1e9) }
        )
        out.write(
            "wardline_device_clock_jumps_total",
            .counter,
            "Times the device's clock was set.",
            clocks.map { ([("device", $0.deviceID)], $0.jumps) }
        )
        out.write(
            "wardline_device_clock_corrections_total",
            .counter,
            "Messages whose times were corrected.",
            clocks.map { ([("device", $0.deviceID)], $0.corrections) }
        )
        out.write(
            "wardline_device_clock_drift_ppm",
            .gauge,
            "Drift since the clock was estimated or set; negative for a clock that gains.",
            clocks.compactMap { clock in clock.driftPartsPerMillion.map { ([("device", clock.deviceID)], $0) } }
        )
    }
}
