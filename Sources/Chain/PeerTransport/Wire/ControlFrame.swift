/// The transport's own frames; callers use kinds below ``kindMin``.
package enum ControlFrame: Hashable, Sendable {
    /// The first kind that callers must not use.
    package static let kindMin: UInt8 = 0xF0

    /// The dialer's first frame.
    case hello([UInt8])
    /// The answer of who accepts it: its own hello.
    case welcome([UInt8])
    /// The last frame before a connection is closed.
    case refusal(PeerRefusal)
    /// Says that the sender is alive.
    case heartbeat

    /// - Returns: nil for a frame that no version 1 peer sends.
    package init?(_ frame: Frame) {
        switch frame.kind {
        case Kind.hello: self = .hello(frame.bytes)
        case Kind.welcome: self = .welcome(frame.bytes)
        case Kind.refusal:
            guard frame.bytes.count == 1, let refusal = PeerRefusal(rawValue: frame.bytes[0]) else { return nil }
            self = .refusal(refusal)
        case Kind.heartbeat:
            guard frame.bytes.isEmpty else { return nil }
            self = .heartbeat
        default: return nil
        }
    }

    /// As it goes over the wire.
    package var frame: Frame {
        switch self {
        case .hello(let bytes): Frame(kind: Kind.hello, bytes: bytes)
        case .welcome(let bytes): Frame(kind: Kind.welcome, bytes: bytes)
        case .refusal(let refusal): Frame(kind: Kind.refusal, bytes: [refusal.rawValue])
        case .heartbeat: Frame(kind: Kind.heartbeat, bytes: [])
        }
    }

    /// Limits that let control frames in and, before the handshake is over, nothing else of any size.
    static func limits(_ callers: FrameLimits?) -> FrameLimits {
        let callersKinds = (0..<self.kindMin).map { ($0, callers?[$0] ?? 0) }
        var kinds = [UInt8: Int](uniqueKeysWithValues: callersKinds)
        kinds[Kind.hello] = PeerHello.encodedBytesMax
        kinds[Kind.welcome] = PeerHello.encodedBytesMax
        kinds[Kind.refusal] = 1
        return FrameLimits(bytesMax: 0, kinds: kinds)
    }

    private enum Kind {
        static let hello: UInt8 = 0xF0
        static let welcome: UInt8 = 0xF1
        static let refusal: UInt8 = 0xF2
        static let heartbeat: UInt8 = 0xF3
    }
}
