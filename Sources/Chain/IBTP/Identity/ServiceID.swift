package import CanonicalBytes

/// The full name of a service, `hub:chain:service` (bitxhub-model v2).
///
/// The published implementation builds further identifiers by joining names with `-` and never checks that a name has
/// none, so that two messages can have one identifier. Here a part holds printable ASCII but `-`, `:`, `,`, `"` and
/// `\`, and has 1 to ``IBTPLimits/servicePartBytesMax`` bytes; only the hub may be empty, between two gateways without
/// a relay chain.
package struct ServiceID: Hashable, Sendable, CustomStringConvertible {
    /// Bytes of the longest name.
    package static let bytesMax = 3 * IBTPLimits.servicePartBytesMax + 2

    /// The relay chain at which the chain is registered; empty without one.
    package let hub: String
    package let chain: String
    package let service: String

    /// - Throws: `FORMAT` for a part that is no name.
    package init(hub: String, chain: String, service: String) throws(ProtocolFailure) {
        try require(hub.isEmpty || Self.isName(hub), .format, "not the name of a hub")
        try require(Self.isName(chain), .format, "not the name of a chain")
        try require(Self.isName(service), .format, "not the name of a service")
        self.hub = hub
        self.chain = chain
        self.service = service
    }

    /// Reads `hub:chain:service`.
    ///
    /// - Throws: `FORMAT`.
    package init(_ text: String) throws(ProtocolFailure) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        try require(parts.count == 3, .format, "a service is named by three parts")
        try self.init(hub: String(parts[0]), chain: String(parts[1]), service: String(parts[2]))
    }

    package var description: String { "\(self.hub):\(self.chain):\(self.service)" }

    /// `hub:chain`, which names a chain among all hubs.
    package var chainName: String { "\(self.hub):\(self.chain)" }

    private static func isName(_ text: String) -> Bool {
        (1...IBTPLimits.servicePartBytesMax).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && !Self.separators.contains($0) }
    }

    private static let separators = Array("-:,\"\\".utf8)
}

extension ServiceID: Comparable {
    /// By the bytes of the names.
    package static func < (left: ServiceID, right: ServiceID) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }
}
