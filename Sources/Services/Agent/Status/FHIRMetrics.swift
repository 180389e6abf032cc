/// The series of sinks that are FHIR servers.
extension AgentStatus {
    func writeFHIR(_ out: inout PrometheusText) {
        let sinks = self.sinks.compactMap { sink in sink.counts.map { (name: sink.name, counts: $0) } }
        guard !sinks.isEmpty else { return }
        out.write(
            "wardline_fhir_observations_total",
            .counter,
            "Observations by what the server made of them; repeated ones count each time.",
            sinks.flatMap { name, counts in
                [
                    ("created", counts.created), ("present", counts.present), ("updated", counts.updated),
                    ("refused", counts.refused), ("again", counts.again),
                ].map { ([("sink", name), ("outcome", $0)], $1) }
            }
        )
        out.write(
            "wardline_fhir_requests_total",
            .counter,
            "Bundles by whether the server answered for their entries.",
            sinks.flatMap { name, counts in
                [("answered", counts.answered), ("failed", counts.failed)]
                    .map { ([("sink", name), ("outcome", $0)], $1) }
            }
        )
    }
}
