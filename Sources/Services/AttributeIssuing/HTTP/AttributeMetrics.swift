package import SecureHTTP
internal import Synchronization

/// What an attribute authority counts, as Prometheus text.
package final class AttributeMetrics: Sendable {
    /// Requests by route and status.
    package let requests = RequestMetrics()
    private let issued = Atomic<UInt64>(0)
    private let refused = Atomic<UInt64>(0)

    package init() {}

    /// Counts how a request for a key ended.
    func counting<Value: Sendable>(_ answer: () async throws -> Value) async throws -> Value {
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await answer()) } catch { outcome = .failure(error) }
        switch outcome {
        case .success: self.issued.wrappingAdd(1, ordering: .relaxed)
        case .failure: self.refused.wrappingAdd(1, ordering: .relaxed)
        }
        return try outcome.get()
    }

    /// Prometheus text exposition, format 0.0.4.
    var text: String {
        """
        # HELP wardline_abe_keys_issued_total Attribute keys issued since the start.
        # TYPE wardline_abe_keys_issued_total counter
        wardline_abe_keys_issued_total \(self.issued.load(ordering: .relaxed))
        # HELP wardline_abe_keys_refused_total Requests for attribute keys refused since the start.
        # TYPE wardline_abe_keys_refused_total counter
        wardline_abe_keys_refused_total \(self.refused.load(ordering: .relaxed))

        """ + self.requests.text
    }
}
