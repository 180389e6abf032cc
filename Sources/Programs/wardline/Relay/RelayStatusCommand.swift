import ArgumentParser
import Certificates
import Credentials
import Foundation
import Gateway
import Uplink

struct RelayStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how it stands with a gateway, by its own account.",
        discussion:
            "Exit code 1 when it does not answer, has not reached a chain for a minute, or has given something up."
    )

    @Option(
        help: ArgumentHelp("The gateway's interface, https://host:7412; WARDLINE_GATEWAY otherwise.", valueName: "url")
    )
    var gateway: String?

    @Option(
        help: ArgumentHelp(
            "Directory of an operator's or relay's identity at the relay chain; WARDLINE_IDENTITY otherwise.",
            valueName: "directory"
        )
    )
    var identity: String?

    @Flag(help: "Print the JSON object as the gateway sends it.")
    var json = false

    func run() async throws {
        try await reportingFailure {
            let environment = ProcessInfo.processInfo.environment
            guard let url = (self.gateway ?? environment["WARDLINE_GATEWAY"]).flatMap({ ServiceURL($0) }) else {
                throw ValidationError("name the gateway with --gateway https://host:7412")
            }
            guard let directory = self.identity ?? environment["WARDLINE_IDENTITY"] else {
                throw ValidationError("name the identity directory with --identity DIRECTORY")
            }
            let watch = IdentityWatch(try Identity.load(directory: directory))
            let http = SecureClient(identity: watch, servers: [.relay], of: .allies, requestSeconds: 10)
            let outcome: Result<[UInt8], any Error>
            do { outcome = .success(try await GatewayClient(base: url, client: http).status()) } catch {
                outcome = .failure(error)
            }
            await http.close()
            let bytes = try outcome.get()
            let status = try JSONDecoder().decode(GatewayStatus.self, from: Data(bytes))
            try StandardOutput.write(self.json ? String(decoding: bytes, as: UTF8.self) + "\n" : Self.text(status))
            let now = UInt64(max(0, Date().timeIntervalSince1970 * 1_000))
            let isReached = status.chains.allSatisfy { $0.reachedMilliseconds + 60_000 >= now }
            if !isReached || status.abandoned > 0 { throw ExitCode.failure }
        }
    }

    private static func text(_ status: GatewayStatus) -> String {
        var text = Columns.text([
            ["account", status.account], ["lease", status.lease],
            ["leaves", "\(status.held) held, \(status.fresh) fresh, \(status.refused) refused"],
            [
                "since the start",
                "\(status.accepted) brought, \(status.found) there already, \(status.abandoned) given up",
            ],
        ])
        var rows = [["chain", "height", "behind", "settled", "epoch", "known there"]]
        for chain in status.chains {
            rows.append([
                chain.name, "\(chain.height)", "\(chain.blocksBehind)", "\(chain.settledHeight)",
                chain.committeeEpoch.map { "\($0)" } ?? "-", chain.committeeKnown.map { "\($0)" } ?? "-",
            ])
        }
        text += "\n" + Columns.text(rows)
        if !status.routes.isEmpty {
            let routes = status.routes.map { route in
                let what = [route.isBest ? "best" : "", route.isOwn ? "this gateway's" : ""].filter { !$0.isEmpty }
                return [
                    route.relay, route.credibility.map { "\($0)" } ?? "no list",
                    route.isTrusted ? "\(route.silenceSeconds) s" : "not trusted", what.joined(separator: ", "),
                ]
            }
            text += "\n" + Columns.text([["route over", "credibility", "newest header", ""]] + routes)
        }
        if !status.attesters.isEmpty {
            let nodes = status.attesters.map { attester in
                let isAsked = attester.node != nil || !attester.trouble.isEmpty
                let state = attester.trouble.isEmpty ? "signs" : attester.trouble
                return [attester.node ?? "?", attester.address, isAsked ? state : "not asked yet"]
            }
            text += "\n" + Columns.text([["node", "address", "state"]] + nodes)
        }
        if !status.troubles.isEmpty {
            text +=
                "\n"
                + Columns.text(
                    [["step", "times", "last"]] + status.troubles.map { [$0.step, "\($0.count)", $0.text] }
                )
        }
        for leaf in status.abandonedLeaves { text += "given up: \(leaf)\n" }
        return text
    }
}
