import CanonicalBytes
import IBTP

/// Numbers from a seed (SplitMix64).
struct Chance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var value = self.state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int(self.next() % UInt64(bound)) }

    mutating func flag() -> Bool { self.below(2) == 1 }

    mutating func bytes(_ lengths: Range<Int> = 0..<40) -> [UInt8] {
        (0..<lengths.lowerBound + self.below(lengths.count)).map { _ in UInt8(self.below(256)) }
    }

    /// A number of any length.
    mutating func number() -> UInt64 { self.next() >> UInt64(self.below(64)) }

    mutating func service() -> String {
        (0..<3).map { _ in String(self.next() >> UInt64(self.below(60)), radix: 36) }.joined(separator: ":")
    }

    mutating func indices() throws -> ServiceIndices {
        let names = Set((0..<self.below(5)).map { _ in self.service() }).sorted()
        return try ServiceIndices(names.map { ServiceIndices.Entry(service: $0, index: self.number()) })
    }

    mutating func message() throws -> InterchainMessage {
        InterchainMessage(
            from: self.service(),
            to: self.service(),
            index: self.number(),
            type: MessageType.allCases[self.below(5)],
            timeoutHeight: Int64(bitPattern: self.number()),
            proof: self.bytes(),
            payload: self.bytes(),
            group: self.flag() ? try self.indices() : nil,
            version: ["", "2.8.0"][self.below(2)],
            extra: self.bytes(),
            timestamp: Int64(bitPattern: self.number()),
            debug: self.flag()
        )
    }
}

/// The code of a refusal, nil when the operation gave something.
func refusal<Value>(_ operation: () throws -> Value) throws -> ProtocolFailure.Code? {
    do { _ = try operation() } catch let failure as ProtocolFailure { return failure.code }
    return nil
}
