import ArgumentParser
import CanonicalBytes
import Contracts
import Foundation
import IBTP
import Ledger
import PathProofs
import Uplink

/// A gateway that lies to a relay chain about a message before it brings it as it is.
struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Bring a relay chain forgeries of a message that no honest gateway has brought yet.",
        discussion: """
            The message's own nodes certify it, as they do for every gateway; then it is changed in every way that a gateway \
            can think of. Prints one line of JSON for each attempt, brings the message at last as it is, and replays it. \
            Exit code 1 when a lie was believed, or the truth was not.
            """
    )

    @OptionGroup var chains: ChainOptions

    @Option(help: "The genesis of the chain that asks.", completion: .file())
    var genesis: String

    @Option(help: "A validator of it; may be repeated.")
    var validator: [String]

    @Option(help: "A gateway's identity for it.", completion: .directory)
    var identity: String

    @Option(help: "A verification node of it, https://host:7411; may be repeated.")
    var attester: [String]

    @Option(help: "The exchange that it has opened, FROM-TO-INDEX.")
    var exchange: String

    @Option(help: "An exchange that is over, to replay what brought it.")
    var earlier: String?

    func run() async throws {
        let hub = try self.chains.hub()
        let source: Side
        do {
            source = try Side(genesis: self.genesis, validators: self.validator, identity: self.identity)
        } catch {
            await hub.close()
            throw error
        }
        let outcome: Result<Bool, any Error>
        do { outcome = .success(try await self.lie(hub, source)) } catch { outcome = .failure(error) }
        await hub.close()
        await source.close()
        guard try outcome.get() else { throw ExitCode.failure }
    }

    private func lie(_ hub: Side, _ source: Side) async throws -> Bool {
        let fresh = try await FreshMessage(
            try MessageID(self.exchange),
            from: source,
            hub: hub,
            attesters: self.attester.compactMap { ServiceURL($0) },
            at: UInt64(Date().timeIntervalSince1970)
        )
        var earlier: RelayMessage?
        if let id = self.earlier { earlier = try await Self.brought(try MessageID(id), hub) }
        let lies = GatewayLies(fresh: fresh, earlier: earlier, hub: hub)
        var isGood = true
        for lie in try lies.before() {
            let code = try await hub.attempt(lie.call)
            let isRefused = try Report.line(lie.what, code: code, expected: lie.codes)
            isGood = isGood && isRefused
        }
        let code = try await hub.attempt(try fresh.honest())
        let isTaken = try Report.line("the truth", code: code, expected: [0])
        isGood = isGood && isTaken
        for lie in try lies.after() {
            let code = try await hub.attempt(lie.call)
            let isRefused = try Report.line(lie.what, code: code, expected: lie.codes)
            isGood = isGood && isRefused
        }
        return isGood
    }

    /// What brought the request of an exchange.
    private static func brought(_ id: MessageID, _ hub: Side) async throws -> RelayMessage? {
        for entry in try await hub.client.events(of: EventSubjects.exchange(id), after: nil, on: .access) {
            guard let proof = try await hub.client.proof(of: entry.transaction, on: .access), proof.receipt.code == 0,
                proof.transaction.body.method == RelayMessage.method,
                let call = try? RelayMessage(bytes: proof.transaction.body.arguments),
                try call.message.id == id, call.message.type == .interchain
            else { continue }
            return call
        }
        return nil
    }
}
