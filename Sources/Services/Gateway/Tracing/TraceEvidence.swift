internal import CanonicalBytes
internal import Consensus
internal import Foundation
package import Ledger

/// All that shows how an exchange went: proofs, and what is needed to judge them.
///
/// Whoever has it asks nobody.
package struct TraceEvidence: Sendable {
    /// A chain that took part.
    package struct Chain: Sendable {
        /// Its registered name; the relay chain's own.
        package let name: String
        package let genesis: Genesis
        /// The changes of its committee, ascending.
        package let handovers: [Handover]

        package init(name: String, genesis: Genesis, handovers: [Handover]) {
            self.name = name
            self.genesis = genesis
            self.handovers = handovers
        }
    }

    /// A transaction that did something for the exchange.
    package struct Step: Sendable {
        /// Name of the chain that it stands on.
        package let chain: String
        package let proof: TransactionProof

        package init(chain: String, proof: TransactionProof) {
            self.chain = chain
            self.proof = proof
        }
    }

    /// `from-to-index`.
    package let exchange: String
    /// The relay chain first.
    package let chains: [Chain]
    package let steps: [Step]
    /// What the relay chain's state says of lists of verification nodes.
    package let lists: [ValueProof]
    /// What the relay chain's state says of chains of other makes: how they are registered.
    package let registrations: [ValueProof]

    package init(
        exchange: String,
        chains: [Chain],
        steps: [Step],
        lists: [ValueProof],
        registrations: [ValueProof] = []
    ) {
        self.exchange = exchange
        self.chains = chains
        self.steps = steps
        self.lists = lists
        self.registrations = registrations
    }
}

extension TraceEvidence {
    /// A file of the evidence's folder.
    package struct File: Sendable {
        package let name: String
        package let bytes: [UInt8]
    }

    /// What stands in `trace.json`; the names of chains are no names of files.
    private struct Contents: Codable {
        struct Chain: Codable {
            var name: String
            var genesis: String
            var handovers: [String]
        }

        struct Step: Codable {
            var chain: String
            var proof: String
        }

        var version: Int
        var exchange: String
        var chains: [Chain]
        var steps: [Step]
        var lists: [String]
        var registrations: [String]?
    }

    /// `trace.json` and what it names: `.wlg` genesis files, `.wlho` changes of committees, `.wltp` transactions with
    /// their receipts, `.wlvp` lists of verification nodes and registrations of chains in the relay chain's state.
    ///
    /// - Returns: the files, that of the contents last.
    package func files() throws -> [File] {
        var files: [File] = []
        var contents = Contents(version: 1, exchange: self.exchange, chains: [], steps: [], lists: [])
        for (place, chain) in self.chains.enumerated() {
            let handovers = chain.handovers.map { File(name: "\(place)-\($0.next.epoch).wlho", bytes: $0.bytes) }
            files.append(File(name: "\(place).wlg", bytes: chain.genesis.bytes))
            files += handovers
            contents.chains.append(
                .init(name: chain.name, genesis: "\(place).wlg", handovers: handovers.map(\.name))
            )
        }
        for (place, step) in self.steps.enumerated() {
            let name = "step-\(place < 9 ? "0" : "")\(place + 1).wltp"
            files.append(File(name: name, bytes: step.proof.bytes))
            contents.steps.append(.init(chain: step.chain, proof: name))
        }
        for (place, list) in self.lists.enumerated() {
            files.append(File(name: "list-\(place).wlvp", bytes: list.bytes))
            contents.lists.append("list-\(place).wlvp")
        }
        for (place, registration) in self.registrations.enumerated() {
            let name = "chain-\(place).wlvp"
            files.append(File(name: name, bytes: registration.bytes))
            contents.registrations = (contents.registrations ?? []) + [name]
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        files.append(File(name: Self.contentsFile, bytes: Array(try encoder.encode(contents))))
        return files
    }

    package static let contentsFile = "trace.json"
    /// Files that a folder may name.
    private static let filesMax = 4_096
    /// Bytes of all of them at most.
    package static let bytesMax = 256 << 20

    /// Reads a folder's files; ``TraceAudit`` judges them.
    ///
    /// - Parameter read: a file of the folder.
    /// - Throws: what cannot be read; `FORMAT`.
    package init(_ read: (_ name: String) throws -> [UInt8]) throws {
        let contents = try JSONDecoder().decode(Contents.self, from: Data(try read(Self.contentsFile)))
        guard contents.version == 1 else {
            throw ProtocolFailure(.format, "\(Self.contentsFile) is of another version")
        }
        let registrations = contents.registrations ?? []
        let others = contents.steps.count + contents.lists.count + registrations.count
        let count = contents.chains.reduce(others) { $0 + 1 + $1.handovers.count }
        try require(count <= Self.filesMax, .format, "more than \(Self.filesMax) files")
        // Few bytes of contents could name one large file thousands of times.
        var named: Set<String> = []
        var total = 0
        func bytes(_ name: String) throws -> [UInt8] {
            let isPlain = name.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D || $0 == 0x2E
            }
            try require(isPlain && !name.hasPrefix("."), .format, "\(name) is no name of a file of the folder")
            try require(named.insert(name).inserted, .format, "\(name) is named twice")
            let bytes = try read(name)
            total += bytes.count
            try require(total <= Self.bytesMax, .format, "more than \(Self.bytesMax >> 20) MiB of files")
            return bytes
        }
        self.exchange = contents.exchange
        self.chains = try contents.chains.map { chain in
            Chain(
                name: chain.name,
                genesis: try Genesis(bytes: try bytes(chain.genesis)),
                handovers: try chain.handovers.map { name in
                    var reader = CanonicalReader(try bytes(name))
                    let handover = try Handover(from: &reader)
                    try reader.finish()
                    return handover
                }
            )
        }
        self.steps = try contents.steps.map {
            Step(chain: $0.chain, proof: try TransactionProof(bytes: try bytes($0.proof)))
        }
        self.lists = try contents.lists.map { try ValueProof(bytes: try bytes($0)) }
        self.registrations = try registrations.map { try ValueProof(bytes: try bytes($0)) }
    }
}
