import ArgumentParser
import Attesting
import CanonicalBytes
import Contracts
import Foundation
import IBTP
import Ledger
import PathProofs
import ThresholdSignatures

/// Verification nodes that certify a canary, and two requests of one identifier, and somebody who tells.
struct NodesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nodes",
        abstract:
            "Sign a canary and two contradicting hops with verification nodes' keys, and bring the relay chain all.",
        discussion: """
            The canary is signed with the first key. Prints one line of JSON for each attempt: evidence, the same evidence \
            again, and what is no evidence. Exit code 1 when the relay chain took it otherwise than it must.
            """
    )

    @OptionGroup var chains: ChainOptions

    @Option(help: "The chain whose nodes they are, by its registered name.")
    var chain: String

    @Option(name: .customLong("key"), help: "A node's key file; may be repeated.", completion: .file())
    var keys: [String]

    func run() async throws {
        let hub = try self.chains.hub()
        let outcome: Result<Bool, any Error>
        do { outcome = .success(try await self.contradict(hub)) } catch { outcome = .failure(error) }
        await hub.close()
        guard try outcome.get() else { throw ExitCode.failure }
    }

    private func contradict(_ hub: Side) async throws -> Bool {
        let list = try await hub.list(of: self.chain)
        let name = hub.genesis.chain
        let pair = ServicePair(
            from: try ServiceID(hub: name, chain: self.chain, service: "share"),
            to: try ServiceID(hub: name, chain: "nowhere", service: "share")
        )
        let id = try MessageID(pair, index: 1)
        let first = try self.path(id, saying: 1, list, hub)
        let second = try self.path(id, saying: 2, list, hub)
        let attempts: [(String, ReportNodes, Set<UInt16>)] = [
            ("one request twice", ReportNodes(first: first, second: first), [RejectionCode.notConflicting.number]),
            ("two requests of one identifier", ReportNodes(first: first, second: second), [0]),
            ("the same again", ReportNodes(first: second, second: first), [RejectionCode.faultsKnown.number]),
        ]
        var isGood = try await self.lazy(first, list, hub)
        for (what, report, codes) in attempts {
            let code = try await hub.attempt(report)
            let isAsExpected = try Report.line(what, code: code, expected: codes)
            isGood = isGood && isAsExpected
        }
        return isGood
    }

    /// The first node certifies what nobody has sent; a message that may have been sent is no canary.
    private func lazy(_ sent: PathProof, _ list: VerificationNodeList, _ hub: Side) async throws -> Bool {
        let secret = (0..<Canary.secretByteCount).map { _ in UInt8.random(in: 0...255) }
        let canary = try self.signed(Canary.path(like: sent, secret: secret), secret, list)
        let attempts: [(String, CanaryEvidence, Set<UInt16>)] = [
            (
                "a message that may have been sent", try self.signed(sent, secret, list),
                [RejectionCode.notACanary.number]
            ),
            ("a canary", canary, [0]), ("the same canary again", canary, [RejectionCode.faultsKnown.number]),
        ]
        var isGood = true
        for (what, evidence, codes) in attempts {
            let code = try await hub.attempt(ReportCanary(evidence: evidence))
            let isAsExpected = try Report.line(what, code: code, expected: codes)
            isGood = isGood && isAsExpected
        }
        return isGood
    }

    private func signed(_ path: PathProof, _ secret: [UInt8], _ list: VerificationNodeList) throws -> CanaryEvidence {
        guard let file = self.keys.first, let record = path.hops.last?.record else {
            throw ValidationError("--key names a node's key file")
        }
        let key = try NodeKeyFile(path: file).signer
        guard let node = list.nodes.first(where: { $0.keys.signature == key.publicKey }) else {
            throw ValidationError("\(file) is of no node of \(self.chain)")
        }
        return try CanaryEvidence(
            secret: secret,
            path: path,
            node: node.name,
            signature: key.sign(record.signedBytes(of: path.message)).encoded
        )
    }

    private func path(_ id: MessageID, saying byte: UInt8, _ list: VerificationNodeList, _ hub: Side) throws
        -> PathProof
    {
        var message = InterchainMessage(from: id.from.description, to: id.to.description, index: id.index)
        let content = InterchainContent(function: "share.request", arguments: [[byte]])
        message.payload = InterchainPayload(content: content.bytes, hash: PayloadHash.request(content)).bytes
        let start = try PathMessage(of: message, id, from: id.from.chain, to: id.to.chain)
        let anchor = HopRecord.Anchor(
            height: 1,
            blockHash: [UInt8](repeating: byte, count: 32),
            inclusionRoot: [UInt8](repeating: byte, count: 32)
        )
        let expiry = UInt64(Date().timeIntervalSince1970) + 3_600
        let record = try FreshMessage.hop(start, anchor, list, to: id.from.hub, by: hub, until: expiry)
        var signers = [[Int]](repeating: [], count: list.seats.count)
        var signatures: [[UInt8]] = []
        for path in self.keys {
            let key = try NodeKeyFile(path: path).signer
            for (group, members) in list.seats.enumerated() {
                guard let place = members.firstIndex(where: { $0.keys.signature == key.publicKey }) else { continue }
                signers[group].append(place)
                signatures.append(try key.sign(record.signedBytes(of: start)).encoded)
            }
        }
        let certificate = try BitmapCertificate(
            committee: list.committee,
            signers: signers.map { $0.sorted() },
            signatures: signatures
        )
        return try PathProof(message: start, hops: [PathProof.Hop(record: record, certificate: certificate.bytes)])
    }
}
