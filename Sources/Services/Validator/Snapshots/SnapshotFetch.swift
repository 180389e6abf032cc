internal import Consensus
internal import Ledger

/// Which chunks of one snapshot are asked of whom: several at once, and of another validator when one fails.
struct SnapshotFetch {
    /// Chunks that are on their way at most.
    static let openMax = 8

    private struct Question {
        let peer: UInt16
        let deadline: Instant
    }

    let assembly: StateAssembly
    /// Who serves this snapshot, as far as is known.
    private(set) var servers: [UInt16]
    private var open: [Int: Question] = [:]
    /// When it is given up, since nobody serves it.
    private var giveUp: Instant?
    private var turn = 0

    init(_ assembly: StateAssembly, from server: UInt16) {
        self.assembly = assembly
        self.servers = [server]
    }

    /// Takes a further server of the same snapshot.
    mutating func add(_ server: UInt16) {
        if !self.servers.contains(server) { self.servers.append(server) }
        self.giveUp = nil
    }

    /// Asks a server for nothing more.
    mutating func drop(_ server: UInt16) {
        self.servers.removeAll { $0 == server }
        self.open = self.open.filter { $0.value.peer != server }
    }

    /// Whether this chunk was asked of this peer and has not come yet; it then has.
    mutating func close(_ index: Int, of peer: UInt16) -> Bool {
        guard self.open[index]?.peer == peer else { return false }
        self.open[index] = nil
        return true
    }

    /// Drops servers that took too long.
    ///
    /// - Returns: them, ascending.
    mutating func dropLate(_ now: Instant) -> [UInt16] {
        let late = Set(self.open.values.filter { $0.deadline <= now }.map(\.peer)).sorted()
        for server in late { self.drop(server) }
        return late
    }

    /// What to ask of whom now.
    mutating func questions(_ now: Instant, patience: UInt64) -> [(index: Int, peer: UInt16)] {
        guard !self.servers.isEmpty else { return [] }
        var questions: [(index: Int, peer: UInt16)] = []
        for index in self.assembly.manifest.wantedParts {
            guard self.open.count < Self.openMax else { break }
            guard self.assembly.missing.contains(index), self.open[index] == nil else { continue }
            let peer = self.servers[self.turn % self.servers.count]
            self.turn &+= 1
            self.open[index] = Question(peer: peer, deadline: now.advanced(milliseconds: patience))
            questions.append((index, peer))
        }
        return questions
    }

    /// Whether nobody has served it for a long time.
    mutating func isHopeless(_ now: Instant, patience: UInt64) -> Bool {
        guard self.servers.isEmpty else { return false }
        guard let giveUp else {
            self.giveUp = now.advanced(milliseconds: patience)
            return false
        }
        return giveUp <= now
    }
}
