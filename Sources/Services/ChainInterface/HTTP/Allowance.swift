internal import SecureHTTP
internal import Synchronization

/// Units of something scarce: waiting clients, streams, bytes in memory.
///
/// Strangers take at most half of all units, so that they never take the parties' half; of one network they take half
/// of what one party may.
final class Allowance: Sendable {
    private struct Used {
        var total = 0
        var strangers = 0
        var byOrigin: [RequestOrigin: Int] = [:]
    }

    private let total: Int
    private let strangers: Int
    private let perParty: Int
    private let perNetwork: Int
    private let state = Mutex(Used())

    init(total: Int, perParty: Int) {
        self.total = total
        self.strangers = max(1, total / 2)
        self.perParty = max(1, perParty)
        self.perNetwork = max(1, perParty / 2)
    }

    /// Units in use.
    var used: Int { self.state.withLock { $0.total } }

    /// Takes units for as long as the share lives.
    ///
    /// - Returns: nil when there are not as many left.
    func share(of origin: RequestOrigin, _ units: Int = 1) -> Share? {
        self.take(units, origin) ? Share(of: self, origin, units) : nil
    }

    private func take(_ units: Int, _ origin: RequestOrigin) -> Bool {
        self.state.withLock { used in
            let own = used.byOrigin[origin, default: 0] + units
            guard used.total + units <= self.total else { return false }
            if origin.isStranger {
                guard own <= self.perNetwork, used.strangers + units <= self.strangers else { return false }
                used.strangers += units
            } else {
                guard own <= self.perParty else { return false }
            }
            used.total += units
            used.byOrigin[origin] = own
            return true
        }
    }

    private func release(_ units: Int, _ origin: RequestOrigin) {
        self.state.withLock { used in
            used.total -= units
            if origin.isStranger { used.strangers -= units }
            let rest = used.byOrigin[origin, default: 0] - units
            used.byOrigin[origin] = rest > 0 ? rest : nil
        }
    }

    /// One client's part; given back when nobody holds it any more, however a request ends.
    final class Share: Sendable {
        private let allowance: Allowance
        private let origin: RequestOrigin
        private let units: Mutex<Int>

        fileprivate init(of allowance: Allowance, _ origin: RequestOrigin, _ units: Int) {
            self.allowance = allowance
            self.origin = origin
            self.units = Mutex(units)
        }

        deinit { self.allowance.release(self.units.withLock { $0 }, self.origin) }

        /// Takes more.
        ///
        /// - Returns: false when there are not as many left.
        func grow(by more: Int) -> Bool {
            guard self.allowance.take(more, self.origin) else { return false }
            self.units.withLock { $0 += more }
            return true
        }
    }
}
