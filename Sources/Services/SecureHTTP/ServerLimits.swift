/// What one server grants its clients.
package struct ServerLimits: Sendable, Hashable {
    /// Open connections; more wait in the kernel's backlog.
    ///
    /// Half of them may be of clients without a certificate.
    package var connectionsMax: Int
    /// From the connection's start to the end of its first request's header, the TLS handshake included.
    package var headerSeconds: Double
    /// From the end of a request's header to the end of its body.
    package var bodySeconds: Double
    /// From the end of a request to the end of its response.
    package var responseSeconds: Double
    /// From the end of a response to the end of the next request's header.
    package var idleSeconds: Double
    /// Bytes of a request's header.
    package var headerBytesMax: Int
    /// Bytes of a request's body.
    package var bodyBytesMax: Int

    package init(
        connectionsMax: Int = 1_024,
        headerSeconds: Double = 10,
        bodySeconds: Double = 30,
        responseSeconds: Double = 60,
        idleSeconds: Double = 60,
        headerBytesMax: Int = 16_384,
        bodyBytesMax: Int = 4 << 20
    ) {
        self.connectionsMax = connectionsMax
        self.headerSeconds = headerSeconds
        self.bodySeconds = bodySeconds
        self.responseSeconds = responseSeconds
        self.idleSeconds = idleSeconds
        self.headerBytesMax = headerBytesMax
        self.bodyBytesMax = bodyBytesMax
    }
}
