internal import CanonicalBytes
package import Contracts
internal import Ledger
package import PathProofs

/// What a chain's state says of the relay chains that it is connected to; every answer is proven.
package struct RelayReader: Sendable {
    /// What a chain knows of one of them.
    package struct Standing: Sendable {
        package let relay: ConnectedRelay
        /// Seconds since the newest header that the chain was shown.
        package let silenceSeconds: UInt64
        /// Whether that is no longer ago than the trust period.
        package let isTrusted: Bool
    }

    private let value: @Sendable (_ key: [UInt8]) async throws -> [UInt8]?

    /// - Parameter value: the newest value of a key of channel `access`, proven; nil when it has none.
    package init(_ value: @escaping @Sendable (_ key: [UInt8]) async throws -> [UInt8]?) { self.value = value }

    package init(_ chain: some ChainFacts) {
        self.init { try await chain.fact(of: $0, on: .access).value }
    }

    /// The relay chains, the first first; none for a chain that is not connected.
    ///
    /// - Throws: when the chain does not say, or says what is none.
    package func relays() async throws -> [ConnectedRelay] {
        guard let first = try await self.value(InterchainKey.link) else { return [] }
        return try ConnectedRelay.all(first: first, further: try await self.value(InterchainKey.further))
    }

    /// The relay chain of a name; nil: the chain is not connected to it.
    ///
    /// - Throws: as ``relays()``.
    package func relay(_ hub: String) async throws -> ConnectedRelay? {
        try await self.relays().first { $0.link.hub.utf8.elementsEqual(hub.utf8) }
    }

    /// How a relay chain stands with this chain.
    ///
    /// - Parameters:
    ///   - relay: that it is connected to.
    ///   - now: milliseconds since 1970.
    /// - Returns: what the chain knows of it.
    /// - Throws: as ``relays()``.
    package func standing(of relay: ConnectedRelay, at now: UInt64) async throws -> Standing {
        guard let bytes = try await self.value(InterchainKey.client(relay.link.hub)) else {
            return Standing(relay: relay, silenceSeconds: .max, isTrusted: false)
        }
        let client = try ForeignClient(bytes: bytes)
        return Standing(
            relay: relay,
            silenceSeconds: now > client.time ? (now - client.time) / 1_000 : 0,
            isTrusted: !client.isExpired(at: now)
        )
    }

    /// What a chain's newest list in a relay chain's registry is worth, as this chain has followed it; nil: it knows none.
    ///
    /// - Throws: as ``relays()``.
    package func credibility(of chain: String, at relay: ConnectedRelay) async throws -> Credibility? {
        guard let bytes = try await self.value(relay.listEpoch(chain)) else { return nil }
        var reader = CanonicalReader(bytes)
        let epoch = try reader.u64()
        try reader.finish()
        guard let record = try await self.value(relay.list(chain, epoch)) else { return nil }
        return try VerificationNodeList(bytes: try ListRecord(bytes: record).list).credibility
    }
}
