package import Certificates

/// Who asks, as far as a server can tell: what its limits count by.
package enum RequestOrigin: Sendable, Hashable {
    /// A party by its certificate.
    case party(PartyName)
    /// Somebody without a certificate, by the network that the connection comes from.
    case stranger(network: String)

    package var isStranger: Bool {
        if case .stranger = self { true } else { false }
    }

    /// The network of an address: itself for IPv4, the first 64 bits for IPv6, of which one client has many.
    static func network(of address: String) -> String {
        let isMapped = address.hasPrefix("::ffff:") && address.contains(".")
        let bare = isMapped ? String(address.dropFirst(7)) : address
        guard bare.contains(":"), !bare.contains(".") else { return bare }
        let groups = bare.prefix { $0 != "%" }.split(separator: ":", omittingEmptySubsequences: false)
        var leading: [String] = []
        for group in groups {
            // An empty group stands for as many zeros as are missing.
            guard !group.isEmpty else { break }
            leading.append(String(group))
        }
        let missing = max(0, 8 - groups.filter { !$0.isEmpty }.count)
        let zeros = leading.count < 8 ? [String](repeating: "0", count: missing) : []
        let trailing = groups.dropFirst(leading.count).filter { !$0.isEmpty }.map(String.init)
        return (leading + zeros + trailing).prefix(4).joined(separator: ":") + "::/64"
    }
}

extension SecureRequestContext {
    /// The party of the client's certificate, or the network that a stranger comes from.
    package var origin: RequestOrigin {
        if let peer = self.peer { return .party(peer) }
        return .stranger(network: RequestOrigin.network(of: self.remoteAddress))
    }
}
