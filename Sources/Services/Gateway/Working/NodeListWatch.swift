internal import Attesting
internal import PathProofs
internal import Synchronization

/// The lists of verification nodes of the chains that a gateway joins, as the relay chain's registry proves them.
package struct NodeListsStatus: Sendable, Hashable {
    package struct Node: Sendable, Hashable {
        package let name: String
        package let organization: String
        package let subgroup: String
        /// Millionths, 0 to 1,000,000.
        package let credibility: UInt32
        /// `active`, `jailed` or `left`.
        package let standing: String
        package let isSeated: Bool
    }

    /// The newest list of one chain.
    package struct List: Sendable, Hashable {
        package let chain: String
        package let epoch: UInt64
        /// Signatures that a certificate needs in all.
        package let threshold: Int
        package let seats: Int
        /// Millionths; a node with less leaves.
        package let exitCredibility: UInt32
        package let nodes: [Node]
    }

    /// In the order of the chains; without those that have none.
    package internal(set) var lists: [List] = []
    /// Why the last reading failed; empty when it did not.
    package internal(set) var trouble = ""
}

/// Reads lists while somebody looks at them, and lets nobody wait for it.
final class NodeListWatch: Sendable {
    /// What is younger is not read again, ms.
    private static let freshMilliseconds: UInt64 = 30_000
    /// The longest text of a trouble.
    private static let troubleLengthMax = 300

    private struct State {
        var status = NodeListsStatus()
        /// When the last reading began, ms since 1970; 0: never.
        var begun: UInt64 = 0
        var isReading = false
    }

    private let lists: any NodeListSource
    private let chains: [String]
    private let clock: @Sendable () -> UInt64
    private let state = Mutex(State())

    /// - Parameters:
    ///   - lists: asks the relay chain.
    ///   - chains: by their registered names.
    ///   - clock: milliseconds since 1970.
    init(_ lists: any NodeListSource, of chains: [String], clock: @escaping @Sendable () -> UInt64) {
        self.lists = lists
        self.chains = chains
        self.clock = clock
    }

    /// What is known; what is old, or was never read, is being read when this returns.
    func current() -> NodeListsStatus {
        let now = self.clock()
        let (status, isDue) = self.state.withLock { state in
            let isDue = !state.isReading && (state.begun == 0 || state.begun + Self.freshMilliseconds <= now)
            if isDue { (state.isReading, state.begun) = (true, now) }
            return (state.status, isDue)
        }
        if isDue { Task { await self.read() } }
        return status
    }

    /// Reads all of them once.
    func read() async {
        let outcome: Result<[NodeListsStatus.List], any Error>
        do {
            var lists: [NodeListsStatus.List] = []
            for chain in self.chains {
                guard let epoch = try await self.lists.newestEpoch(of: chain),
                    let reign = try await self.lists.reign(of: chain, epoch: epoch)
                else { continue }
                lists.append(NodeListsStatus.List(reign.list))
            }
            outcome = .success(lists)
        } catch { outcome = .failure(error) }
        self.state.withLock { state in
            state.isReading = false
            switch outcome {
            case .success(let lists): state.status = NodeListsStatus(lists: lists, trouble: "")
            // What was read before is still the best there is.
            case .failure(let error): state.status.trouble = String("\(error)".prefix(Self.troubleLengthMax))
            }
        }
    }
}

extension NodeListsStatus.List {
    fileprivate init(_ list: VerificationNodeList) {
        self.init(
            chain: list.chain,
            epoch: list.epoch,
            threshold: Int(list.policy.threshold),
            seats: list.seatCount,
            exitCredibility: list.policy.exitCredibility.value,
            nodes: list.nodes.map { node in
                NodeListsStatus.Node(
                    name: node.name,
                    organization: node.organization,
                    subgroup: node.subgroup,
                    credibility: node.credibility.value,
                    standing: "\(node.status)",
                    isSeated: node.isSeated(in: list.epoch)
                )
            }
        )
    }
}
