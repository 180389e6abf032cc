package import Records

/// Where bursts become durable; the acknowledgement waits for it.
///
/// All calls come from the connection's own thread, one after the other; several brokers share one store.
package protocol BurstStore: Sendable {
    /// Makes a burst durable: when this returns, the messages survive a power failure.
    ///
    /// - Parameters:
    ///   - burst: at least one message.
    ///   - oversized: the messages of this burst whose payload was cut, in order; mostly empty.
    /// - Throws: any reason not to store. The burst is then discarded unacknowledged, the connection is
    ///   dropped, and the broker keeps the messages until ``hasRoom()`` lets the agent return.
    func store(_ burst: MessageBurst, oversized: [OversizedMessage]) throws

    /// Whether a refused store would accept messages again; asked once a second after a refusal.
    func hasRoom() -> Bool

    /// Tells that a connection begins, before its first message.
    ///
    /// - Parameters:
    ///   - broker: index of the broker in the agent's configuration.
    ///   - sessionPresent: the broker kept the session, and first repeats what was never acknowledged.
    func connected(broker: UInt8, sessionPresent: Bool)
}

/// A message whose payload exceeded the limit; the burst holds the first bytes of it.
package struct OversizedMessage: Sendable, Equatable {
    /// Position of the message in its burst, from 0.
    package let index: Int
    /// Length of the payload as published, in bytes.
    package let payloadBytes: Int

    /// Notes one cut message.
    ///
    /// - Parameters:
    ///   - index: position in the burst, from 0.
    ///   - payloadBytes: length as published.
    package init(index: Int, payloadBytes: Int) {
        self.index = index
        self.payloadBytes = payloadBytes
    }
}
