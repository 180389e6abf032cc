internal import CanonicalBytes

/// A JSON value as JSON-RPC has them.
///
/// Numbers of chains travel as text (`0x…`), so that no number here needs more than an `Int`.
enum JSONValue: Hashable, Sendable, Codable {
    case null
    case flag(Bool)
    case integer(Int)
    /// A number that is no integer; nothing asks for one.
    case fraction(Double)
    case text(String)
    case array([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let integer = try? container.decode(Int.self) {
            self = .integer(integer)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let values = try? container.decode([JSONValue].self) {
            self = .array(values)
        } else if let fields = try? container.decode([String: JSONValue].self) {
            self = .object(fields)
        } else {
            self = .fraction(try container.decode(Double.self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .flag(let flag): try container.encode(flag)
        case .integer(let integer): try container.encode(integer)
        case .fraction(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        case .array(let values): try container.encode(values)
        case .object(let fields): try container.encode(fields)
        }
    }

    subscript(field: String) -> JSONValue? {
        guard case .object(let fields) = self else { return nil }
        return fields[field]
    }
}

// Values as the fields of Ethereum's JSON-RPC: quantities without leading zeros, data with all their bytes.
extension JSONValue {
    static func quantity(_ number: UInt64) -> JSONValue { .text("0x" + String(number, radix: 16)) }
    static func data(_ bytes: [UInt8]) -> JSONValue { .text("0x" + bytes.hex) }

    /// An integer of at most so many bytes, big-endian without leading zeros.
    func quantity(bytesMax: Int, _ what: String) throws(EVMFailure) -> [UInt8] {
        guard case .text(let text) = self, text.hasPrefix("0x"), text.utf8.count > 2,
            text.utf8.count <= 2 + 2 * bytesMax + 64
        else { throw .malformed("\(what) is no quantity") }
        let digits = text.dropFirst(2).drop { $0 == "0" }
        guard let bytes = [UInt8](hex: digits.count.isMultiple(of: 2) ? String(digits) : "0" + digits),
            bytes.count <= bytesMax
        else { throw .malformed("\(what) is no quantity of \(bytesMax) bytes") }
        return bytes
    }

    func number(_ what: String) throws(EVMFailure) -> UInt64 {
        try self.quantity(bytesMax: 8, what).reduce(0) { $0 << 8 | UInt64($1) }
    }

    func bytes(_ what: String) throws(EVMFailure) -> [UInt8] {
        guard case .text(let text) = self, text.hasPrefix("0x"), let bytes = [UInt8](hex: text.dropFirst(2)) else {
            throw .malformed("\(what) is no data")
        }
        return bytes
    }

    func bytes(_ count: Int, _ what: String) throws(EVMFailure) -> [UInt8] {
        let bytes = try self.bytes(what)
        guard bytes.count == count else { throw .malformed("\(what) has \(bytes.count) bytes, not \(count)") }
        return bytes
    }

    func list(_ what: String) throws(EVMFailure) -> [JSONValue] {
        guard case .array(let values) = self else { throw .malformed("\(what) is no list") }
        return values
    }

    /// A field that must be there.
    func field(_ name: String) throws(EVMFailure) -> JSONValue {
        guard let value = self[name], value != .null else { throw .malformed("there is no \(name)") }
        return value
    }
}
