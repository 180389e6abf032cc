internal import CanonicalBytes
internal import Foundation
internal import Logging
internal import Synchronization

/// Tells people of an emergency access: the log, a counter, and a program of the institution's.
final class EmergencyNotice: Sendable {
    private static let secondsMax = 30

    private let command: [String]
    private let logger: Logger
    private let told = Mutex<UInt64>(0)

    /// - Parameters:
    ///   - command: program and arguments; the permission's identifier is put behind them. Empty: none.
    ///   - logger: for warnings.
    init(command: [String], logger: Logger) {
        self.command = command
        self.logger = logger
    }

    /// Emergencies that were told since the start.
    var count: UInt64 { self.told.withLock { $0 } }

    /// Tells of an emergency; a program that fails is told too, and keeps nobody waiting.
    func tell(_ item: ShareItem) async {
        self.told.withLock { $0 += 1 }
        self.logger.warning(
            "a clinician took emergency access",
            metadata: ["permission": "\(item.id.hex)", "scope": "\(item.scope.hex)"]
        )
        guard !self.command.isEmpty else { return }
        let id = item.id
        Task {
            let status = await self.run(for: id)
            guard status != 0 else { return }
            self.logger.error(
                "notify_command failed",
                metadata: ["status": "\(status.map { "\($0)" } ?? "not started")"]
            )
        }
    }

    /// Runs the program and waits for its end, at most ``secondsMax`` seconds.
    ///
    /// - Returns: its exit status; nil when it cannot be started.
    func run(for permission: [UInt8]) async -> Int32? {
        guard let program = self.command.first else { return nil }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = Array(self.command.dropFirst()) + [permission.hex]
        process.environment = ["PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let (ends, end) = AsyncStream<Int32>.makeStream()
        process.terminationHandler = { process in
            end.yield(process.terminationStatus)
            end.finish()
        }
        do { try process.run() } catch { return nil }
        let running = RunningProcess(process)
        let limit = Task {
            try? await Task.sleep(for: .seconds(Self.secondsMax))
            if !Task.isCancelled { running.end() }
        }
        defer { limit.cancel() }
        for await status in ends { return status }
        return nil
    }
}

/// Ends a program that takes too long; `Process` may be told from any thread.
private final class RunningProcess: @unchecked Sendable {
    private let process: Process

    init(_ process: Process) { self.process = process }

    func end() { if self.process.isRunning { self.process.terminate() } }
}
