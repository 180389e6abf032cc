import CanonicalBytes
import Credentials
import Foundation
import PathProofs
import StrictYAML

/// `list.yaml`: who is in a chain's first list of verification nodes, and how many of them must sign.
///
/// Paths are relative to the file.
struct NodeListFile {
    let list: VerificationNodeList

    /// - Throws: `YAMLProblem` with file, line and field; ``CommandFailure`` for nodes that make no list.
    init(path: String) throws {
        let map = try NodeListText.root(of: path)
            .mapping([
                "version", "chain", "epoch", "threshold", "subgroups", "entry_credibility", "exit_credibility",
                "deposit_min", "organization_seats", "nodes",
            ])
        try NodeListText.requireVersion(map)
        let chain = try map.required("chain").word()
        let epoch = UInt64(try map["epoch"]?.integer(in: 0...Int(Int32.max)) ?? 0)
        let text = NodeListText(path: path, epoch: epoch)
        let nodes = try map.required("nodes").elements().map { try text.node($0) }
        let policy = try Self.policy(map)
        do throws(ProtocolFailure) {
            self.list = try VerificationNodeList(chain: chain, epoch: epoch, policy: policy, nodes: nodes)
        } catch { throw CommandFailure("\(path) makes no list: \(error)") }
    }

    private static func policy(_ map: YAMLMapping) throws -> ListPolicy {
        let threshold = try map.required("threshold")
        let seats = try map["organization_seats"]?.integer(in: 1...VerificationNodeList.nodesMax)
        let deposit = try map["deposit_min"]?.integer(in: 0...Int.max) ?? 0
        let entry = try map["entry_credibility"]?.integer(in: 0...1_000_000) ?? 600_000
        let exit = try map["exit_credibility"]?.integer(in: 0...1_000_000) ?? 300_000
        let count = try threshold.integer(in: 1...VerificationNodeList.nodesMax)
        let subgroups = try map.required("subgroups").elements().map { try Self.subgroup($0) }
        do throws(ProtocolFailure) {
            return try ListPolicy(
                threshold: UInt16(count),
                subgroups: subgroups,
                entryCredibility: Credibility(UInt32(entry)),
                exitCredibility: Credibility(UInt32(exit)),
                depositMin: UInt64(deposit),
                organizationSeatsMax: UInt16(seats ?? VerificationNodeList.nodesMax)
            )
        } catch { throw threshold.problem("no policy of a list: \(error)") }
    }

    private static func subgroup(_ field: YAMLField) throws(YAMLProblem) -> SubgroupPolicy {
        let map = try field.mapping(["name", "threshold", "faults"])
        return SubgroupPolicy(
            name: try map.required("name").word(),
            threshold: UInt16(try map.required("threshold").integer(in: 1...VerificationNodeList.nodesMax)),
            faults: UInt16(try map["faults"]?.integer(in: 0...VerificationNodeList.nodesMax) ?? 0)
        )
    }
}

/// `candidates.yaml`: nodes that want to enter with the next epoch.
struct NodeCandidatesFile {
    let nodes: [VerificationNode]

    /// - Throws: as ``NodeListFile/init(path:)``.
    init(path: String, epoch: UInt64) throws {
        let map = try NodeListText.root(of: path).mapping(["version", "nodes"])
        try NodeListText.requireVersion(map)
        let text = NodeListText(path: path, epoch: epoch)
        self.nodes = try map.required("nodes").elements().map { try text.node($0) }
    }
}

/// What both files say of a node.
private struct NodeListText {
    private static let bytesMax = 1 << 20
    /// Epochs for which a node is listed unless the file says otherwise.
    private static let epochsDefault = 1_000

    private let folder: String
    /// The first epoch in which nodes have a seat.
    private let epoch: UInt64

    init(path: String, epoch: UInt64) {
        self.folder = (path as NSString).deletingLastPathComponent
        self.epoch = epoch
    }

    static func root(of path: String) throws -> YAMLField {
        let bytes = try PrivateFile.read(path, upTo: self.bytesMax, isSecret: false)
        return try YAMLField(parsing: String(decoding: bytes, as: UTF8.self), file: path)
    }

    static func requireVersion(_ map: YAMLMapping) throws(YAMLProblem) {
        let version = try map.required("version")
        guard try version.text() == "1" else { throw version.problem("must be 1") }
    }

    func node(_ field: YAMLField) throws -> VerificationNode {
        let map = try field.mapping([
            "name", "organization", "subgroup", "keys", "credibility", "deposit", "epochs",
        ])
        let name = try map.required("name").word()
        let organization = try map.required("organization").word()
        let subgroup = try map.required("subgroup").word()
        let keys = try self.keys(map.required("keys"))
        let credibility = try map["credibility"]?.integer(in: 0...1_000_000) ?? 800_000
        let deposit = try map["deposit"]?.integer(in: 0...Int.max) ?? 0
        let epochs = try map["epochs"]?.integer(in: 1...1_000_000) ?? Self.epochsDefault
        do throws(ProtocolFailure) {
            return try VerificationNode(
                name: name,
                organization: organization,
                subgroup: subgroup,
                keys: keys,
                credibility: Credibility(UInt32(credibility)),
                deposit: UInt64(deposit),
                validity: self.epoch..<self.epoch + UInt64(epochs)
            )
        } catch { throw field.problem("no node: \(error)") }
    }

    /// The file that `wardline relay key --json` printed, checked for the proof of possession.
    private func keys(_ field: YAMLField) throws -> NodeKeys {
        let name = try field.word()
        let path = name.hasPrefix("/") || self.folder.isEmpty ? name : "\(self.folder)/\(name)"
        let bytes = try PrivateFile.read(path, upTo: 4_096, isSecret: false)
        guard let printed = try? JSONDecoder().decode(PublicNodeKeys.self, from: Data(bytes)),
            let identity = [UInt8](hex: printed.identity), let key = [UInt8](hex: printed.key),
            let possession = [UInt8](hex: printed.possession)
        else { throw field.problem("names \(path), which is not what `wardline relay key --json` prints") }
        do throws(ProtocolFailure) {
            return try NodeKeys(identity: identity, signature: key, possession: possession)
        } catch { throw field.problem("names \(path), whose keys do not hold: \(error)") }
    }
}

/// The public side of a verification node's keys, hexadecimal.
struct PublicNodeKeys: Codable {
    let identity: String
    let key: String
    let possession: String
}
