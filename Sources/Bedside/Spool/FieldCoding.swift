/// Writes length-prefixed fields: the plaintext of small sealed rows.
struct FieldWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ value: Int64) {
        for shift in stride(from: 0, to: 64, by: 8) {
            self.bytes.append(UInt8(truncatingIfNeeded: value >> Int64(shift)))
        }
    }

    mutating func write(_ field: some Collection<UInt8>) {
        self.write(Int64(field.count))
        self.bytes.append(contentsOf: field)
    }

    mutating func write(_ text: String) { self.write(text.utf8) }
}

/// Reads what ``FieldWriter`` wrote; nil where the bytes end early.
struct FieldReader {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func integer() -> Int64? {
        guard self.bytes.count - self.offset >= 8 else { return nil }
        var value: Int64 = 0
        for index in 0..<8 { value |= Int64(self.bytes[self.offset + index]) << Int64(8 * index) }
        self.offset += 8
        return value
    }

    mutating func field() -> [UInt8]? {
        guard let count = self.integer(), count >= 0, count <= Int64(self.bytes.count - self.offset) else { return nil }
        defer { self.offset += Int(count) }
        return [UInt8](self.bytes[self.offset..<self.offset + Int(count)])
    }

    mutating func text() -> String? { self.field().map { String(decoding: $0, as: UTF8.self) } }
}
