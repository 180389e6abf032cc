internal import Foundation

/// Where a node's JSON-RPC is: `https`, or `http` on this machine.
///
/// Everything that decides is proven or signed, but who listens in learns what a hospital asks for, and who answers in
/// the node's place can hide what happens on the chain.
package struct NodeURL: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    /// - Returns: nil for another scheme, for `http` to another machine, for a URL with a password, and for
    ///   one with blanks or control characters.
    package init?(_ text: String) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return nil }
        guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty, parts.user == nil,
            parts.fragment == nil, (1...65_535).contains(parts.port ?? 443)
        else { return nil }
        let isLocal = ["127.0.0.1", "::1", "[::1]", "localhost"].contains(host)
        guard parts.scheme == "https" || (parts.scheme == "http" && isLocal) else { return nil }
        self.description = text
    }
}
