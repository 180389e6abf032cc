internal import Foundation

/// Programs of the operating system, by name: none of them gets a word from outside.
package enum SystemProgram {
    private static let directories = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"]

    /// - Returns: nil when the program is not installed.
    private static func path(of name: String) -> String? {
        self.directories.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Runs a program to its end.
    ///
    /// - Parameters:
    ///   - name: without a folder.
    ///   - words: its arguments.
    ///   - output: gets what it prints.
    /// - Returns: its exit code; 127 when it is not installed or cannot be started.
    static func run(_ name: String, _ words: [String], output: FileHandle) -> Int32 {
        guard let process = self.process(name, words) else { return 127 }
        process.standardOutput = output
        do { try process.run() } catch { return 127 }
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// What a program prints.
    ///
    /// - Parameters:
    ///   - name: without a folder.
    ///   - words: its arguments; they bound how much it prints and how long it takes.
    /// - Returns: its standard output, broken bytes replaced; nil when it is not installed or fails.
    package static func text(_ name: String, _ words: [String]) -> String? {
        guard let process = self.process(name, words) else { return nil }
        let pipe = Pipe()
        process.standardOutput = pipe
        do { try process.run() } catch { return nil }
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return process.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : nil
    }

    private static func process(_ name: String, _ words: [String]) -> Process? {
        guard let path = self.path(of: name) else { return nil }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = words
        process.standardInput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        return process
    }
}
