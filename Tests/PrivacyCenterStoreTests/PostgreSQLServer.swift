import Foundation
import Testing

@testable import PrivacyCenterStore

/// A PostgreSQL server for the tests: the one that `WARDLINE_TEST_POSTGRES` names, or one of their own.
///
/// A given server must let the tests make schemas and the extension amcheck. Their own lives in a temporary folder,
/// listens on a Unix socket only, and ends with the test process.
final class PostgreSQLServer: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Started by the first test that needs it.
    static let shared = Result { try PostgreSQLServer() }

    let connection: String
    /// Keeps the server running: it stops when the process closes this pipe by ending.
    private let lifeline: Pipe?

    private init() throws {
        if let given = ProcessInfo.processInfo.environment["WARDLINE_TEST_POSTGRES"] {
            (self.connection, self.lifeline) = (given, nil)
            return
        }
        let folder = "/tmp/wardline-pg-\(UUID().uuidString.prefix(8))"
        let lifeline = Pipe()
        try Self.start(in: folder, programs: try Self.programs(), lifeline: lifeline)
        self.connection = "host=\(folder) user=postgres dbname=postgres"
        self.lifeline = lifeline
    }

    /// A connection string with a schema that nobody else uses.
    static func emptySchema() throws -> ConnectionString {
        let server = try Self.shared.get()
        let schema = "test_\(UUID().uuidString.replacingOccurrences(of: "-", with: "").lowercased())"
        try PostgreSQLConnection(ConnectionString(server.connection)).command("CREATE SCHEMA \(schema)")
        return ConnectionString(
            "\(server.connection) application_name=\(schema) options=-csearch_path=\(schema),public"
        )
    }

    private static func programs() throws -> String {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let folders = versions.compactMap(Int.init).sorted().reversed().map { "\(root)/\($0)/bin" }
        guard let folder = folders.first(where: { FileManager.default.isExecutableFile(atPath: "\($0)/initdb") })
        else {
            throw Failure(
                description: """
                    no PostgreSQL server is installed: run `apt install postgresql`, or let WARDLINE_TEST_POSTGRES \
                    name a server's database
                    """
            )
        }
        return folder
    }

    private static func start(in folder: String, programs: String, lifeline: Pipe) throws {
        // initdb refuses to run as root.
        let user = getuid() == 0 ? "setpriv --reuid=postgres --regid=postgres --clear-groups --inh-caps=-all" : ""
        let owner = getuid() == 0 ? "chown postgres \(folder)" : ":"
        let script = """
            set -e
            mkdir -m 700 \(folder); \(owner); cd \(folder)
            \(user) \(programs)/initdb -D \(folder)/data -U postgres -A trust -k --no-sync >\(folder).log 2>&1
            \(user) \(programs)/pg_ctl -w -D \(folder)/data -l \(folder)/log \
                -o "-k \(folder) -c listen_addresses=''" start >>\(folder).log 2>&1 </dev/null
            echo ready
            set +e
            read -r line
            \(user) \(programs)/pg_ctl -m immediate -D \(folder)/data stop >/dev/null 2>&1
            rm -rf \(folder) \(folder).log
            """
        let process = Process()
        // A session of its own: what ends the test's process group must leave the shell that cleans up.
        process.executableURL = URL(fileURLWithPath: "/usr/bin/setsid")
        process.arguments = ["/bin/sh", "-c", script]
        let output = Pipe()
        process.standardInput = lifeline
        process.standardOutput = output
        try process.run()
        let answer = output.fileHandleForReading.availableData
        guard String(decoding: answer, as: UTF8.self).hasPrefix("ready") else {
            let log = (try? String(contentsOfFile: "\(folder).log", encoding: .utf8)) ?? "no log"
            throw Failure(description: "PostgreSQL does not start: \(log)")
        }
    }
}
