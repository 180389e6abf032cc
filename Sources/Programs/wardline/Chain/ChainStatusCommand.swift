import ArgumentParser
import Certificates
import ChainInterface
import Credentials
import Foundation
import Ledger
import Uplink

struct ChainStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how it stands with validators, by their own account.",
        discussion: """
            Columns: validator, channel, height and blocks behind the highest one, view, epoch, leader, members that may \
            still fail, members reachable, transactions in the pool, what is wrong. Exit code 1 if a validator does not \
            answer or is not ready.
            """
    )

    @OptionGroup var options: ValidatorOptions

    @Flag(help: "Print one JSON object a line for each validator.")
    var json = false

    func run() async throws {
        try await reportingFailure {
            let urls = try self.options.urls()
            let http = SecureClient(
                identity: IdentityWatch(try self.options.load()),
                servers: [.validator],
                requestSeconds: 10
            )
            let answers = await Self.ask(urls, http)
            await http.close()
            try StandardOutput.write(self.json ? Self.lines(answers) : Self.table(answers))
            let isFine = answers.allSatisfy { (try? $0.status.get().obstacles.isEmpty) ?? false }
            if !isFine { throw ExitCode.failure }
        }
    }

    private struct Answer: Sendable {
        let url: ServiceURL
        let status: Result<ChainStatus, any Error>
    }

    private static func ask(_ urls: [ServiceURL], _ http: SecureClient) async -> [Answer] {
        await withTaskGroup(of: (Int, Answer).self) { group in
            for (place, url) in urls.enumerated() {
                group.addTask {
                    let status: Result<ChainStatus, any Error>
                    do {
                        let bytes = try await ValidatorClient(base: url, client: http).status()
                        status = .success(try JSONDecoder().decode(ChainStatus.self, from: Data(bytes)))
                    } catch { status = .failure(error) }
                    return (place, Answer(url: url, status: status))
                }
            }
            var answers: [(Int, Answer)] = []
            for await answer in group { answers.append(answer) }
            return answers.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private static func lines(_ answers: [Answer]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try answers.map { answer in
            var line: [String: String] = ["url": "\(answer.url)"]
            switch answer.status {
            case .success(let status):
                let text = String(decoding: try encoder.encode(status), as: UTF8.self)
                return "{\"url\":\"\(answer.url)\",\"ready\":\(status.obstacles.isEmpty),\"status\":\(text)}\n"
            case .failure(let error):
                line["error"] = "\(error)"
                return String(decoding: try encoder.encode(line), as: UTF8.self) + "\n"
            }
        }.joined()
    }

    private static func table(_ answers: [Answer]) -> String {
        let known = answers.compactMap { try? $0.status.get() }
        var rows = [
            [
                "validator", "channel", "height", "behind", "view", "epoch", "leader", "margin", "reachable", "pool",
                "state",
            ]
        ]
        for answer in answers {
            switch answer.status {
            case .failure(let error):
                rows.append(["\(answer.url)", "-", "-", "-", "-", "-", "-", "-", "-", "-", "\(error)"])
            case .success(let status):
                for channel in status.channels {
                    let highest =
                        known.flatMap(\.channels).filter { $0.channel == channel.channel }.map(\.height).max() ?? 0
                    rows.append([
                        "\(status.number) \(status.name)", channel.channel, "\(channel.height)",
                        "\(highest - channel.height)", "\(channel.view)\(channel.isChangingView ? "*" : "")",
                        "\(channel.epoch)", "\(channel.leader)", "\(channel.margin)",
                        "\(channel.reachable)/\(channel.members)", "\(channel.poolCount)",
                        status.obstacles.isEmpty ? "ready" : status.obstacles.joined(separator: "; "),
                    ])
                }
            }
        }
        return Columns.text(rows)
    }
}

/// Rows with their columns below each other.
enum Columns {
    static func text(_ rows: [[String]]) -> String {
        var widths: [Int] = []
        for row in rows {
            for (place, cell) in row.enumerated() {
                if place == widths.count { widths.append(0) }
                widths[place] = max(widths[place], cell.count)
            }
        }
        return rows.map { row in
            let cells = row.enumerated().map { place, cell in
                place == row.count - 1 ? cell : cell.padding(toLength: widths[place], withPad: " ", startingAt: 0)
            }
            return cells.joined(separator: "  ") + "\n"
        }.joined()
    }
}
