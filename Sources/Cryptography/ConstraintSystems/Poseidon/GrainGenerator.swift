internal import FiniteFields

/// The linear feedback shift register that Poseidon's constants come from (Poseidon paper, appendix E; specification
/// section 8.1).
struct GrainGenerator {
    /// 80 bits; the oldest is at `start`, and they go round.
    private var bits: [Bool]
    private var start = 0

    /// Starts the register with the parameters of a permutation over a field of 255 bits with x⁵.
    init(width: Int, fullRounds: Int, partialRounds: Int) {
        let fields = [(1, 2), (0, 4), (255, 12), (width, 12), (fullRounds, 10), (partialRounds, 10)]
        let parameters = fields.flatMap { value, length in
            (0..<length).reversed().map { value >> $0 & 1 == 1 }
        }
        self.bits = parameters + Array(repeating: true, count: 80 - parameters.count)
        for _ in 0..<160 { _ = self.step() }
    }

    /// The next 255 bits as an integer, most significant first; least significant limb first.
    mutating func next255Bits() -> (UInt64, UInt64, UInt64, UInt64) {
        var limbs: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        for place in (0..<255).reversed() where self.nextBit() {
            let bit: UInt64 = 1 << UInt64(place % 64)
            switch place / 64 {
            case 0: limbs.0 |= bit
            case 1: limbs.1 |= bit
            case 2: limbs.2 |= bit
            default: limbs.3 |= bit
            }
        }
        return limbs
    }

    /// The next integer modulo the group order.
    mutating func nextReduced() -> Fr { Fr(limbs: self.next255Bits()) }

    /// The next integer below the group order; others are skipped.
    mutating func nextElement() -> Fr {
        while true {
            let limbs = self.next255Bits()
            let element = Fr(limbs: limbs)
            if element.limbs == limbs { return element }
        }
    }

    /// Of a pair of steps the second one's bit, when the first one's is set.
    private mutating func nextBit() -> Bool {
        while true {
            let isEmitted = self.step()
            let bit = self.step()
            if isEmitted { return bit }
        }
    }

    private mutating func step() -> Bool {
        let taps = [62, 51, 38, 23, 13, 0]
        let bit = taps.reduce(false) { $0 != self.bits[(self.start + $1) % 80] }
        self.bits[self.start] = bit
        self.start = (self.start + 1) % 80
        return bit
    }
}
