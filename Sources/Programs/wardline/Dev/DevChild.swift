import Foundation

/// A `wardline` command that runs as a child process.
final class DevChild: Sendable {
    private let process = Process()
    private let output = Pipe()
    private let words: [String]

    /// Starts the command.
    ///
    /// - Parameters:
    ///   - program: this program.
    ///   - words: the command.
    ///   - isPatient: leaves the processors to everything else.
    /// - Throws: when it cannot be started.
    init(_ program: String, _ words: [String], isPatient: Bool = false) throws {
        self.words = words
        self.process.executableURL = URL(fileURLWithPath: isPatient ? "/usr/bin/nice" : program)
        self.process.arguments = isPatient ? ["-n", "15", program] + words : words
        self.process.standardInput = FileHandle.nullDevice
        self.process.standardOutput = self.output
        self.process.standardError = self.output
        try self.process.run()
    }

    func terminate() { if self.process.isRunning { self.process.terminate() } }

    /// Waits for the end.
    ///
    /// - Returns: what the command printed.
    /// - Throws: the same when it failed.
    @discardableResult
    func result() async throws -> String {
        let text = await withCheckedContinuation { continuation in
            // A thread of its own: reading to the end blocks.
            Thread.detachNewThread { [self] in
                let data = self.output.fileHandleForReading.readDataToEndOfFile()
                self.process.waitUntilExit()
                continuation.resume(returning: String(decoding: data, as: UTF8.self))
            }
        }
        guard self.process.terminationStatus == 0 else {
            throw DevFailure("wardline \(self.words.prefix(2).joined(separator: " ")): \(text)")
        }
        return text
    }
}
