internal import ChainReading
internal import Ledger
internal import Synchronization

/// A warrant that was read lately: another question under the same grant rests on it while nothing happened since.
///
/// The state after a block of the access channel is the same for whoever reads it. So while a quorum shows the block as
/// the newest at which permission, consents, issuer and certificate were read, all of them still hold, and a revocation,
/// which is a newer block, ends it. What the index channel holds of grant and permission is judged by the contract
/// again in the block of each delivery.
struct KeptWarrant: Sendable {
    /// Age of what was read at which it is read again whatever heads say, ms.
    static let ageMax: UInt64 = 1_000

    let warrant: ChainDesk.Warrant
    /// The lowest height of the access channel at which something of it was read.
    let height: UInt64
    /// End of permission and grant, ms since 1970.
    let until: UInt64

    /// Whether it may be asked for at all.
    func isYoung(at now: UInt64) -> Bool {
        self.warrant.readAt <= now && now - self.warrant.readAt < Self.ageMax
    }

    /// Whether it stands under a head that a quorum showed just now.
    func stands(under head: ChainFact, at now: UInt64) -> Bool {
        head.height == self.height && max(now, head.time) <= self.until
    }
}

/// Reads the chain, and notes the lowest height of the access channel that anything rests on.
final class NotedFacts: ChainFacts {
    private let facts: any ChainFacts
    private let lowest = Mutex<UInt64?>(nil)

    init(_ facts: any ChainFacts) { self.facts = facts }

    /// nil before anything of the access channel was read.
    var lowestAccess: UInt64? { self.lowest.withLock { $0 } }

    func fact(of key: [UInt8], on channel: Channel) async throws -> ChainFact {
        let fact = try await self.facts.fact(of: key, on: channel)
        if channel == .access {
            self.lowest.withLock { lowest in lowest = min(lowest ?? fact.height, fact.height) }
        }
        return fact
    }
}
