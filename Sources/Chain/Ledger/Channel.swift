/// One of the consortium's two ordered ledgers, kept by the same validators.
package enum Channel: UInt8, CaseIterable, Hashable, Sendable {
    /// Identities, requests, proofs, permissions, consents and the consortium's own affairs.
    case access = 1
    /// Anchors, wrapped index keys, grants and deliveries.
    case index = 2

    /// As it stands in signatures and in addresses.
    package var name: String {
        switch self {
        case .access: "access"
        case .index: "index"
        }
    }

    /// - Returns: nil for a name that no channel has.
    package init?(name: String) {
        switch Array(name.utf8) {
        case Array("access".utf8): self = .access
        case Array("index".utf8): self = .index
        default: return nil
        }
    }
}
