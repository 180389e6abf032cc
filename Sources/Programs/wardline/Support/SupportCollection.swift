import Agent
import ArgumentParser
import Foundation
import Node
import SecureHTTP
import StrictYAML

/// Gathers a support bundle's texts.
///
/// What cannot be had becomes a sentence in its place.
struct SupportCollection {
    private static let fileBytesMax = 16 << 20
    private var bundle = SupportBundle()
    private var redactor = Redactor()
    private let linesMax: Int

    init(linesMax: Int) { self.linesMax = linesMax }

    /// The bundle with a note on how to read it.
    consuming func finish() -> SupportBundle {
        self.bundle.add(
            "README.txt",
            """
            Made by wardline support bundle. Only the program's own words, times and counts are in here. Everything else
            was replaced by text-N before it was written; equal texts have the same N in all files (\(self.redactor.hidden)
            different ones). Keys, spools and patients' data were not read.

            """
        )
        return self.bundle
    }

    // MARK: The machine

    mutating func addVersions() {
        let packages = [
            "wardline", "wardline-agent", "wardline-node", "libmosquitto1", "libssl3", "libsqlite3-0", "libpq5",
            "mosquitto",
        ]
        // One by one: dpkg-query fails when one of several is not installed.
        let installed = packages.compactMap {
            SystemProgram.text("dpkg-query", ["-W", "-f", "${Package} ${Version}\n", $0])
        }
        let release = (try? String(contentsOfFile: "/etc/os-release", encoding: .utf8)) ?? ""
        let system = release.split(separator: "\n").filter { $0.hasPrefix("ID=") || $0.hasPrefix("VERSION_ID=") }
        self.bundle.add(
            "versions.txt",
            "program \(Wardline.configuration.version)\n" + system.joined(separator: "\n") + "\n"
                + (SystemProgram.text("uname", ["-srm"]) ?? "") + installed.joined()
        )
    }

    mutating func addClock() {
        let synchronized = SystemProgram.text("timedatectl", ["show", "-p", "NTP", "-p", "NTPSynchronized"])
        self.bundle.add(
            "clock.txt",
            "time \(Date.now.formatted(.iso8601))\n"
                + "seconds since the machine started \(Int(ProcessInfo.processInfo.systemUptime))\n"
                + (synchronized ?? "timedatectl does not answer\n")
        )
    }

    // MARK: Agent and node

    mutating func addAgent(_ path: String) {
        guard self.addConfiguration(path, as: "agent") else { return }
        // Root sees the credentials of a running agent, which the configuration names.
        let credentials = "/run/credentials/wardline-agent.service"
        if FileManager.default.fileExists(atPath: credentials) { setenv("CREDENTIALS_DIRECTORY", credentials, 0) }
        let file = ConfigurationFile(path: path)
        do {
            let configuration = try file.load()
            self.addDisks([("state_directory", configuration.stateDirectory)], as: "agent")
            if let port = configuration.httpPort { self.fetchMetrics(port) }
        } catch { self.bundle.add("agent-problem.txt", self.redactor.prose("\(error)") + "\n") }
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
            let figures = try encoder.encode(SpoolFigures(file.store().statistics()))
            self.bundle.add("agent-counts.json", String(decoding: figures, as: UTF8.self) + "\n")
        } catch { self.bundle.add("agent-counts.txt", "not to be had: " + self.redactor.prose("\(error)") + "\n") }
    }

    mutating func addNode(_ path: String) {
        guard self.addConfiguration(path, as: "node") else { return }
        do {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            let configuration = try NodeConfiguration(parsing: text, file: path)
            let problems = NodeCheck.problems(of: configuration).map { self.redactor.prose($0) }
            self.bundle.add("node-check.txt", problems.isEmpty ? "ok\n" : problems.joined(separator: "\n") + "\n")
            self.addDisks(configuration.dataDirectories.map { ($0.field, $0.directory) }, as: "node")
        } catch { self.bundle.add("node-problem.txt", self.redactor.prose("\(error)") + "\n") }
    }

    /// - Returns: whether there is such a file.
    private mutating func addConfiguration(_ path: String, as name: String) -> Bool {
        guard FileManager.default.fileExists(atPath: path) else { return false }
        do {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            self.bundle.add(
                "\(name)-configuration.txt",
                self.redactor.configuration(try YAMLField(parsing: text, file: path))
            )
        } catch {
            self.bundle.add("\(name)-configuration.txt", "not readable: " + self.redactor.prose("\(error)") + "\n")
        }
        return true
    }

    private mutating func addDisks(_ places: [(field: String, directory: String)], as name: String) {
        let lines = places.map { place in
            guard let room = DiskRoom(of: place.directory) else {
                return "\(place.field): there is no such directory\n"
            }
            return "\(place.field): \(room.freeBytes >> 20) of \(room.sizeBytes >> 20) MiB are free\n"
        }
        self.bundle.add("\(name)-disks.txt", lines.joined())
    }

    // MARK: Metrics and logs

    /// The agent answers on its own machine without a certificate.
    private mutating func fetchMetrics(_ port: Int) {
        let words = ["--silent", "--fail", "--max-time", "10", "http://127.0.0.1:\(port)/metrics"]
        let text = SystemProgram.text("curl", words).map { self.redactor.metrics($0) }
        self.bundle.add("agent-metrics.txt", text ?? "the agent does not answer, or curl is not installed\n")
    }

    mutating func addMetrics(_ path: String, number: Int) {
        let text = Self.text(of: path).map { self.redactor.metrics($0) }
        self.bundle.add("metrics-\(number).txt", text ?? "not readable\n")
    }

    mutating func addLog(_ path: String, number: Int) {
        let text = Self.text(of: path).map { self.redacted($0) }
        self.bundle.add("log-\(number).txt", text ?? "not readable\n")
    }

    mutating func addJournal() {
        for unit in ["wardline-agent", "wardline-node"] {
            // Instances too.
            let words = ["--no-pager", "--quiet", "-o", "cat", "-n", "\(self.linesMax)", "-u", unit, "-u", "\(unit)@*"]
            guard let text = SystemProgram.text("journalctl", words), !text.isEmpty else { continue }
            self.bundle.add("journal-\(unit).txt", self.redacted(text))
        }
    }

    private mutating func redacted(_ text: String) -> String {
        var lines: [String] = []
        for line in text.split(separator: "\n").suffix(self.linesMax) { lines.append(self.redactor.logLine(line)) }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The end of a file, broken bytes replaced.
    private static func text(of path: String) -> String? {
        guard let handle = FileHandle(forReadingAtPath: path), let size = try? handle.seekToEnd() else { return nil }
        let start = size > UInt64(Self.fileBytesMax) ? size - UInt64(Self.fileBytesMax) : 0
        guard (try? handle.seek(toOffset: start)) != nil, let data = try? handle.readToEnd() else { return nil }
        return String(decoding: data, as: UTF8.self)
    }
}
