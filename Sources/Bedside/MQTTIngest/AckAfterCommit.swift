internal import CMosquitto
internal import Glibc
internal import Records

/// Drives one libmosquitto client so that a PUBACK leaves only after its message is durable.
///
/// One turn: wait for the socket, read packets until it is dry or the burst is full, commit the burst, and
/// only then write. The rule lives in one place: ``flush()`` holds the only call of `mosquitto_loop_write`
/// and cannot run while a message is uncommitted. What libmosquitto 2.0 does for its part:
///
/// - In "threaded" mode it queues every outgoing packet (`lib/packet_mosq.c`, `packet__queue`); only
///   `mosquitto_loop_write` writes. `mosquitto_loop_read` and `mosquitto_loop_misc` never do.
/// - Closing or freeing the client drops the queue.
///
/// A burst is as large as what had arrived by the time the previous commit ended: group commit under load,
/// no added delay without it.
final class AckAfterCommit {
    /// How a turn ended.
    enum Turn {
        case quiet
        /// A packet of any kind arrived; its burst, if any, is durable and acknowledged.
        case busy
        /// The connection is gone; everything read before is durable.
        case lost(BrokerFault)
        /// The store refused; the client must be dropped, which leaves the burst unacknowledged.
        case refused(String)
    }

    let client: MosquittoClient
    private(set) var totals = IngestTotals()
    private let arrivals: Arrivals
    private let store: any BurstStore
    private let settings: BrokerSettings
    private let wakeUp: WakeUp
    /// The last burst was full: more packets may already wait inside OpenSSL, where poll(2) sees nothing.
    private var mayHoldMore = false

    init(client: MosquittoClient, store: any BurstStore, settings: BrokerSettings, wakeUp: WakeUp) {
        self.client = client
        self.arrivals = client.arrivals
        self.store = store
        self.settings = settings
        self.wakeUp = wakeUp
    }

    /// Waits for work, and does it.
    ///
    /// - Parameter milliseconds: how long to wait when nothing happens.
    /// - Returns: how it ended; after `.lost` and `.refused` the client must be dropped.
    func turn(milliseconds: Int32) -> Turn {
        let ready = self.wait(milliseconds: self.mayHoldMore ? 0 : milliseconds)
        // Nothing is uncommitted here, so what an earlier flush could not finish may go on.
        if ready & Int16(POLLOUT) != 0, let fault = self.flush() { return .lost(fault) }

        let eventsBefore = self.arrivals.eventCount
        var fault: BrokerFault?
        if self.mayHoldMore || ready & ~Int16(POLLOUT) != 0 {
            fault = self.readBurst() ?? self.peerClosedEarly(ready)
        }
        // Right after reading, so that a commit longer than the keep-alive is not taken for a silent broker.
        // Only queues a PINGREQ.
        fault = fault ?? self.check(mosquitto_loop_misc(self.client.handle))
        if let refusal = self.commit() { return .refused(refusal) }
        if let fault = fault ?? self.flush() { return .lost(fault) }
        return self.arrivals.eventCount == eventsBefore ? .quiet : .busy
    }

    /// Takes the counts since the last call.
    func takeTotals() -> IngestTotals {
        defer { self.totals = IngestTotals() }
        return self.totals
    }

    private func wait(milliseconds: Int32) -> Int16 {
        var wanted = Int16(POLLIN)
        if mosquitto_want_write(self.client.handle) { wanted |= Int16(POLLOUT) }
        // Until the broker has accepted us, a peer that hangs up is looked for (see peerClosedEarly).
        if self.arrivals.connack == nil { wanted |= Self.peerHangUp }
        var entries = (
            pollfd(fd: self.client.socket, events: wanted, revents: 0),
            pollfd(fd: self.wakeUp.readEnd, events: Int16(POLLIN), revents: 0)
        )
        withUnsafeMutableBytes(of: &entries) { bytes in
            _ = poll(bytes.assumingMemoryBound(to: pollfd.self).baseAddress, 2, milliseconds)
        }
        if entries.1.revents != 0 { self.wakeUp.drain() }
        return entries.0.revents
    }

    /// Reads packets into the burst until the socket is dry or the burst is full.
    ///
    /// `mosquitto_loop_read` takes one packet, with TLS all that OpenSSL has decrypted; its errno says nothing,
    /// because the library's own wake-up pipe is full. So the callbacks are the evidence: a call that caused
    /// none found nothing, or only a part of a packet, or one that needs no callback, and poll(2) will tell.
    private func readBurst() -> BrokerFault? {
        let lingerEnd = Clocks.monotonic() + UInt64(self.settings.burst.lingerMilliseconds) * 1_000_000
        while true {
            var before: UInt64
            repeat {
                before = self.arrivals.eventCount
                if let fault = self.check(mosquitto_loop_read(self.client.handle, 1)) { return fault }
            } while self.arrivals.eventCount != before && !self.arrivals.isFull
            self.mayHoldMore = self.arrivals.isFull
            guard !self.arrivals.isFull, self.linger(until: lingerEnd) else { return nil }
        }
    }

    /// Waits for more messages to share the commit, where the settings ask for it.
    private func linger(until end: UInt64) -> Bool {
        guard self.settings.burst.lingerMilliseconds > 0, !self.arrivals.burst.isEmpty else { return false }
        let now = Clocks.monotonic()
        guard now < end else { return false }
        var entry = pollfd(fd: self.client.socket, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, Int32((end - now + 999_999) / 1_000_000)) > 0
    }

    /// Makes the burst durable.
    ///
    /// - Returns: the store's reason when it refuses; the burst then stays, and bars every further flush.
    private func commit() -> String? {
        guard !self.arrivals.burst.isEmpty else { return nil }
        do {
            try self.store.store(self.arrivals.burst, oversized: self.arrivals.oversized)
        } catch {
            return "\(error)"
        }
        self.totals.messages += UInt64(self.arrivals.burst.count)
        self.totals.bytes += UInt64(self.arrivals.burst.bytes.count)
        self.totals.bursts += 1
        self.totals.oversized += UInt64(self.arrivals.oversized.count)
        self.totals.retained += self.arrivals.retained
        self.arrivals.removeBurst()
        return nil
    }

    /// Writes what is queued: acknowledgements of committed messages, pings, subscriptions.
    ///
    /// libmosquitto writes each packet by itself; corking lets the acknowledgements of a burst share segments.
    private func flush() -> BrokerFault? {
        precondition(self.arrivals.burst.isEmpty, "an acknowledgement would overtake its message's commit")
        guard mosquitto_want_write(self.client.handle) else { return nil }
        self.cork(true)
        defer { self.cork(false) }
        // Writes until the queue is empty or the socket is full; then poll(2) asks for POLLOUT.
        return self.check(mosquitto_loop_write(self.client.handle, 1))
    }

    private func cork(_ on: Bool) {
        let socket = self.client.socket
        guard socket >= 0 else { return }
        var value: Int32 = on ? 1 : 0
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_CORK, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private func check(_ code: Int32) -> BrokerFault? {
        let error = errno
        if code == MOSQ_ERR_SUCCESS.rawValue, self.client.socket >= 0 { return nil }
        return ConnectionDiagnosis.ended(code, error: error, client: self.client, settings: self.settings)
    }

    /// A peer that closed the connection during the TLS handshake.
    ///
    /// libmosquitto takes the end of the stream for an unfinished handshake and would wait for ever.
    private func peerClosedEarly(_ ready: Int16) -> BrokerFault? {
        guard self.arrivals.connack == nil, ready & (Self.peerHangUp | Int16(POLLHUP | POLLERR)) != 0 else {
            return nil
        }
        var byte: UInt8 = 0
        guard recv(self.client.socket, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) <= 0 else {
            return nil
        }
        return ConnectionDiagnosis.ended(
            MOSQ_ERR_CONN_LOST.rawValue,
            error: 0,
            client: self.client,
            settings: self.settings
        )
    }

    /// POLLRDHUP of linux/poll.h, which glibc shows only to GNU sources.
    private static let peerHangUp: Int16 = 0x2000
}
