/// A consumer of the spool: takes every Observation, at its own pace.
protocol ObservationSink: Sendable {
    /// Under which it stands in the spool.
    var name: String { get }
    /// When its thread last gave a sign of life, ns of the monotonic clock; 0 before the first.
    var heartbeat: UInt64 { get }
    /// Why it does not deliver at the moment; nil while it does.
    var failure: String? { get }
    /// Observations delivered since the start.
    var written: UInt64 { get }
    /// What a FHIR server made of them; nil for other sinks.
    var counts: FHIRDelivery.Counts? { get }

    /// Works until ``requestStop()``; blocks its thread.
    func run()
    func requestStop()
}

extension NDJSONSink: ObservationSink {
    var counts: FHIRDelivery.Counts? { nil }
}
