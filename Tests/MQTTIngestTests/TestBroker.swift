import Foundation
import FreePorts

/// A real mosquitto on a free loopback port, with its own folder; for tests.
///
/// Debian's packages: `mosquitto` and, for certificates, `openssl`.
final class TestBroker {
    static let binary = "/usr/sbin/mosquitto"

    /// Whether mosquitto is installed.
    static var isAvailable: Bool { FileManager.default.isExecutableFile(atPath: binary) }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// How the listener is set up.
    struct Options {
        var certificates: TestCertificates?
        var requiresClientCertificate = false
        /// User names and passwords; nobody else is let in when there are any.
        var passwords: [String: String] = [:]
        /// Keeps sessions over ``TestBroker/restart()``.
        var persistence = false
        /// Further lines of mosquitto.conf.
        var lines: [String] = []
    }

    let directory: String
    private(set) var port = 0
    private let options: Options
    private var process: pid_t?

    /// Starts a broker and waits until it accepts connections.
    init(_ options: Options = Options()) throws {
        self.options = options
        self.directory = try TestFolder.make("broker")
        try self.start()
    }

    deinit {
        self.stop(signal: SIGKILL)
        try? FileManager.default.removeItem(atPath: self.directory)
    }

    /// Ends the broker; SIGTERM lets it save its sessions.
    func stop(signal: Int32 = SIGTERM) {
        guard let process = self.process else { return }
        kill(process, signal)
        waitpid(process, nil, 0)
        self.process = nil
    }

    /// Ends the broker and starts it again on the same port.
    func restart(signal: Int32 = SIGTERM) throws {
        self.stop(signal: signal)
        try self.launch()
    }

    private func start() throws {
        // Between finding a free port and taking it somebody else may be quicker.
        for _ in 0..<5 {
            self.port = try FreePorts.one()
            do { return try self.launch() } catch { self.stop(signal: SIGKILL) }
        }
        let log = (try? String(contentsOfFile: "\(self.directory)/log", encoding: .utf8)) ?? ""
        throw Failure(description: "mosquitto does not start: \(log)")
    }

    private func launch() throws {
        let configuration = "\(self.directory)/mosquitto.conf"
        try self.configurationLines().joined(separator: "\n").appending("\n")
            .write(toFile: configuration, atomically: true, encoding: .utf8)
        let process = try TestFolder.spawn(Self.binary, ["-c", configuration], output: "\(self.directory)/log")
        self.process = process
        while waitpid(process, nil, WNOHANG) == 0 {
            if Self.accepts(self.port) { return }
            poll(nil, 0, 10)
        }
        self.process = nil
        throw Failure(description: "mosquitto ended")
    }

    private func configurationLines() throws -> [String] {
        var lines = [
            "per_listener_settings false", "user root", "max_queued_messages 0", "max_inflight_messages 1000",
            "listener \(self.port) 127.0.0.1",
        ]
        if let certificates = self.options.certificates {
            lines += [
                "cafile \(certificates.ca)", "certfile \(certificates.server)", "keyfile \(certificates.serverKey)",
                "require_certificate \(self.options.requiresClientCertificate)",
            ]
        }
        lines.append("allow_anonymous \(self.options.passwords.isEmpty)")
        if !self.options.passwords.isEmpty {
            let file = "\(self.directory)/passwords"
            try TestFolder.write("", to: file)
            for (user, password) in self.options.passwords {
                try TestFolder.run("/usr/bin/mosquitto_passwd", ["-b", file, user, password])
            }
            lines.append("password_file \(file)")
        }
        if self.options.persistence {
            lines += ["persistence true", "persistence_location \(self.directory)/"]
        }
        return lines + self.options.lines
    }

    private static func accepts(_ port: Int) -> Bool {
        let accepted = try? withLoopbackAddress(port: port) { descriptor, address, length in
            connect(descriptor, address, length) == 0
        }
        return accepted ?? false
    }

    private static func withLoopbackAddress<Result>(
        port: Int,
        _ body: (Int32, UnsafeMutablePointer<sockaddr>, socklen_t) throws -> Result
    ) throws -> Result {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(description: "no socket") }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return try withUnsafeMutablePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try body(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

/// A certificate authority, a server and a client certificate in PEM files, made by the openssl command.
struct TestCertificates {
    let ca: String
    let server: String
    let serverKey: String
    let client: String
    let clientKey: String

    /// Makes certificates that are valid for a day.
    ///
    /// - Parameters:
    ///   - names: subjectAltName of the server's certificate.
    ///   - serverDays: validity of the server's certificate; negative for an expired one.
    /// - Throws: ``TestBroker/Failure`` when the command fails.
    init(names: String = "IP:127.0.0.1,DNS:localhost", serverDays: Int = 1) throws {
        let folder = try TestFolder.make("certificates")
        self.ca = "\(folder)/ca.pem"
        self.server = "\(folder)/server.pem"
        self.serverKey = "\(folder)/server.key"
        self.client = "\(folder)/client.pem"
        self.clientKey = "\(folder)/client.key"
        try Self.openssl(
            ["req", "-x509", "-subj", "/CN=Test CA", "-days", "2", "-keyout", "\(folder)/ca.key", "-out", self.ca]
                + Self.newKey
        )
        try Self.issue("server", in: folder, extensions: "subjectAltName=\(names)", days: serverDays)
        try Self.issue("client", in: folder, extensions: "extendedKeyUsage=clientAuth", days: 1)
    }

    private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    private static func issue(_ name: String, in folder: String, extensions: String, days: Int) throws {
        try extensions.write(toFile: "\(folder)/\(name).ext", atomically: true, encoding: .utf8)
        try self.openssl(
            ["req", "-subj", "/CN=\(name)", "-keyout", "\(folder)/\(name).key", "-out", "\(folder)/\(name).csr"]
                + Self.newKey
        )
        try self.openssl([
            "x509", "-req", "-in", "\(folder)/\(name).csr", "-CA", "\(folder)/ca.pem", "-CAkey", "\(folder)/ca.key",
            "-CAcreateserial", "-days", "\(days)", "-extfile", "\(folder)/\(name).ext",
            "-out", "\(folder)/\(name).pem",
        ])
    }

    private static func openssl(_ arguments: [String]) throws { try TestFolder.run("/usr/bin/openssl", arguments) }
}

/// The openssl command as a TLS server for one connection, whose plain end is a socket of ours.
///
/// It packs whatever is written at once into as few TLS records as possible, as mosquitto never does.
final class TLSTerminator {
    let port: Int
    /// Owned by whoever reads from it.
    let connection: Int32
    private let process: pid_t

    init(_ certificates: TestCertificates) throws {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else {
            throw TestBroker.Failure(description: "no socket pair")
        }
        self.connection = ends[0]
        self.port = try FreePorts.one()
        _ = fcntl(ends[0], F_SETFD, FD_CLOEXEC)
        self.process = try TestFolder.spawn(
            "/usr/bin/openssl",
            [
                "s_server", "-accept", "127.0.0.1:\(self.port)", "-cert", certificates.server, "-key",
                certificates.serverKey, "-quiet", "-naccept", "1",
            ],
            output: "/dev/null",
            standardStreams: ends[1]
        )
        close(ends[1])
    }

    deinit {
        kill(self.process, SIGKILL)
        waitpid(self.process, nil, 0)
    }
}

/// Folders and commands for tests.
enum TestFolder {
    /// Holds all folders of this process, and goes with it.
    private static let root: String = {
        let path = "\(NSTemporaryDirectory())wardline-tests-\(getpid())"
        atexit { try? FileManager.default.removeItem(atPath: TestFolder.root) }
        return path
    }()

    /// Makes an empty folder of its own.
    static func make(_ name: String) throws -> String {
        let path = "\(self.root)/\(name)-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        return path
    }

    /// Writes a file of its own.
    static func write(_ content: String, to path: String, mode: Int = 0o600) throws {
        try content.write(toFile: path, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    /// Runs a command and demands that it succeeds.
    static func run(_ command: String, _ arguments: [String]) throws {
        let process = try self.spawn(command, arguments, output: "/dev/null")
        var status: Int32 = 0
        guard waitpid(process, &status, 0) == process, status == 0 else {
            throw TestBroker.Failure(description: "\(command) \(arguments.first ?? "") failed")
        }
    }

    /// Starts a command whose output goes to a file, or whose input and output are a socket.
    static func spawn(
        _ command: String,
        _ arguments: [String],
        output: String,
        standardStreams: Int32? = nil
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 2, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, standardStreams ?? 2, 1)
        if let standardStreams { posix_spawn_file_actions_adddup2(&actions, standardStreams, 0) }
        // Worker threads block signals, and a child that inherited that could not be ended by SIGTERM.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var words: [UnsafeMutablePointer<CChar>?] = ([command] + arguments).map { strdup($0) }
        defer { words.forEach { free($0) } }
        words.append(nil)
        var process: pid_t = 0
        let code = posix_spawn(&process, command, &actions, &attributes, words, environ)
        guard code == 0 else { throw TestBroker.Failure(description: "\(command): \(String(cString: strerror(code)))") }
        return process
    }
}
