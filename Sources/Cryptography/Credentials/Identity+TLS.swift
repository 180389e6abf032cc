internal import NIOCore
package import NIOSSL

/// Whether a server insists on a client certificate.
package enum ClientCertificates: Sendable {
    case required
    /// One that is presented must be valid.
    case optional
}

extension Identity {
    /// TLS 1.3 for a server with this identity; clients are verified against the identity's root.
    ///
    /// The server's certificate follows rotations of the directory: each handshake uses the newest generation.
    package func serverTLS(clientCertificates: ClientCertificates) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: self.tls.chain.map { .certificate($0) },
            privateKey: .privateKey(self.tls.key)
        )
        configuration.minimumTLSVersion = .tlsv13
        configuration.trustRoots = .certificates(self.tls.roots)
        switch clientCertificates {
        case .required: configuration.certificateVerification = .noHostnameVerification
        case .optional: configuration.certificateVerification = .optionalVerification
        }
        let watch = IdentityWatch(self)
        configuration.sslContextCallback = { _, promise in
            let tls = watch.current.tls
            var override = NIOSSLContextConfigurationOverride.noChanges
            override.certificateChain = tls.chain.map { .certificate($0) }
            override.privateKey = .privateKey(tls.key)
            promise.succeed(override)
        }
        return configuration
    }

    /// TLS 1.3 for a client with this identity; the server's chain and host name are verified.
    package func clientTLS() throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv13
        configuration.trustRoots = .certificates(self.tls.roots)
        configuration.certificateVerification = .fullVerification
        configuration.certificateChain = self.tls.chain.map { .certificate($0) }
        configuration.privateKey = .privateKey(self.tls.key)
        return configuration
    }
}
