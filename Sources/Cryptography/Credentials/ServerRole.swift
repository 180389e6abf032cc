package import AsyncHTTPClient
package import Certificates
internal import NIOCore
internal import NIOSSL

/// Which roles the party behind an address must have.
///
/// Chain and host name alone let any party that serves under the same name take another's place: a validator on the
/// custodian's host would do. The role stands in the certificate that the authority signed.
package enum ServerRole {
    /// The server is a party of another role, or none.
    struct Wrong: Error, CustomStringConvertible {
        let description: String
    }

    /// Ends connections to servers of other roles before anything is sent over them.
    ///
    /// - Parameters:
    ///   - roles: one of these is right.
    ///   - allies: whose servers count besides the consortium's own; nil for nobody's.
    ///   - configuration: of the client; its TLS must verify the server's chain.
    package static func require(
        _ roles: [PartyRole],
        of allies: AlliedAuthorities? = nil,
        in configuration: inout HTTPClient.Configuration
    ) {
        configuration.http1_1ConnectionDebugInitializer = { channel in
            guard channel.eventLoop.inEventLoop else {
                return channel.eventLoop.flatSubmit { self.check(channel, roles, allies) }
            }
            return self.check(channel, roles, allies)
        }
    }

    /// Whether a party may serve where one of some roles is expected; nil when it may.
    ///
    /// - Returns: what is wrong and what to do.
    static func complaint(_ peer: PeerIdentity?, expecting roles: [PartyRole]) -> String? {
        let expected = roles.map(\.rawValue).joined(separator: " or ")
        guard let peer else {
            return "the server's certificate names no party, where the role \(expected) is expected; check the address"
        }
        guard !roles.contains(peer.name.role) else { return nil }
        return
            "the server is \(peer.name), where the role \(expected) is expected; check host and port of the address, and "
            + "with which identity that server runs"
    }

    private static func check(
        _ channel: any Channel,
        _ roles: [PartyRole],
        _ allies: AlliedAuthorities?
    ) -> EventLoopFuture<Void> {
        let handler = try? channel.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self)
        let peer = handler?.peerCertificate.flatMap { allies.party($0) }
        guard let complaint = self.complaint(peer, expecting: roles) else {
            return channel.eventLoop.makeSucceededVoidFuture()
        }
        // Later: the pool has to hear of the failure before it hears that the connection has ended.
        channel.eventLoop.execute { channel.close(promise: nil) }
        return channel.eventLoop.makeFailedFuture(Wrong(description: complaint))
    }
}
