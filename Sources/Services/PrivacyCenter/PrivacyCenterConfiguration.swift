package import ChainReading
package import PrivacyCenterStore
package import SecureHTTP

/// Everything that a privacy center is told by its operator.
package struct PrivacyCenterConfiguration: Sendable {
    /// Where the envelopes are.
    package enum StoreLocation: Sendable, Hashable {
        case sqlite(directory: String)
        /// A file of mode 0600 with a libpq connection string.
        case postgreSQL(connectionFile: String)

        /// Where the store is on this machine; nil for a database server, which watches its own disk.
        package var directory: String? {
            switch self {
            case .sqlite(let directory): directory
            case .postgreSQL: nil
            }
        }
    }

    package var identityDirectory: String
    package var address: String
    /// 0 takes a free one.
    package var port: Int
    package var store: StoreLocation
    /// Consulted before every re-encryption; nil for a center that believes its grants alone, to try things out.
    package var chain: ChainEndpoints?
    /// Age of the newest block that a quorum of validators confirmed, s: older, and nothing is handed over.
    package var headSecondsMax: UInt64 = 10
    package var limits = CenterLimits()
    package var server = ServerLimits()
    /// Requests that one party may make in the long run.
    package var requestsPerSecond = 2_000.0
    /// Requests that one party may make at once.
    package var requestsBurst = 4_000.0
    /// Requests that all those without a certificate may make together in the long run; one network gets half.
    package var strangersPerSecond = 2_000.0
    /// Requests that all those without a certificate may make together at once; one network gets half.
    package var strangersBurst = 8_000.0
    /// Bytes of request bodies in memory at once.
    package var bodyBytesHeldMax = 64 << 20
    /// How often the revocation list is read anew, s.
    package var revocationSeconds = 30.0

    /// - Parameters:
    ///   - identityDirectory: made by `wardline enroll`.
    ///   - address: host name or address to listen on.
    ///   - port: TCP port.
    ///   - store: where the envelopes are.
    package init(identityDirectory: String, address: String, port: Int, store: StoreLocation) {
        self.identityDirectory = identityDirectory
        self.address = address
        self.port = port
        self.store = store
    }
}

extension PrivacyCenterConfiguration.StoreLocation {
    /// Opens the store to write it.
    ///
    /// - Throws: `StoreError`.
    package func open(envelopeBytesMax: Int = StoreLimits().envelopeBytesMax) throws -> RelationalStore {
        var limits = StoreLimits()
        limits.envelopeBytesMax = envelopeBytesMax
        switch self {
        case .sqlite(let directory): return try .sqlite(directory: directory, limits: limits)
        case .postgreSQL(let file): return try .postgreSQL(ConnectionString(file: file), limits: limits)
        }
    }

    /// Opens the store beside the process that writes it, to back it up or to scrub its rows.
    ///
    /// - Throws: `StoreError`.
    package func openBeside() throws -> RelationalStore {
        switch self {
        case .sqlite(let directory): return try .sqliteReadOnly(directory: directory)
        case .postgreSQL(let file): return try .postgreSQL(ConnectionString(file: file))
        }
    }
}
