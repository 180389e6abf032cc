internal import Spool

extension AgentStatus {
    /// The series of the uplink; labels name privacy centers, never patients or streams.
    func writeUplink(_ out: inout PrometheusText) {
        guard let uplink = self.uplink else { return }
        self.writeOutbox(&out)
        out.write(
            "wardline_sealer_failing",
            .gauge,
            "1 while nothing can be sealed.",
            uplink.sealerFailure == nil ? 0 : 1
        )
        out.write(
            "wardline_custodian_failing",
            .gauge,
            "1 while scopes cannot be fetched.",
            uplink.delivery.custodianProblem == nil ? 0 : 1
        )
        out.write("wardline_deliveries_in_flight", .gauge, "Envelopes on their way.", uplink.delivery.inFlight)
        let centers = uplink.delivery.centers
        out.write(
            "wardline_privacy_center_up",
            .gauge,
            "1 when the last delivery succeeded or none was tried.",
            centers.map { ([("center", $0.name)], $0.problem == nil ? 1 : 0) }
        )
        out.write(
            "wardline_privacy_center_delivered_total",
            .counter,
            "Envelopes acknowledged since the start.",
            centers.map { ([("center", $0.name)], $0.delivered) }
        )
        out.write(
            "wardline_privacy_center_malformed_total",
            .counter,
            "Answers that did not verify since the start.",
            centers.map { ([("center", $0.name)], $0.malformed) }
        )
        out.write(
            "wardline_privacy_center_suspect",
            .gauge,
            "1 while the center does not prove its tree, or broke a promise.",
            centers.map { ([("center", $0.name)], $0.auditProblem == nil ? 0 : 1) }
        )
    }

    private func writeOutbox(_ out: inout PrometheusText) {
        let counts = self.spool.uplink
        out.write("wardline_sealed_envelopes_total", .counter, "Envelopes sealed.", counts.sealedEnvelopes)
        out.write("wardline_sealed_observations_total", .counter, "Observations sealed.", counts.sealedObservations)
        out.write("wardline_unsealed_observations", .gauge, "Observations not sealed yet.", counts.unsealedObservations)
        out.write("wardline_held_bundles", .gauge, "Bundles that wait for the key of their scope.", counts.heldBundles)
        out.write("wardline_outbox_envelopes", .gauge, "Envelopes that wait for receipts.", counts.outboxEnvelopes)
        out.write("wardline_outbox_bytes", .gauge, "Bytes of envelopes that wait for receipts.", counts.outboxBytes)
        out.write(
            "wardline_outbox_oldest_age_seconds",
            .gauge,
            "Age of the oldest envelope that waits; 0 without one.",
            counts.oldestCreated.map { max(0, wallNanoseconds() / 1_000_000_000 - $0) } ?? 0
        )
        out.write(
            "wardline_delivered_envelopes_total",
            .counter,
            "Envelopes with as many receipts as were asked for.",
            counts.deliveredEnvelopes
        )
        out.write(
            "wardline_delivered_observations_total",
            .counter,
            "Observations in delivered envelopes.",
            counts.deliveredObservations
        )
        out.write("wardline_receipts_total", .counter, "Receipts verified and stored.", counts.receipts)
        out.write("wardline_refused_envelopes", .gauge, "Envelopes refused for good, kept.", counts.refusedEnvelopes)
        out.write("wardline_privacy_center_faults", .gauge, "Proven faults of privacy centers.", counts.faults)
    }
}
