import Foundation
import Synchronization

/// Keys of policy proofs for a consortium to try things out: a rehearsed ceremony, whose circuit the chain then takes.
///
/// It takes minutes, so everything else serves meanwhile.
final class DevCeremony: Sendable {
    private struct State {
        var child: DevChild?
        var isCancelled = false
    }

    private let layout: DevLayout
    private let program: String
    private let state = Mutex(State())

    init(_ layout: DevLayout, program: String) {
        self.layout = layout
        self.program = program
    }

    /// The circuit that the chain took at an earlier start.
    var circuit: String? {
        FileManager.default.contents(atPath: self.layout.proofCircuit).map {
            String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }

    /// Makes the keys and brings the circuit to the chain; says on standard error when it is there or why not.
    func hold() async {
        do {
            try await self.makeKeys()
            let circuit = try await self.register()
            try Data("\(circuit)\n".utf8).write(to: URL(fileURLWithPath: self.layout.proofCircuit), options: .atomic)
            StandardError.write("policy proofs: keys in \(self.layout.proofKeys), circuit \(circuit)\n")
        } catch {
            if self.state.withLock(\.isCancelled) { return }
            StandardError.write("policy proofs: no keys: \(error)\n")
        }
    }

    /// Ends the command that is under way; the next start goes on from the last contribution.
    func cancel() {
        let child = self.state.withLock { state in
            state.isCancelled = true
            return state.child
        }
        child?.terminate()
    }

    private func makeKeys() async throws {
        let members = self.layout.validators.flatMap { ["--member", DevLayout.partyName($0)] }
        try await self.wardline(
            [
                "ceremony", "rehearse", "--directory", self.layout.ceremony, "--circuit", "universal", "--label",
                self.layout.names.chain, "--output", self.layout.proofKeys,
            ] + members
        )
    }

    /// - Returns: the circuit's identifier.
    private func register() async throws -> String {
        let chain =
            ["--identity", self.layout.identity("operator-1"), "--genesis", self.layout.genesis]
            + self.layout.validators.flatMap { ["--validator", DevLayout.url($0.port)] }
        let lines = try await self.wardline(["chain", "propose", "register-circuit", self.layout.proofKeys] + chain)
            .split(separator: "\n")
        guard let circuit = lines.first(where: { $0.hasPrefix("circuit ") })?.dropFirst(8),
            let proposal = lines.last(where: { $0.utf8.count == 64 })
        else { throw DevFailure("the proposal of the circuit gave no identifier: \(lines)") }
        try await self.wardline(["chain", "approve", String(proposal)] + chain)
        return String(circuit)
    }

    @discardableResult
    private func wardline(_ words: [String]) async throws -> String {
        let child = try DevChild(self.program, words, isPatient: true)
        let isCancelled = self.state.withLock { state in
            state.child = child
            return state.isCancelled
        }
        if isCancelled { child.terminate() }
        return try await child.result()
    }
}
