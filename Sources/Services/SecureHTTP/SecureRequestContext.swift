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

    package var maxUploadSize: Int { self.limits.bodyBytesMax }
}
