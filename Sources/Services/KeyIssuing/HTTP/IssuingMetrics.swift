package import SecureHTTP
internal import Synchronization

/// What an issuing party counts, as Prometheus text.
package final class IssuingMetrics: Sendable {
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
        # HELP wardline_ibe_steps_issued_total Steps of identity keys issued since the start.
        # TYPE wardline_ibe_steps_issued_total counter
        wardline_ibe_steps_issued_total \(self.issued.load(ordering: .relaxed))
        # HELP wardline_ibe_steps_refused_total Requests for identity keys refused since the start.
        # TYPE wardline_ibe_steps_refused_total counter
        wardline_ibe_steps_refused_total \(self.refused.load(ordering: .relaxed))

        """ + self.requests.text
    }
}
