@testable import MQTTIngest

extension BrokerState {
    /// A state that a connection may be in, set from outside.
    init(_ phase: Phase, heartbeat: UInt64, lastError: String? = nil, refused: [String: String] = [:]) {
        self.init()
        self.phase = phase
        self.heartbeat = heartbeat
        self.lastError = lastError
        self.refusedSubscriptions = refused
    }
}
