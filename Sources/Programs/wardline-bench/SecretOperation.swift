/// What the secret of a measured call is.
enum SecretClass: Int, CaseIterable {
    /// Random, another one in every call. The others are compared with it.
    case random
    /// Random too: shows what the harness and the machine make of equal classes.
    case control
    case one
    /// Three bits set.
    case sparse
    /// The group order less one.
    case largest
    /// One random value that stays the same.
    case fixed

    /// The classes whose timing must not differ from the random one's.
    static let special: [SecretClass] = [.one, .sparse, .largest, .fixed]

    var name: String { "\(self)" }
}

/// An operation that takes a secret, in a form in which single calls can be timed.
struct SecretOperation {
    let name: String
    /// Executions in one timed call; more than one where the clock is too coarse for one.
    let repeats: Int
    /// Makes a call with a secret of the class; its memory is new in every class, so that only values differ.
    let prepare: (SecretClass) throws -> () throws -> UInt64

    init(_ name: String, repeats: Int = 1, _ prepare: @escaping (SecretClass) throws -> () throws -> UInt64) {
        self.name = name
        self.repeats = repeats
        self.prepare = prepare
    }
}

extension SecretOperation {
    /// All of them, the pairing-free ones first.
    static func all() throws -> [SecretOperation] { try Self.p256() + Self.bls12381() }

    /// The first word of a value, which keeps a result in use.
    static func word<Value>(_ value: Value) -> UInt64 {
        withUnsafeBytes(of: value) { $0.loadUnaligned(as: UInt64.self) }
    }
}
