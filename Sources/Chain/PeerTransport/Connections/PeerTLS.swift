internal import Credentials
internal import NIOCore
internal import NIOSSL

/// TLS 1.3 with certificates on both ends; new connections use the newest generation of the identity.
final class PeerTLS {
    /// An end that does not say goodbye is not waited for longer.
    private static let shutdownTimeout = TimeAmount.seconds(1)

    private let watch: IdentityWatch
    private let serverContext: NIOSSLContext
    private var client: (generation: Int, context: NIOSSLContext)?

    /// - Throws: when the identity's files make no TLS configuration.
    init(_ identity: Identity) throws {
        self.watch = IdentityWatch(identity)
        var tls = try identity.serverTLS(clientCertificates: .required)
        tls.shutdownTimeout = Self.shutdownTimeout
        self.serverContext = try NIOSSLContext(configuration: tls)
    }

    func serverHandler() -> NIOSSLServerHandler { NIOSSLServerHandler(context: self.serverContext) }

    func clientHandler() throws -> NIOSSLClientHandler {
        try NIOSSLClientHandler(context: self.clientContext(), serverHostname: nil)
    }

    private func clientContext() throws -> NIOSSLContext {
        let identity = self.watch.current
        if let client, client.generation == identity.generation { return client.context }
        var tls = try identity.clientTLS()
        // The party's name in the certificate is compared with the committee's, which says more than an address.
        tls.certificateVerification = .noHostnameVerification
        tls.shutdownTimeout = Self.shutdownTimeout
        let context = try NIOSSLContext(configuration: tls)
        self.client = (identity.generation, context)
        return context
    }
}
