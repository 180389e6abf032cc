package import Certificates
package import Credentials
package import Hummingbird
internal import NIOCore

/// What a handler knows about a request beyond the request itself.
package struct SecureRequestContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The verified client certificate of the connection; nil when the client showed none.
    package var peerIdentity: PeerIdentity?
    /// The server's limits.
    package var limits = ServerLimits()
    let channel: any Channel

    package init(source: ApplicationRequestContextSource) {
        self.coreContext = .init(source: source)
        self.channel = source.channel
    }

    /// The party at the other end, by its certificate.
    package var peer: PartyName? { self.peerIdentity?.name }

    /// The other end's network address; empty when the connection is gone.
    package var remoteAddress: String { self.channel.remoteAddress?.ipAddress ?? "" }

    /// Whether the other end is a program on this machine.
    var isLocal: Bool { Self.isLoopback(self.remoteAddress) }

    /// Whether an address in text is one of the loopback interface, as IPv4, IPv6, or IPv4 within IPv6.
    static func isLoopback(_ address: String) -> Bool {
        let bare = address.hasPrefix("::ffff:") ? String(address.dropFirst(7)) : address
        let octets = bare.split(separator: ".", omittingEmptySubsequences: false).compactMap { UInt8($0) }
        return bare == "::1" || (octets.count == 4 && octets.first == 127)
    }

    package var maxUploadSize: Int { self.limits.bodyBytesMax }
}
