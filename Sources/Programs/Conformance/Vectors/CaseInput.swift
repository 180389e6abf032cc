internal import CanonicalBytes
package import P256Group

/// The `in` of a case, read field by field.
///
/// A field that is missing or of another type is ``MalformedInput``: the fault of the case. Bytes that an operation
/// decodes fail with `ProtocolFailure`. Operations read their fields in the order in which the reference evaluates
/// them, since a case with two faults expects the code of the first.
package struct CaseInput: Sendable {
    private let object: JSONObject

    package init(_ object: JSONObject) { self.object = object }

    package func bytes(_ name: String) throws -> [UInt8] { try Self.bytes(self.value(name), name) }

    package func byteLists(_ name: String) throws -> [[UInt8]] {
        try self.array(name).map { try Self.bytes($0, name) }
    }

    package func byteListLists(_ name: String) throws -> [[[UInt8]]] {
        try self.lists(name).map { try $0.map { try Self.bytes($0, name) } }
    }

    package func integerLists(_ name: String) throws -> [[Int]] {
        try self.lists(name).map { try $0.map { try Self.integer($0, name) } }
    }

    package func text(_ name: String) throws -> String { try Self.text(self.value(name), name) }

    package func texts(_ name: String) throws -> [String] { try self.array(name).map { try Self.text($0, name) } }

    package func integer<Integer: FixedWidthInteger>(_ name: String, as _: Integer.Type) throws -> Integer {
        try Self.integer(self.value(name), name)
    }

    package func u64(_ name: String) throws -> UInt64 { try self.integer(name, as: UInt64.self) }

    package func integers<Integer: FixedWidthInteger>(_ name: String, as _: Integer.Type) throws -> [Integer] {
        try self.array(name).map { try Self.integer($0, name) }
    }

    package func object(_ name: String) throws -> CaseInput { try Self.input(self.value(name), name) }

    package func objects(_ name: String) throws -> [CaseInput] {
        try self.array(name).map { try Self.input($0, name) }
    }

    package func has(_ name: String) -> Bool { self.object[name] != nil }

    /// Whether the member is `true`; absent means false.
    package func isTrue(_ name: String) -> Bool { self.object[name] == .bool(true) }

    /// Bytes that may be absent, null or empty, all of which mean none.
    package func optionalBytes(_ name: String) throws -> [UInt8]? {
        switch self.object[name] {
        case nil, .null: return nil
        case .some(let value):
            let bytes = try Self.bytes(value, name)
            return bytes.isEmpty ? nil : bytes
        }
    }

    /// A time that may be null, which leaves validity unchecked.
    package func time(_ name: String) throws -> UInt64? {
        try self.value(name) == .null ? nil : self.u64(name)
    }

    private func array(_ name: String) throws -> [JSONValue] {
        guard case .array(let values) = try self.value(name) else { throw MalformedInput("`\(name)` is not an array") }
        return values
    }

    private func lists(_ name: String) throws -> [[JSONValue]] {
        try self.array(name).map {
            guard case .array(let values) = $0 else { throw MalformedInput("`\(name)` is not an array of arrays") }
            return values
        }
    }

    private func value(_ name: String) throws -> JSONValue {
        guard let value = self.object[name] else { throw MalformedInput("`\(name)` is missing") }
        return value
    }

    private static func bytes(_ value: JSONValue, _ name: String) throws -> [UInt8] {
        guard case .text(let text) = value, let bytes = [UInt8](hex: text.string) else {
            throw MalformedInput("`\(name)` is not hexadecimal")
        }
        return bytes
    }

    private static func integer<Integer: FixedWidthInteger>(_ value: JSONValue, _ name: String) throws -> Integer {
        guard case .integer(let wide) = value, let value = Integer(exactly: wide) else {
            throw MalformedInput("`\(name)` is not an integer of \(Integer.bitWidth) bits")
        }
        return value
    }

    private static func text(_ value: JSONValue, _ name: String) throws -> String {
        guard case .text(let text) = value else { throw MalformedInput("`\(name)` is not a text") }
        return text.string
    }

    private static func input(_ value: JSONValue, _ name: String) throws -> CaseInput {
        guard case .object(let object) = value else { throw MalformedInput("`\(name)` is not an object") }
        return CaseInput(object)
    }
}

extension CaseInput {
    /// A scalar other than zero.
    package func scalar(_ name: String) throws -> P256Scalar { try P256Scalar(self.bytes(name)) }

    package func scalars(_ name: String) throws -> [P256Scalar] { try self.byteLists(name).map { try P256Scalar($0) } }

    package func keyPair(_ name: String) throws -> P256KeyPair { try P256KeyPair(secret: self.scalar(name)) }

    package func publicKey(_ name: String) throws -> P256PublicKey { try P256PublicKey(self.bytes(name)) }
}
