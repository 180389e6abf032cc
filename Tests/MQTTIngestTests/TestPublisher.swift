import CMosquitto
import Glibc

/// Publishes to a real broker and waits for its acknowledgements.
enum TestPublisher {
    struct Failure: Error { let code: Int32 }

    private final class Progress { var acknowledged = 0 }

    /// Publishes payloads in order.
    ///
    /// - Parameters:
    ///   - payloads: one message each.
    ///   - topic: of all messages.
    ///   - port: of an unencrypted listener on the loopback interface.
    ///   - qos: 0 to 2.
    ///   - retain: the RETAIN flag.
    /// - Throws: ``Failure`` when the connection fails.
    static func publish(_ payloads: [String], topic: String, port: Int, qos: Int32 = 1, retain: Bool = false) throws {
        mosquitto_lib_init()
        let progress = Progress()
        let context = Unmanaged.passUnretained(progress).toOpaque()
        guard let client = mosquitto_new(nil, true, context) else { throw Failure(code: -1) }
        defer { mosquitto_destroy(client) }
        mosquitto_publish_callback_set(client) { _, context, _ in
            guard let context else { return }
            Unmanaged<Progress>.fromOpaque(context).takeUnretainedValue().acknowledged += 1
        }
        mosquitto_int_option(client, MOSQ_OPT_SEND_MAXIMUM, 1_000)
        try self.check(mosquitto_connect(client, "127.0.0.1", Int32(port), 60))
        var sent = 0
        while progress.acknowledged < payloads.count {
            while sent < payloads.count, sent - progress.acknowledged < 1_000 {
                let payload = payloads[sent]
                try self.check(
                    mosquitto_publish(client, nil, topic, Int32(payload.utf8.count), payload, qos, retain)
                )
                sent += 1
            }
            try self.exchange(client)
        }
        mosquitto_disconnect(client)
    }

    /// Waits a moment for the socket and moves packets; mosquitto_loop() would select(2), which cannot take the high
    /// descriptors of a process with a thousand open files.
    private static func exchange(_ client: OpaquePointer) throws {
        let wanted = POLLIN | (mosquitto_want_write(client) ? POLLOUT : 0)
        var socket = pollfd(fd: mosquitto_socket(client), events: Int16(wanted), revents: 0)
        _ = poll(&socket, 1, 100)
        if Int32(socket.revents) & (POLLIN | POLLHUP | POLLERR) != 0 { try self.check(mosquitto_loop_read(client, 1)) }
        if Int32(socket.revents) & POLLOUT != 0 { try self.check(mosquitto_loop_write(client, 1)) }
        try self.check(mosquitto_loop_misc(client))
    }

    private static func check(_ code: Int32) throws {
        guard code == MOSQ_ERR_SUCCESS.rawValue else { throw Failure(code: code) }
    }
}
