import Foundation

/// One party's `wardline node`, as a child process with its log in its folder.
final class DevServer: Sendable {
    let party: DevLayout.Party
    private let process = Process()
    let logPath: String

    init(_ party: DevLayout.Party, of layout: DevLayout, program: String) throws {
        self.party = party
        self.logPath = layout.log(party.name)
        if !FileManager.default.fileExists(atPath: self.logPath) {
            let isMade = FileManager.default.createFile(
                atPath: self.logPath,
                contents: nil,
                attributes: [.posixPermissions: 0o600]
            )
            guard isMade else { throw DevFailure("cannot make \(self.logPath)") }
        }
        guard let log = FileHandle(forWritingAtPath: self.logPath) else {
            throw DevFailure("cannot write \(self.logPath)")
        }
        try log.seekToEnd()
        self.process.executableURL = URL(fileURLWithPath: program)
        self.process.arguments = ["node", "run", "--config", layout.configuration(party.name)]
        self.process.standardInput = FileHandle.nullDevice
        self.process.standardOutput = log
        self.process.standardError = log
        try self.process.run()
    }

    var isRunning: Bool { self.process.isRunning }

    /// Returns when the port answers.
    ///
    /// - Throws: when the process ends before, or after a minute.
    func awaitReady() async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while !Self.accepts(self.party.port) {
            guard self.process.isRunning else {
                throw DevFailure("\(self.party.name) did not start:\n\(self.lastLines())")
            }
            guard ContinuousClock.now < deadline else {
                throw DevFailure("\(self.party.name) does not listen after a minute; see \(self.logPath)")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    func terminate() { if self.process.isRunning { self.process.terminate() } }

    /// Ends the process, by force after ten seconds.
    func end() async {
        self.terminate()
        let deadline = ContinuousClock.now + .seconds(10)
        while self.process.isRunning, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(20)) }
        if self.process.isRunning { kill(self.process.processIdentifier, SIGKILL) }
        self.process.waitUntilExit()
    }

    private func lastLines() -> String {
        let text = FileManager.default.contents(atPath: self.logPath).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.split(separator: "\n").suffix(5).joined(separator: "\n")
    }

    private static func accepts(_ port: Int) -> Bool {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { return false }
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
