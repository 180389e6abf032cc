package import SecureHTTP
internal import Synchronization

/// What a verification node counts, as Prometheus text.
package final class AttestMetrics: Sendable {
    /// Requests by route and status.
    package let requests = RequestMetrics()
    private let signed = Atomic<UInt64>(0)
    private let refusals = Mutex<[String: UInt64]>([:])

    package init() {}

    /// Counts how a question ended.
    func counting<Value: Sendable>(_ answer: () async throws -> Value) async throws -> Value {
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await answer()) } catch { outcome = .failure(error) }
        switch outcome {
        case .success: self.signed.wrappingAdd(1, ordering: .relaxed)
        case .failure(let error):
            let code =
                switch error as? AttestRefusal {
                case .refused(let reason, _): reason.rawValue
                case .invalid: "malformed"
                case nil: AttestRefusal.Reason.storeFailed.rawValue
                }
            self.refusals.withLock { $0[code, default: 0] += 1 }
        }
        return try outcome.get()
    }

    /// Prometheus text exposition, format 0.0.4.
    var text: String {
        let rows = self.refusals.withLock { Array($0) }.sorted { $0.key < $1.key }
        let refused = rows.map { "wardline_attester_refusals_total{code=\"\($0.key)\"} \($0.value)\n" }.joined()
        return """
            # HELP wardline_attester_hops_signed_total Hops signed since the start.
            # TYPE wardline_attester_hops_signed_total counter
            wardline_attester_hops_signed_total \(self.signed.load(ordering: .relaxed))
            # HELP wardline_attester_refusals_total Hops not signed since the start, by code.
            # TYPE wardline_attester_refusals_total counter
            \(refused)
            """ + self.requests.text
    }
}
