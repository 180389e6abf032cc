/// How it stands with a validator and its chain.
package struct ChainView: Sendable, Equatable {
    package struct Channel: Sendable, Equatable {
        package var name: String
        package var height: UInt64
        /// ms since 1970.
        package var time: Int64
        package var epoch: UInt64
        package var view: UInt64
        package var isChangingView: Bool
        package var leader: UInt16
        package var members: Int
        package var reachable: Int
        /// Members that may still fail; negative when the channel stands still.
        package var margin: Int
        package var poolCount: Int
        package var transactions: UInt64
        package var viewChanges: UInt64
        package var evidence: UInt64
        /// The last blocks, newest first.
        package var blocks: [BlockView]

        package init(
            name: String,
            height: UInt64,
            time: Int64,
            epoch: UInt64,
            view: UInt64,
            isChangingView: Bool,
            leader: UInt16,
            members: Int,
            reachable: Int,
            margin: Int,
            poolCount: Int,
            transactions: UInt64,
            viewChanges: UInt64,
            evidence: UInt64,
            blocks: [BlockView]
        ) {
            self.name = name
            self.height = height
            self.time = time
            self.epoch = epoch
            self.view = view
            self.isChangingView = isChangingView
            self.leader = leader
            self.members = members
            self.reachable = reachable
            self.margin = margin
            self.poolCount = poolCount
            self.transactions = transactions
            self.viewChanges = viewChanges
            self.evidence = evidence
            self.blocks = blocks
        }
    }

    package struct Validator: Sendable, Equatable {
        package var number: UInt16
        package var name: String
        package var isConnected: Bool
        /// Points for misbehaviour.
        package var score: Double

        package init(number: UInt16, name: String, isConnected: Bool, score: Double) {
            self.number = number
            self.name = name
            self.isConnected = isConnected
            self.score = score
        }
    }

    /// ms since 1970.
    package var now: Int64
    package var chain: String
    package var number: UInt16
    package var name: String
    /// What keeps it from serving; empty when nothing does.
    package var obstacles: [String]
    package var channels: [Channel]
    package var others: [Validator]

    package init(
        now: Int64,
        chain: String,
        number: UInt16,
        name: String,
        obstacles: [String],
        channels: [Channel],
        others: [Validator]
    ) {
        self.now = now
        self.chain = chain
        self.number = number
        self.name = name
        self.obstacles = obstacles
        self.channels = channels
        self.others = others
    }
}

/// A final block.
package struct BlockView: Sendable, Equatable {
    package struct Transaction: Sendable, Equatable {
        package var id: String
        /// `contract.method`.
        package var kind: String
        package var caller: String
        /// Empty when it was executed.
        package var rejection: String
        package var cost: UInt64
        package var bytes: Int
        /// Topics, in order.
        package var events: [String]

        package init(
            id: String,
            kind: String,
            caller: String,
            rejection: String,
            cost: UInt64,
            bytes: Int,
            events: [String]
        ) {
            self.id = id
            self.kind = kind
            self.caller = caller
            self.rejection = rejection
            self.cost = cost
            self.bytes = bytes
            self.events = events
        }
    }

    package var channel: String
    package var height: UInt64
    package var hash: String
    package var parent: String
    /// ms since 1970.
    package var time: Int64
    package var epoch: UInt64
    /// View of the certificate.
    package var view: UInt64
    /// How many signed the certificate.
    package var signers: Int
    /// Who signed; empty for a committee that the genesis does not name.
    package var signerNames: [String]
    /// Names with digests.
    package var roots: [(name: String, value: String)]
    package var transactions: [Transaction]

    package init(
        channel: String,
        height: UInt64,
        hash: String,
        parent: String,
        time: Int64,
        epoch: UInt64,
        view: UInt64,
        signers: Int,
        signerNames: [String],
        roots: [(name: String, value: String)],
        transactions: [Transaction]
    ) {
        self.channel = channel
        self.height = height
        self.hash = hash
        self.parent = parent
        self.time = time
        self.epoch = epoch
        self.view = view
        self.signers = signers
        self.signerNames = signerNames
        self.roots = roots
        self.transactions = transactions
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.hash == right.hash && left.signers == right.signers && left.transactions == right.transactions
    }
}

/// What a validator tells its dashboard.
package protocol ChainDashboardSource: Sendable {
    /// - Throws: when a block cannot be read.
    func chain() async throws -> ChainView
    /// - Returns: nil above the last block, below the first that is kept, and for a channel that is none.
    /// - Throws: when the block cannot be read.
    func block(_ height: UInt64, on channel: String) async throws -> BlockView?
    /// - Parameter id: 64 hexadecimal digits.
    /// - Returns: where a transaction stands; nil when no block holds it.
    /// - Throws: when a block cannot be read.
    func place(ofTransaction id: String) async throws -> (channel: String, height: UInt64)?
}
