package import Certificates

/// Another validator, as the committee names it.
package struct Peer: Sendable, Hashable {
    /// The validator's number in the committee.
    package let number: UInt16
    /// Who must show a certificate under this number.
    package let name: PartyName
    /// A host name or address.
    package let host: String
    /// A TCP port.
    package let port: Int

    package init(number: UInt16, name: PartyName, host: String, port: Int) {
        self.number = number
        self.name = name
        self.host = host
        self.port = port
    }
}

/// A frame that a peer sent.
package struct PeerFrame: Sendable, Hashable {
    package let from: UInt16
    /// Below 0xF0.
    package let kind: UInt8
    package let bytes: [UInt8]

    package init(from: UInt16, kind: UInt8, bytes: [UInt8]) {
        self.from = from
        self.kind = kind
        self.bytes = bytes
    }

    /// What the frame takes of its sender's credit until it is released; more than its bytes, so that a storm of empty
    /// frames is bounded too.
    package var cost: Int { self.bytes.count + 64 }
}

/// What happened to the connections.
package enum PeerEvent: Sendable, Hashable {
    /// Frames to the peer flow: the connection that this validator dialed was accepted.
    case connected(UInt16)
    /// Frames to the peer wait again.
    case disconnected(UInt16)
    /// Frames of the peer flow: a connection that it dialed was accepted here.
    case accepted(UInt16)
    /// The connection that the peer dialed is closed.
    case left(UInt16)
    /// A connection was closed here for a reason; without a number when it was not known.
    case refused(UInt16?, PeerRefusal)
    /// The other end closed the connection that was dialed to it, for a reason.
    case refusedBy(UInt16, PeerRefusal)
    /// A connection from somewhere ended before its TLS handshake and hello were complete.
    case strangerLeft
    /// The peer is refused for this number of seconds.
    case penalized(UInt16, seconds: Double)
}
