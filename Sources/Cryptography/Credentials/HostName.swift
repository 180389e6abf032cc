@preconcurrency internal import Glibc

/// A name or address under which a server is reached; it becomes a subject alternative name.
package enum HostName: Sendable, Hashable, CustomStringConvertible {
    /// Lower-case.
    case dns(String)
    /// 4 or 16 bytes in network order.
    case address([UInt8])

    /// - Returns: nil for a text that is neither an address nor a DNS name of at most 253 characters.
    package init?(_ text: String) {
        // What reads addresses takes a zero for the end: `10.0.0.1` and whatever is hidden behind it. Other letters may
        // become these when they are made small, as the sign of kelvin becomes a k.
        guard text.utf8.allSatisfy({ $0 > 0 && $0 < 0x80 }) else { return nil }
        if let bytes = Self.address(text, AF_INET, 4) ?? Self.address(text, AF_INET6, 16) {
            self = .address(bytes)
            return
        }
        let name = text.lowercased()
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard name.utf8.count <= 253, labels.allSatisfy(Self.isLabel) else { return nil }
        self = .dns(name)
    }

    /// Takes the bytes of an address in network order.
    ///
    /// - Returns: nil unless there are 4 or 16.
    package init?(address bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self = .address(bytes)
    }

    /// Whether it is this machine's own, whichever machine that is.
    package var isLoopback: Bool {
        switch self {
        case .dns(let name): name.utf8.elementsEqual("localhost".utf8)
        case .address(let bytes):
            bytes.first == 127 && bytes.count == 4 || bytes == [UInt8](repeating: 0, count: 15) + [1]
        }
    }

    package var description: String {
        switch self {
        case .dns(let name): name
        case .address(let bytes): Self.text(of: bytes)
        }
    }

    private static func address(_ text: String, _ family: Int32, _ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return inet_pton(family, text, &bytes) == 1 ? bytes : nil
    }

    private static func text(of bytes: [UInt8]) -> String {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, bytes, &buffer, socklen_t(buffer.count)) != nil else { return "" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func isLabel(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
            && label.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
