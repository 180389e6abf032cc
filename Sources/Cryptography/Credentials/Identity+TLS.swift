internal import NIOCore
package import NIOSSL

/// Whether a server insists on a client certificate.
package enum ClientCertificates: Sendable {
    case required
    /// One that is presented must be valid.
    case optional
}

/// Whose parties take part in a connection.
package enum TLSCircle: Sendable {
    /// The identity's own consortium.
    case consortium
    /// Also allied consortia; who a certificate names is then ``AlliedAuthorities/party(_:)``'s to say.
    case allies
}

extension Identity {
    /// TLS 1.3 for a server with this identity; clients are verified against the roots of a circle.
    ///
    /// The server's certificate follows rotations of the directory: each handshake uses the newest generation.
    package func serverTLS(
        clientCertificates: ClientCertificates,
        of circle: TLSCircle = .consortium
    ) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: self.tls.chain.map { .certificate($0) },
            privateKey: .privateKey(self.tls.key)
        )
        configuration.minimumTLSVersion = .tlsv13
        configuration.trustRoots = .certificates(self.roots(of: circle))
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

    private func roots(of circle: TLSCircle) -> [NIOSSLCertificate] {
        switch circle {
        case .consortium: self.tls.roots
        case .allies: self.tls.roots + self.allies.roots
        }
    }

    /// TLS 1.3 for a client with this identity; the server's chain and host name are verified.
    package func clientTLS(of circle: TLSCircle = .consortium) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv13
        configuration.trustRoots = .certificates(self.roots(of: circle))
        configuration.certificateVerification = .fullVerification
        configuration.certificateChain = self.tls.chain.map { .certificate($0) }
        configuration.privateKey = .privateKey(self.tls.key)
        return configuration
    }
}
