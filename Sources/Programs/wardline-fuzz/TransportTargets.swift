import CanonicalBytes
import PeerTransport

/// What a validator reads from a connection before and after it knows who is there.
enum TransportTargets {
    static let all: [Target] = [
        Target(name: "peer-hello", weight: 4, family: .frames) { _, payload, _ in Self.hello(payload) },
        Target(name: "peer-frames", weight: 6, family: .frames) { _, payload, random in
            Self.frames(payload, &random)
        },
    ]

    /// What follows a version that is not the own one is not read, and need not be kept.
    private static func hello(_ payload: [UInt8]) -> Verdict {
        do throws(ProtocolFailure) {
            let hello = try PeerHello(bytes: payload)
            let isCanonical = hello.version != PeerHello.currentVersion || hello.bytes == payload
            return isCanonical ? .accepted : .broken("accepted another encoding")
        } catch {
            return error.detail.isEmpty ? .broken("a failure without words") : .refused(error.code.rawValue)
        }
    }

    private struct Reading: Equatable {
        var frames: [Frame] = []
        var failure: FrameTooLong?
    }

    /// However a stream is cut into pieces, the same frames come out of it, and they are what the stream says.
    private static func frames(_ payload: [UInt8], _ random: inout Randomness) -> Verdict {
        let whole = Self.read([payload])
        var pieces: [[UInt8]] = []
        var rest = payload[...]
        while !rest.isEmpty {
            let piece = rest.prefix(1 + random.small(64))
            pieces.append(Array(piece))
            rest = rest.dropFirst(piece.count)
        }
        guard let reading = whole, let cut = Self.read(pieces) else { return .broken("keeps more than has come") }
        guard reading == cut else { return .broken("pieces of a stream give other frames than the whole") }
        let encoded = reading.frames.flatMap(\.encoded)
        guard payload.starts(with: encoded) else { return .broken("frames that were not in the stream") }
        for frame in reading.frames {
            guard let control = ControlFrame(frame) else { continue }
            guard control.frame == frame else { return .broken("a control frame of another encoding") }
        }
        if reading.failure != nil { return .refused("too long") }
        return reading.frames.isEmpty ? .refused("unfinished") : .accepted
    }

    /// - Returns: nil when the decoder keeps more bytes than it was given.
    private static func read(_ pieces: [[UInt8]]) -> Reading? {
        var decoder = FrameDecoder(limits: FrameLimits(bytesMax: 4_096, kinds: [2: 64, 3: 0]))
        var reading = Reading()
        var given = 0
        for piece in pieces {
            var offset = 0
            given += piece.count
            do throws(FrameTooLong) {
                while let frame = try decoder.next(from: piece.span.bytes, at: &offset) { reading.frames.append(frame) }
            } catch {
                reading.failure = error
                return reading
            }
            if decoder.bufferedBytes > given { return nil }
        }
        return reading
    }
}

/// Streams that peers send.
enum TransportSeeds {
    static let all: [[UInt8]] = {
        let hello = PeerHello(
            chain: Array("fuzz".utf8),
            genesis: [UInt8](repeating: 3, count: 32),
            number: 2,
            session: 1 << 40
        )
        let control: [ControlFrame] = [.hello(hello.bytes), .welcome(hello.bytes), .heartbeat, .refusal(.chain)]
        let frames =
            control.map(\.frame) + [
                Frame(kind: 1, bytes: [1, 2, 3]), Frame(kind: 2, bytes: []), Frame(kind: 3, bytes: []),
            ]
        return [hello.bytes, frames.flatMap(\.encoded)] + frames.map(\.encoded)
    }()
}
