internal import CanonicalBytes

/// Fields by name, read as what they should be; a missing one fails the test.
package protocol VectorFields {
    var fields: [String: VectorValue] { get }
}

/// The inputs of a case, or an object among them.
package struct VectorInput: VectorFields, Sendable {
    package let fields: [String: VectorValue]

    package init(_ fields: [String: VectorValue]) { self.fields = fields }
}

extension VectorFields {
    /// Whether there is a field of this name.
    package func has(_ key: String) -> Bool { self.fields[key] != nil }

    /// Whether a field says yes; an absent one does not.
    package func isTrue(_ key: String) -> Bool { self.fields[key] == .truth(true) }

    /// An input that is an object.
    package func object(_ key: String) throws -> VectorInput {
        guard case .object(let fields)? = self.fields[key] else { throw VectorError(description: "no object \(key)") }
        return VectorInput(fields)
    }

    /// An input that is a list of objects.
    package func objects(_ key: String) throws -> [VectorInput] {
        guard case .list(let values)? = self.fields[key] else { throw VectorError(description: "no list \(key)") }
        return try values.map {
            guard case .object(let fields) = $0 else { throw VectorError(description: "no list of objects \(key)") }
            return VectorInput(fields)
        }
    }

    /// An input of hexadecimal digits, nil for an absent or empty one.
    package func optionalBytes(_ key: String) throws -> [UInt8]? {
        guard self.has(key) else { return nil }
        let bytes = try self.bytes(key)
        return bytes.isEmpty ? nil : bytes
    }

    /// An input of hexadecimal digits.
    package func bytes(_ key: String) throws -> [UInt8] { try Self.bytes(self.text(key), key) }

    /// An input that is a list of hexadecimal digits.
    package func bytesList(_ key: String) throws -> [[UInt8]] {
        try self.texts(key).map { try Self.bytes($0, key) }
    }

    /// An input that is text.
    package func text(_ key: String) throws -> String {
        guard case .text(let text)? = self.fields[key] else { throw VectorError(description: "no text \(key)") }
        return text
    }

    /// An input that is a list of texts.
    package func texts(_ key: String) throws -> [String] {
        guard case .list(let values)? = self.fields[key] else { throw VectorError(description: "no list \(key)") }
        return try values.map {
            guard case .text(let text) = $0 else { throw VectorError(description: "no list of texts \(key)") }
            return text
        }
    }

    /// An input that is a number, nil for `null`.
    package func optionalNumber(_ key: String) throws -> UInt64? {
        if self.fields[key] == .null { return nil }
        guard case .number(let number)? = self.fields[key] else { throw VectorError(description: "no number \(key)") }
        return number
    }

    /// An input that is a number of this type.
    package func number<Integer: FixedWidthInteger>(_ key: String) throws -> Integer {
        guard let number = try self.optionalNumber(key), let exact = Integer(exactly: number) else {
            throw VectorError(description: "\(key) is out of range")
        }
        return exact
    }

    fileprivate static func bytes(_ hex: String, _ key: String) throws -> [UInt8] {
        guard let bytes = [UInt8](hex: hex) else { throw VectorError(description: "\(key) is not hexadecimal") }
        return bytes
    }
}
