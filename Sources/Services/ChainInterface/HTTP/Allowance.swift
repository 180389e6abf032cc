internal import Certificates
internal import Synchronization

/// Units of something scarce, in all and for one party: waiting clients, streams, bytes in memory.
final class Allowance: Sendable {
    private struct Used {
        var total = 0
        var byParty: [PartyName: Int] = [:]
    }

    private let total: Int
    private let perParty: Int
    private let state = Mutex(Used())

    init(total: Int, perParty: Int) {
        self.total = total
        self.perParty = max(1, perParty)
    }

    /// Units in use.
    var used: Int { self.state.withLock { $0.total } }

    /// Takes units for as long as the share lives.
    ///
    /// - Returns: nil when there are not as many left.
    func share(of party: PartyName, _ units: Int = 1) -> Share? {
        self.take(units, party) ? Share(of: self, party, units) : nil
    }

    private func take(_ units: Int, _ party: PartyName) -> Bool {
        self.state.withLock { used in
            let ofParty = used.byParty[party, default: 0] + units
            guard used.total + units <= self.total, ofParty <= self.perParty else { return false }
            used.total += units
            used.byParty[party] = ofParty
            return true
        }
    }

    private func release(_ units: Int, _ party: PartyName) {
        self.state.withLock { used in
            used.total -= units
            let rest = used.byParty[party, default: 0] - units
            used.byParty[party] = rest > 0 ? rest : nil
        }
    }

    /// One party's part; given back when nobody holds it any more, however a request ends.
    final class Share: Sendable {
        private let allowance: Allowance
        private let party: PartyName
        private let units: Mutex<Int>

        fileprivate init(of allowance: Allowance, _ party: PartyName, _ units: Int) {
            self.allowance = allowance
            self.party = party
            self.units = Mutex(units)
        }

        deinit { self.allowance.release(self.units.withLock { $0 }, self.party) }

        /// Takes more.
        ///
        /// - Returns: false when there are not as many left.
        func grow(by more: Int) -> Bool {
            guard self.allowance.take(more, self.party) else { return false }
            self.units.withLock { $0 += more }
            return true
        }
    }
}
