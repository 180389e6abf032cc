internal import MLLPIngest

/// The series of MLLP listeners and of patients' movements; labels name listeners and kinds, never patients or beds.
extension AgentStatus {
    func writeIntake(_ out: inout PrometheusText) {
        guard let intake = self.intake else { return }
        func series<Value>(_ value: (ListenerState) -> Value) -> [([(String, String)], Value)] {
            intake.listeners.map { ([("listener", $0.name)], value($0.state)) }
        }
        out.write("wardline_mllp_listening", .gauge, "1 while the port is open.", series { $0.isListening ? 1 : 0 })
        out.write("wardline_mllp_connections", .gauge, "Open connections.", series(\.connections))
        out.write(
            "wardline_mllp_connections_total",
            .counter,
            "Connections by what became of them at first.",
            intake.listeners.flatMap { name, state in
                [
                    ([("listener", name), ("outcome", "accepted")], state.connectionsAccepted),
                    ([("listener", name), ("outcome", "refused")], state.connectionsRefused),
                ]
            }
        )
        out.write(
            "wardline_mllp_connections_broken_total",
            .counter,
            "Connections that the agent closed: no TLS, no frames, silence.",
            series(\.connectionsBroken)
        )
        out.write(
            "wardline_mllp_messages_stored_total",
            .counter,
            "Messages made durable, before their acknowledgement.",
            series(\.messagesStored)
        )
        out.write(
            "wardline_mllp_stored_bytes_total",
            .counter,
            "Bytes of messages made durable.",
            series(\.bytesStored)
        )
        out.write(
            "wardline_mllp_messages_repeated_total",
            .counter,
            "Stored messages recognised as sent again.",
            series(\.messagesRepeated)
        )
        out.write(
            "wardline_mllp_messages_refused_total",
            .counter,
            "Messages answered with AE, AR, CE or CR, by reason.",
            intake.listeners.flatMap { name, state in
                state.messagesRefused.sorted { $0.key < $1.key }.map { reason, count in
                    ([("listener", name), ("reason", reason)], count)
                }
            }
        )
        out.write(
            "wardline_mllp_messages_not_stored_total",
            .counter,
            "Messages that the store refused; their senders keep them.",
            series(\.messagesNotStored)
        )
        out.write(
            "wardline_mllp_frames_torn_total",
            .counter,
            "Frames that began and never ended.",
            series(\.framesTorn)
        )
        self.writeLatencies(intake, &out)
    }

    /// A Prometheus histogram: each class counts everything up to its bound.
    private func writeLatencies(_ intake: Intake, _ out: inout PrometheusText) {
        let name = "wardline_mllp_acknowledgement_seconds"
        let bounds = ListenerState.latencyBounds.map { "\($0)" } + ["+Inf"]
        var rows: [(name: String, labels: [(String, String)], value: String)] = []
        for (listener, state) in intake.listeners {
            var sum: UInt64 = 0
            for (bound, count) in zip(bounds, state.acknowledgementCounts) {
                sum += count
                rows.append(("\(name)_bucket", [("listener", listener), ("le", bound)], "\(sum)"))
            }
            rows.append(("\(name)_sum", [("listener", listener)], "\(state.acknowledgementSeconds)"))
            rows.append(("\(name)_count", [("listener", listener)], "\(sum)"))
        }
        out.write(histogram: name, "From the end of a message to its acknowledgement.", rows)
    }

    func writePatients(_ out: inout PrometheusText) {
        guard let patients = self.patients else { return }
        out.write(
            "wardline_patient_movements",
            .gauge,
            "Movements of patients that are remembered.",
            patients.movements
        )
        out.write("wardline_patient_beds_taken", .gauge, "Beds that belong to a patient.", patients.bedsTaken)
        out.write(
            "wardline_patient_contradictions",
            .gauge,
            "Contradictions among the movements that are remembered, by kind.",
            patients.contradictions.map { ([("kind", $0.kind)], $0.count) }
        )
        out.write(
            "wardline_patient_movements_last_seconds",
            .gauge,
            "When the newest movement came, Unix time; 0 before the first.",
            patients.lastSeconds ?? 0
        )
    }
}
