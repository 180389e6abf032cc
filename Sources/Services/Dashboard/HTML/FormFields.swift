/// The fields of a form as a browser sends them: `application/x-www-form-urlencoded` (URL Living Standard §5.1).
package struct FormFields: Sendable, Equatable {
    /// Bytes of a form at most.
    package static let bytesMax = 16 << 10
    /// Fields of a form at most.
    static let fieldsMax = 256

    private let pairs: [(name: String, value: String)]

    /// - Returns: nil for too many fields, a broken escape, or what is no UTF-8.
    init?(_ bytes: [UInt8]) {
        guard bytes.count <= Self.bytesMax else { return nil }
        var pairs: [(name: String, value: String)] = []
        for part in bytes.split(separator: UInt8(ascii: "&")) {
            guard pairs.count < Self.fieldsMax else { return nil }
            let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            let rest = equals == part.endIndex ? part[equals...] : part[(equals + 1)...]
            guard let name = Self.decoded(part[..<equals]), let value = Self.decoded(rest) else { return nil }
            pairs.append((name, value))
        }
        self.pairs = pairs
    }

    /// The first value of a name.
    package subscript(name: String) -> String? { self.pairs.first { $0.name == name }?.value }

    /// All values of a name, in order.
    package func all(_ name: String) -> [String] { self.pairs.filter { $0.name == name }.map(\.value) }

    package static func == (left: Self, right: Self) -> Bool {
        left.pairs.map(\.name) == right.pairs.map(\.name) && left.pairs.map(\.value) == right.pairs.map(\.value)
    }

    private static func decoded(_ part: ArraySlice<UInt8>) -> String? {
        var bytes: [UInt8] = []
        var rest = part
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(self.digit), let low = rest.popFirst().flatMap(self.digit)
                else { return nil }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
