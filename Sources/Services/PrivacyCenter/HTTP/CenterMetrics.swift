internal import PrivacyCenterStore
package import SecureHTTP
internal import Synchronization

/// What a privacy center counts, as Prometheus text.
package final class CenterMetrics: Sendable {
    /// Requests by route and status.
    package let requests = RequestMetrics()
    private let envelopesNew = Atomic<UInt64>(0)
    private let envelopesRepeated = Atomic<UInt64>(0)
    private let bytesNew = Atomic<UInt64>(0)
    private let parts = Atomic<UInt64>(0)

    package init() {}

    func countPut(isNew: Bool, bytes: Int) {
        if isNew {
            self.envelopesNew.wrappingAdd(1, ordering: .relaxed)
            self.bytesNew.wrappingAdd(UInt64(bytes), ordering: .relaxed)
        } else {
            self.envelopesRepeated.wrappingAdd(1, ordering: .relaxed)
        }
    }

    func countParts(_ count: Int) { self.parts.wrappingAdd(UInt64(count), ordering: .relaxed) }

    /// Prometheus text exposition, format 0.0.4; without the store's figures when it does not answer.
    func text(_ center: PrivacyCenter, _ budget: BodyBudget) async -> String {
        var lines = MetricLines()
        lines.add(
            "wardline_cpc_envelopes_stored_total",
            "counter",
            "Envelopes stored since the start.",
            self.envelopesNew
        )
        lines.add("wardline_cpc_envelopes_repeated_total", "counter", "Envelopes put again.", self.envelopesRepeated)
        lines.add("wardline_cpc_envelope_bytes_stored_total", "counter", "Bytes of stored envelopes.", self.bytesNew)
        lines.add("wardline_cpc_reencryption_parts_total", "counter", "Parts made for receivers.", self.parts)
        let context = center.context
        lines.add(
            "wardline_cpc_appends_waiting",
            "gauge",
            "Envelopes that wait for the disk.",
            context.appender.waitingCount
        )
        lines.add(
            "wardline_cpc_verifications_admitted",
            "gauge",
            "Verifications that run or wait.",
            context.threads.admittedCount
        )
        lines.add("wardline_cpc_body_bytes", "gauge", "Bytes of request bodies in memory.", budget.heldBytes)
        if let store = try? await context.store.statistics() {
            lines.add("wardline_cpc_envelopes", "gauge", "Envelopes in the store.", store.envelopes)
            lines.add(
                "wardline_cpc_envelope_bytes",
                "gauge",
                "Bytes of the envelopes in the store.",
                store.envelopeBytes
            )
            lines.add(
                "wardline_cpc_certificates",
                "gauge",
                "Certificates and descriptors in the store.",
                store.certificates
            )
            lines.add("wardline_cpc_rekeys", "gauge", "Grants in the store, revoked ones included.", store.rekeys)
            lines.add("wardline_cpc_storage_bytes", "gauge", "Bytes of the store on the disk.", store.storageBytes)
        }
        return lines.text + self.requests.text
    }
}

/// Lines of the text exposition.
private struct MetricLines {
    private(set) var text = ""

    mutating func add(_ name: String, _ kind: String, _ help: String, _ value: some BinaryInteger) {
        self.text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n\(name) \(value)\n"
    }

    mutating func add(_ name: String, _ kind: String, _ help: String, _ value: borrowing Atomic<UInt64>) {
        self.add(name, kind, help, value.load(ordering: .relaxed))
    }
}
