import CanonicalBytes
import Consensus
import Ledger
import PeerTransport

/// What leaves instead of, or besides, what the replica says.
struct Outgoing: Sendable {
    let bytes: [UInt8]
    let kind: UInt8
    let frameClass: FrameClass
    let peers: [UInt16]

    init(bytes: [UInt8], kind: UInt8, frameClass: FrameClass, peers: [UInt16]) {
        self.bytes = bytes
        self.kind = kind
        self.frameClass = frameClass
        self.peers = peers
    }

    init(_ message: Message, in channel: Channel, to peers: [UInt16]) {
        let (kind, frameClass) = message.frame
        self.init(bytes: [channel.rawValue] + message.bytes, kind: kind, frameClass: frameClass, peers: peers)
    }
}

/// The kinds of frames as validators number them (`docs/spec`: one byte before each frame's content).
enum WireKind {
    static let vote: UInt8 = 1
    static let proposal: UInt8 = 2
    static let blocks: UInt8 = 3
    static let transactions: UInt8 = 4
    static let snapshot: UInt8 = 5
}

extension Message {
    fileprivate var frame: (kind: UInt8, frameClass: FrameClass) {
        switch self {
        case .prePrepare, .body: (WireKind.proposal, .proposals)
        case .blocks: (WireKind.blocks, .sync)
        case .prepare, .commit, .viewChange, .newView, .status, .blockRequest, .bodyRequest: (WireKind.vote, .votes)
        }
    }
}

/// Reads consensus messages out of frames.
struct FrameReader: Sendable {
    let chain: [UInt8]

    /// - Returns: nil for frames without a consensus message.
    func message(kind: UInt8, _ bytes: [UInt8]) -> (Channel, Message)? {
        guard [WireKind.vote, WireKind.proposal, WireKind.blocks].contains(kind), let first = bytes.first,
            let channel = Channel(rawValue: first)
        else { return nil }
        let reader = LedgerBlockReader(chain: self.chain, channel: channel)
        guard let message = try? Message(bytes: Array(bytes.dropFirst()), blocks: reader) else { return nil }
        return (channel, message)
    }
}
