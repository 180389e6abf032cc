import Foundation
import Glibc
import Synchronization

/// A broker of a few packets that writes down, in one order, what it sends, what arrives, and what is stored.
///
/// It keeps one session: messages without an acknowledgement are sent again, under the same packet
/// identifiers, to the next connection (MQTT 5 §4.4).
final class ScriptedBroker: Sendable {
    enum Event: Equatable, Sendable {
        case connect(Connect)
        case subscribe(String)
        case unsubscribe(String)
        case publish(UInt16)
        case puback(UInt16)
        case status(String)
        case ping
        case disconnect
        case closed
        /// Noted by the test: the store made these durable.
        case commit([UInt16])
        /// Noted by the test: the store refused these.
        case refuse([UInt16])
    }

    /// What CONNECT asks for; the last two are zero in MQTT 3.1.1.
    struct Connect: Equatable, Sendable {
        var version: UInt8
        var cleanStart: Bool
        var keepAlive: UInt16
        var sessionExpiry: UInt32 = 0
        var receiveMaximum: UInt16 = 0
    }

    private struct State {
        var events: [Event] = []
        var connection: Int32 = -1
        var version: UInt8 = 0
        var received: [UInt8] = []
        /// Not acknowledged yet, in the order of sending.
        var pending: [(identifier: UInt16, payload: String)] = []
        var sessionKnown = false
        var nextIdentifier: UInt16 = 1
        var stopped = false
    }

    let port: Int
    private let listener: Int32
    private let state = Mutex(State())

    init() throws {
        self.listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = self.listener
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) | getsockname(descriptor, generic, &length)
            }
        }
        guard code == 0, listen(descriptor, 4) == 0 else {
            throw TestBroker.Failure(description: "no listener: \(String(cString: strerror(errno)))")
        }
        self.port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in self.serve() }
    }

    /// Speaks over a connection that already stands.
    init(adopting connection: Int32) {
        self.listener = -1
        self.port = 0
        self.state.withLock { $0.connection = connection }
        Thread.detachNewThread { [self] in self.serve() }
    }

    /// Ends the broker's thread.
    func stop() { self.state.withLock { $0.stopped = true } }

    var events: [Event] { self.state.withLock { $0.events } }

    /// Appends an event of the test's own to the order.
    func note(_ event: Event) { self.state.withLock { $0.events.append(event) } }

    /// Reads everything that has arrived up to now, so that the order of events is the true one.
    ///
    /// The loopback interface delivers within the sender's system call: what the agent wrote before this call is
    /// here.
    func settle() { self.state.withLock { Self.readAll(&$0) } }

    /// Sends messages in one write, under consecutive packet identifiers.
    func publish(_ payloads: [String]) {
        self.state.withLock { state in
            var bytes: [UInt8] = []
            for payload in payloads {
                let identifier = state.nextIdentifier
                state.nextIdentifier += 1
                state.pending.append((identifier, payload))
                bytes += Self.publishPacket(identifier, payload, repeated: false, version: state.version)
                state.events.append(.publish(identifier))
            }
            Self.send(bytes, state)
        }
    }

    private func serve() {
        while !self.state.withLock({ $0.stopped }) {
            let connection = self.state.withLock { $0.connection }
            var entries = [pollfd(fd: self.listener, events: Int16(POLLIN), revents: 0)]
            if connection >= 0 { entries.append(pollfd(fd: connection, events: Int16(POLLIN), revents: 0)) }
            poll(&entries, nfds_t(entries.count), 20)
            if entries[0].revents & Int16(POLLIN) != 0 { self.accept() }
            if entries.count > 1, entries[1].revents != 0 { self.settle() }
        }
        self.state.withLock { state in if state.connection >= 0 { close(state.connection) } }
        if self.listener >= 0 { close(self.listener) }
    }

    private func accept() {
        let connection = Glibc.accept(self.listener, nil, nil)
        self.state.withLock { state in
            if state.connection >= 0 { close(state.connection) }
            state.connection = connection
            state.received = []
        }
    }

    private static func readAll(_ state: inout State) {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while state.connection >= 0 {
            let count = recv(state.connection, &chunk, chunk.count, Int32(MSG_DONTWAIT))
            if count < 0, errno == EAGAIN { break }
            if count <= 0 {
                close(state.connection)
                state.connection = -1
                state.events.append(.closed)
                break
            }
            state.received += chunk[..<count]
            while let packet = Self.nextPacket(&state.received) { Self.handle(packet.type, packet.body, &state) }
        }
    }

    private static func nextPacket(_ bytes: inout [UInt8]) -> (type: UInt8, body: [UInt8])? {
        guard let type = bytes.first, let (length, start) = self.variableInteger(bytes, at: 1),
            bytes.count >= start + length
        else { return nil }
        defer { bytes.removeFirst(start + length) }
        return (type, Array(bytes[start..<start + length]))
    }

    /// MQTT 5 §1.5.5.
    private static func variableInteger(_ bytes: [UInt8], at start: Int) -> (value: Int, next: Int)? {
        var value = 0
        for position in 0..<4 {
            guard start + position < bytes.count else { return nil }
            value |= Int(bytes[start + position] & 127) << (7 * position)
            if bytes[start + position] & 128 == 0 { return (value, start + position + 1) }
        }
        return nil
    }

    private static func handle(_ type: UInt8, _ body: [UInt8], _ state: inout State) {
        switch type >> 4 {
        case 1: self.handleConnect(body, &state)
        case 3: self.handleStatus(body, &state)
        case 4:
            let identifier = self.word(body, 0)
            state.events.append(.puback(identifier))
            state.pending.removeAll { $0.identifier == identifier }
        case 8, 10: self.handleSubscription(type >> 4, body, &state)
        case 12:
            state.events.append(.ping)
            self.send([0xD0, 0], state)
        case 14: state.events.append(.disconnect)
        default: break
        }
    }

    private static func handleConnect(_ body: [UInt8], _ state: inout State) {
        state.version = body[6]
        var connect = Connect(version: body[6], cleanStart: body[7] & 2 != 0, keepAlive: self.word(body, 8))
        if state.version == 5 {
            // The properties that libmosquitto sends: MQTT 5 §3.1.2.11.2 and §3.1.2.11.3.
            var offset = 11
            while offset < 11 + Int(body[10]) {
                if body[offset] == 0x11 {
                    connect.sessionExpiry =
                        UInt32(self.word(body, offset + 1)) << 16 | UInt32(self.word(body, offset + 3))
                    offset += 5
                } else {
                    connect.receiveMaximum = self.word(body, offset + 1)
                    offset += 3
                }
            }
        }
        state.events.append(.connect(connect))
        let flags: UInt8 = state.sessionKnown ? 1 : 0
        self.send(state.version == 5 ? [0x20, 3, flags, 0, 0] : [0x20, 2, flags, 0], state)
        state.sessionKnown = true
        for message in state.pending {
            state.events.append(.publish(message.identifier))
            self.send(
                self.publishPacket(message.identifier, message.payload, repeated: true, version: state.version),
                state
            )
        }
    }

    private static func handleStatus(_ body: [UInt8], _ state: inout State) {
        let start = 2 + Int(self.word(body, 0))
        let payload = body[(start + 2 + (state.version == 5 ? 1 : 0))...]
        state.events.append(.status(String(decoding: payload, as: UTF8.self)))
        self.send([0x40, 2, body[start], body[start + 1]], state)
    }

    /// A filter that begins with "refused/" is not granted.
    private static func handleSubscription(_ type: UInt8, _ body: [UInt8], _ state: inout State) {
        let start = state.version == 5 ? 3 : 2
        let filter = String(decoding: body[(start + 2)..<(start + 2 + Int(self.word(body, start)))], as: UTF8.self)
        state.events.append(type == 8 ? .subscribe(filter) : .unsubscribe(filter))
        let properties: [UInt8] = state.version == 5 ? [0] : []
        let failure: UInt8 = state.version == 5 ? 0x87 : 0x80
        let code: [UInt8] = type == 8 ? [filter.hasPrefix("refused/") ? failure : 1] : state.version == 5 ? [0] : []
        let answer = [body[0], body[1]] + properties + code
        self.send([type == 8 ? 0x90 : 0xB0, UInt8(answer.count)] + answer, state)
    }

    private static func publishPacket(
        _ identifier: UInt16,
        _ payload: String,
        repeated: Bool,
        version: UInt8
    ) -> [UInt8] {
        let topic = Array("ward/7/bed/1".utf8)
        var body: [UInt8] = [0, UInt8(topic.count)] + topic
        body += [UInt8(identifier >> 8), UInt8(identifier & 255)]
        if version == 5 { body.append(0) }
        body += Array(payload.utf8)
        precondition(body.count < 128, "one length byte")
        return [repeated ? 0x3A : 0x32, UInt8(body.count)] + body
    }

    private static func word(_ bytes: [UInt8], _ offset: Int) -> UInt16 {
        UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1])
    }

    private static func send(_ bytes: [UInt8], _ state: borrowing State) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(state.connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }
}
