import Foundation
import FreePorts

/// A real mosquitto on a free loopback port, with its own folder, and mosquitto_pub as its publisher.
final class TestBroker {
    private static let binary = "/usr/sbin/mosquitto"
    private static let publisher = "/usr/bin/mosquitto_pub"

    /// Whether both programs are installed.
    static var isAvailable: Bool {
        [self.binary, self.publisher].allSatisfy(FileManager.default.isExecutableFile(atPath:))
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let port: Int
    private let folder: String
    private let process: pid_t

    /// Starts a broker that loses nothing, and waits until it accepts connections.
    init() throws {
        self.folder = NSTemporaryDirectory() + "agent-broker-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        // Between finding a free port and taking it somebody else may be quicker.
        for _ in 0..<5 {
            let port = try FreePorts.one()
            guard let process = try Self.launch(port: port, folder: self.folder) else { continue }
            self.port = port
            self.process = process
            return
        }
        throw Failure(description: "mosquitto does not start")
    }

    deinit {
        kill(self.process, SIGKILL)
        waitpid(self.process, nil, 0)
        try? FileManager.default.removeItem(atPath: self.folder)
    }

    private static func launch(port: Int, folder: String) throws -> pid_t? {
        let configuration = """
            user root
            max_queued_messages 0
            max_inflight_messages 1000
            listener \(port) 127.0.0.1
            allow_anonymous true

            """
        try configuration.write(toFile: "\(folder)/mosquitto.conf", atomically: true, encoding: .utf8)
        let process = try self.start("exec \(self.binary) -c \(folder)/mosquitto.conf")
        while waitpid(process, nil, WNOHANG) == 0 {
            if LoopbackSocket(connectedTo: port) != nil { return process }
            poll(nil, 0, 10)
        }
        return nil
    }

    /// Starts a shell command without output.
    private static func start(_ command: String) throws -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Worker threads block signals, which a child would inherit.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let line: [String] = ["/bin/sh", "-c", "\(command) >/dev/null 2>&1"]
        var words: [UnsafeMutablePointer<CChar>?] = line.map { strdup($0) }
        defer { words.forEach { free($0) } }
        words.append(nil)
        var process: pid_t = 0
        guard posix_spawn(&process, "/bin/sh", nil, &attributes, words, environ) == 0 else {
            throw Failure(description: "cannot start \(command)")
        }
        return process
    }

    /// Publishes each payload as a message at QoS 1 and waits for the broker's acknowledgements.
    func publish(_ payloads: [String], topic: String) throws {
        let file = "\(self.folder)/payloads-\(UUID().uuidString)"
        try payloads.joined(separator: "\n").appending("\n").write(toFile: file, atomically: true, encoding: .utf8)
        let process = try Self.start(
            "exec \(Self.publisher) -h 127.0.0.1 -p \(self.port) -q 1 -t \(topic) -l <\(file)"
        )
        var status: Int32 = 0
        guard waitpid(process, &status, 0) == process, status == 0 else {
            throw Failure(description: "mosquitto_pub failed")
        }
    }

    /// Publishes bytes as one message at QoS 1 and waits for the broker's acknowledgement.
    func publish(_ bytes: [UInt8], topic: String) throws {
        let file = "\(self.folder)/payload-\(UUID().uuidString)"
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        let process = try Self.start(
            "exec \(Self.publisher) -h 127.0.0.1 -p \(self.port) -q 1 -t \(topic) -f \(file)"
        )
        var status: Int32 = 0
        guard waitpid(process, &status, 0) == process, status == 0 else {
            throw Failure(description: "mosquitto_pub failed")
        }
    }
}

/// A TCP socket on 127.0.0.1, closed with its last reference.
final class LoopbackSocket {
    let descriptor: Int32

    init?(connectedTo port: Int) {
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard self.connect(to: port) else { return nil }
    }

    deinit { close(self.descriptor) }

    private func connect(to port: Int) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(self.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}

/// One HTTP/1.1 request to a server on this machine.
enum LocalHTTP {
    /// Status line, headers and body; nil when nobody answers.
    static func get(_ path: String, port: Int) -> String? {
        guard let socket = LoopbackSocket(connectedTo: port) else { return nil }
        let request = Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
        guard send(socket.descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            return nil
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(socket.descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer += buffer.prefix(count)
        }
        return answer.isEmpty ? nil : String(decoding: answer, as: UTF8.self)
    }
}
