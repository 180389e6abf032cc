package import Mempool

/// Everything that a validator is told by its operator.
package struct ValidatorConfiguration: Sendable {
    /// Where another validator listens.
    package struct PeerAddress: Hashable, Sendable {
        package let number: UInt16
        package let host: String
        package let port: Int

        package init(number: UInt16, host: String, port: Int) {
            self.number = number
            self.host = host
            self.port = port
        }
    }

    /// Made by `wardline enroll`.
    package var identityDirectory: String
    /// Holds `validator.key`, and the ledger below it.
    package var directory: String
    /// The file `genesis.wlg`.
    package var genesisFile: String
    /// The validator's number; nil takes the one that the genesis gives the identity's party.
    package var number: UInt16?
    package var peerHost = "0.0.0.0"
    package var peerPort = 7400
    package var apiHost = "0.0.0.0"
    package var apiPort = 7401
    package var peers: [PeerAddress]
    /// Milliseconds between two blocks that this validator proposes, 10 to 1,000; an idle chain does not wait for it.
    package var blockInterval: UInt64 = 50
    /// Milliseconds without a commit, while work waits, until the leader is suspected.
    package var progressTimeout: UInt64 = 300
    package var limits = ValidatorLimits()

    /// - Parameters:
    ///   - identityDirectory: made by `wardline enroll`.
    ///   - directory: holds `validator.key`, and the ledger below it.
    ///   - genesisFile: the file `genesis.wlg`.
    ///   - peers: the other validators.
    package init(identityDirectory: String, directory: String, genesisFile: String, peers: [PeerAddress]) {
        self.identityDirectory = identityDirectory
        self.directory = directory
        self.genesisFile = genesisFile
        self.peers = peers
    }
}

/// Bounds of a validator's work.
package struct ValidatorLimits: Sendable {
    package var pool = PoolLimits()
    /// Transactions that this validator puts into one block at most; the chain's parameter may be lower.
    package var transactionsPerBlock = 1_000
    /// Threads that check signatures.
    package var verificationThreads = 2
    /// Clients that wait for their transactions.
    package var submissionsMax = 20_000
    /// Questions about the state that wait.
    package var queriesMax = 1_000
    /// Milliseconds until a client that waits is told that the outcome is unknown.
    package var submissionTimeout: UInt64 = 30_000
    /// Milliseconds that a block's time may lie ahead of this validator's clock.
    package var clockDrift: UInt64 = 10_000
    /// Milliseconds that a transaction may wait while blocks are committed, until the leader is suspected of leaving
    /// it out.
    package var complaintAfter: UInt64 = 2_500
    /// Bytes of the log, after which it is compacted.
    package var logBytesMax = 64 << 20
    /// Bytes of changes of a channel's state that are kept in memory before they are written.
    package var dirtyBytesMax = 4 << 20
    /// Milliseconds after which changes are written at the latest.
    package var flushInterval: UInt64 = 5_000
    /// What is kept in memory for reading, for each channel.
    package var caches = CacheBudget()
    /// Blocks between two snapshots of the state that others may fetch; 0 for none.
    package var snapshotInterval: UInt64 = 10_000
    /// Snapshots that are kept.
    package var snapshotsKept = 2
    /// Bytes of a snapshot's chunk on average; all validators of a chain need the same.
    package var snapshotChunkBytes = 256 << 10
    /// Blocks that are kept at least, as far as a snapshot stands for those before; nil for all.
    package var blocksKept: UInt64?
    /// Bytes of a file of blocks; blocks are forgotten by files.
    package var blockFileBytes = 64 << 20
    /// Whether a channel without any block begins with another validator's snapshot, where there is one, although others
    /// still have all blocks.
    package var beginsWithSnapshot = false
    /// Milliseconds until another validator is asked for a snapshot's chunk.
    package var snapshotPatience: UInt64 = 3_000
    /// Milliseconds that the start waits for a quorum of the validators to be reachable.
    package var startPatience: UInt64 = 2_000

    package init() {}
}

/// Why a validator does not start, or stopped; the description says what to do.
package struct ValidatorFailure: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
