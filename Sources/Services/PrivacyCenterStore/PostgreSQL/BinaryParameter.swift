/// A parameter in PostgreSQL's binary format: its type and its bytes.
struct BinaryParameter {
    /// Object identifiers of built-in types, which never change.
    enum TypeID {
        static let bytea: UInt32 = 17
        static let int8: UInt32 = 20
        static let byteaArray: UInt32 = 1001
        static let int8Array: UInt32 = 1016
    }

    let type: UInt32
    let bytes: [UInt8]

    init(_ value: SQLValue) {
        switch value {
        case .integer(let number): (self.type, self.bytes) = (TypeID.int8, Self.bytes(of: number))
        case .blob(let bytes): (self.type, self.bytes) = (TypeID.bytea, bytes)
        case .text, .null: preconditionFailure("the store binds integers and bytes only")
        }
    }

    /// A column of rows of parameters; all its values have one type.
    init(column: Int, of rows: [[SQLValue]]) {
        let isInteger = if case .integer? = rows.first?[column] { true } else { false }
        var bytes: [UInt8] = []
        bytes.append(bigEndian: 1)  // dimensions
        bytes.append(bigEndian: 0)  // no nulls
        bytes.append(bigEndian: isInteger ? TypeID.int8 : TypeID.bytea)
        bytes.append(bigEndian: UInt32(rows.count))
        bytes.append(bigEndian: 1)  // first index
        for row in rows {
            let element = BinaryParameter(row[column]).bytes
            bytes.append(bigEndian: UInt32(element.count))
            bytes.append(contentsOf: element)
        }
        self.type = isInteger ? TypeID.int8Array : TypeID.byteaArray
        self.bytes = bytes
    }

    /// Reads a value of a binary result; types that the store does not ask for come as text.
    static func value(type: UInt32, _ bytes: UnsafeRawBufferPointer) -> SQLValue {
        switch (type, bytes.count) {
        case (TypeID.int8, 8): .integer(Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)))
        case (23, 4): .integer(Int64(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self))))
        case (TypeID.bytea, _): .blob(Array(bytes))
        default: .text(Array(bytes))
        }
    }

    private static func bytes(of number: Int64) -> [UInt8] {
        Swift.withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}
