internal import Foundation

/// Where a service of the institution or of a privacy center is reached: `https://host[:port]`.
package struct ServiceURL: Sendable, Hashable, CustomStringConvertible {
    /// Without a slash at its end.
    package let description: String

    /// - Returns: nil for anything but `https`, a host and perhaps a port, and for blanks and control characters: what
    ///   reads URLs may escape them, and requests are made of the text.
    package init?(_ text: String) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return nil }
        let bare = text.hasSuffix("/") ? String(text.dropLast()) : text
        guard let parts = URLComponents(string: bare), parts.scheme == "https", let host = parts.host, !host.isEmpty,
            parts.path.isEmpty, parts.query == nil, parts.fragment == nil, parts.user == nil,
            (1...65_535).contains(parts.port ?? 443)
        else { return nil }
        self.description = bare
    }

    func appending(_ path: String) -> String { self.description + path }
}
