import ArgumentParser
import Attesting
import CanonicalBytes
import Contracts
import Credentials
import Foundation
import Ledger
import PathProofs
import ThresholdSignatures
import Uplink

/// The next list as everybody computes it: of what the relay chain recorded in the old one's epoch.
struct NextNodeList {
    let old: VerificationNodeList
    let access: ChainAccess

    /// What is recorded of the old list's nodes, in its order.
    func recorded() async throws -> [NodeConduct?] {
        var conducts: [NodeConduct?] = []
        for node in self.old.nodes {
            let key = RelayKey.conduct(self.old.chain, self.old.epoch, node.name)
            let value = try await self.access.client.value(of: key, on: .access).value
            conducts.append(try value.map { try NodeConduct(bytes: $0) })
        }
        return conducts
    }

    func make(candidates: [VerificationNode]) async throws -> Succession {
        let book = try ConductBook(of: self.old, recorded: try await self.recorded())
        return try self.old.successor(after: book, candidates: candidates)
    }
}

/// What commands about the next list need in common: the relay chain, whose record decides.
struct SuccessionOptions: ParsableArguments {
    @Option(name: .customLong("old"), help: "The newest list of the chain.", completion: .file())
    var old: String

    @Option(
        help: "candidates.yaml: nodes that enter with the next epoch, as in list.yaml.",
        completion: .file(extensions: ["yaml"])
    )
    var candidates: String?

    @OptionGroup var options: ValidatorOptions
    @OptionGroup var genesis: GenesisOption

    func succession() async throws -> (old: VerificationNodeList, next: Succession) {
        let old = try NodeListFiles.read(self.old)
        let nodes = try self.candidates.map { try NodeCandidatesFile(path: $0, epoch: old.epoch + 1).nodes } ?? []
        let next = try await ChainAccess.with(self.options, self.genesis) { access in
            try await NextNodeList(old: old, access: access).make(candidates: nodes)
        }
        return (old, next)
    }
}

struct RelayListNextCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "next",
        abstract: "Make the list of the next epoch of what the relay chain recorded.",
        discussion: """
            The same for everybody who asks with the same candidates. Faulty, expired and little credible nodes leave, \
            candidates enter, as far as one boundary may change; docs/spec/node-lists.md has the rules.
            """
    )

    @OptionGroup var succession: SuccessionOptions

    @Option(help: "The list to write.", completion: .file())
    var output: String

    func run() async throws {
        try await reportingFailure {
            let next = try await self.succession.succession().next
            try NodeListFiles.write(next.list, to: self.output)
            var text = NodeListFiles.text(next.list)
            for departure in next.departed { text += "leaves: \(departure.name), \(departure.cause)\n" }
            for departure in next.deferred { text += "should leave, no room yet: \(departure.name)\n" }
            for name in next.joined { text += "enters: \(name)\n" }
            for refusal in next.refused { text += "does not enter: \(refusal.name), \(refusal.obstacle.rawValue)\n" }
            try StandardOutput.write(text)
        }
    }
}

struct RelayListSignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Hand over to the next list, as a node of the old one.",
        discussion: """
            Makes the next list anew of what the relay chain recorded, and signs it when it is the one given. Prints \
            NODE=SIGNATURE for `wardline relay list bring`. For every epoch one list and height is signed, never another; \
            the file beside the keys, with .lists at its end, remembers it.
            """
    )

    @OptionGroup var succession: SuccessionOptions

    @Option(help: "The next list.", completion: .file())
    var next: String

    @Option(help: "The first height of the chain that the next list certifies.")
    var firstHeight: UInt64

    @Option(help: "The node's keys.", completion: .file())
    var keyFile: String

    func run() async throws {
        try await reportingFailure {
            let keys = try NodeKeyFile(path: self.keyFile)
            let next = try NodeListFiles.read(self.next)
            let (old, computed) = try await self.succession.succession()
            guard computed.list == next else {
                throw CommandFailure("\(self.next) is not what the relay chain's record makes of \(old.chain)'s list")
            }
            guard let node = old.nodes.first(where: { $0.keys.signature == keys.signer.publicKey }) else {
                throw CommandFailure("the list has no node with the keys of \(self.keyFile)")
            }
            let message = ListHandover.message(from: old, to: next, firstHeight: self.firstHeight)
            try HandoverMemory(keyFile: self.keyFile).note(message, of: old)
            try StandardOutput.write("\(node.name)=\(keys.signer.sign(message).encoded.hex)\n")
        }
    }
}

/// What a node's keys handed over to: a line for every list, so that no list gets two successors.
private struct HandoverMemory {
    private static let bytesMax = 1 << 20
    private let path: String

    init(keyFile: String) { self.path = "\(keyFile).lists" }

    func note(_ message: [UInt8], of list: VerificationNodeList) throws {
        let known =
            PrivateFile.exists(self.path)
            ? String(decoding: try PrivateFile.read(self.path, upTo: Self.bytesMax), as: UTF8.self) : ""
        let line = "\(list.root.hex) \(message.hex)"
        for other in known.split(separator: "\n") where other.hasPrefix(list.root.hex) {
            guard other == line else {
                throw CommandFailure("these keys handed the list over already, otherwise; see \(self.path)")
            }
            return
        }
        try PrivateFile.write(Array("\(known)\(line)\n".utf8), to: self.path)
    }
}

struct RelayListBringCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bring",
        abstract: "Bring the next list to the relay chain, with the old one's signatures."
    )

    @Option(name: .customLong("old"), help: "The newest list that the relay chain knows.", completion: .file())
    var old: String

    @Option(help: "The next list.", completion: .file())
    var next: String

    @Option(help: "The first height of the chain that the next list certifies, as it was signed.")
    var firstHeight: UInt64

    @Option(name: .customLong("signature"), help: "NODE=SIGNATURE, as `wardline relay list sign` printed (repeatable).")
    var signatures: [String]

    @OptionGroup var options: ValidatorOptions
    @OptionGroup var genesis: GenesisOption

    func run() async throws {
        try await reportingFailure {
            let old = try NodeListFiles.read(self.old)
            let next = try NodeListFiles.read(self.next)
            let succession = try self.succession(old, next)
            try await ChainAccess.with(self.options, self.genesis) { access in
                try await ChainSubmission(access: access)
                    .submit(FollowNodeList(chain: old.chain, succession: succession), needless: [.sourceListKnown])
            }
        }
    }

    private func succession(_ old: VerificationNodeList, _ next: VerificationNodeList) throws -> ListSuccession {
        var signed: [String: [UInt8]] = [:]
        for text in self.signatures {
            guard let sign = text.lastIndex(of: "="), let bytes = [UInt8](hex: String(text[text.index(after: sign)...]))
            else { throw ValidationError("--signature takes NODE=SIGNATURE") }
            signed[String(text[..<sign])] = bytes
        }
        let places = old.seats.map { seats in seats.indices.filter { signed[seats[$0].name] != nil } }
        let signatures = zip(old.seats, places).flatMap { seats, places in
            places.compactMap { signed[seats[$0].name] }
        }
        guard signatures.count == signed.count else { throw CommandFailure("a signature of a node without a seat") }
        let certificate = try BitmapCertificate(
            committee: old.committee,
            signers: places,
            signatures: signatures
        )
        let handover = ListHandover(list: next, firstHeight: self.firstHeight, certificate: certificate.bytes)
        do { try handover.verify(after: old) } catch {
            throw CommandFailure("the signatures do not carry the list: \(error)")
        }
        return ListSuccession(list: next.bytes, firstHeight: self.firstHeight, certificate: certificate.bytes)
    }
}
