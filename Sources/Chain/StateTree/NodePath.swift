/// A node's path as a dictionary's key that hashes as one number.
struct NodePath: Hashable, Sendable {
    // Distinct for all paths of up to 15 nibbles; longer ones take 60 bits of grinding to exist.
    private let number: UInt64
    private let nibbles: [UInt8]

    init(_ nibbles: [UInt8]) {
        var number: UInt64 = 1
        for nibble in nibbles { number = number << 4 | UInt64(nibble & 15) }
        self.number = number
        self.nibbles = nibbles
    }

    static func == (left: Self, right: Self) -> Bool {
        left.number == right.number && left.nibbles == right.nibbles
    }

    func hash(into hasher: inout Hasher) { hasher.combine(self.number) }
}
