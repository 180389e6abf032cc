package import CanonicalBytes

/// One record of an envelope's batch.
package struct EnvelopeRecord: Sendable, Hashable {
    /// The type of a record that only fills the batch to a size; receivers drop it (specification section 5.2).
    package static let paddingType = "wardline.pad"

    package let id: String
    package let type: String
    /// Milliseconds since 1970.
    package let time: UInt64
    package let data: [UInt8]

    package init(id: String, type: String, time: UInt64, data: [UInt8]) {
        self.id = id
        self.type = type
        self.time = time
        self.data = data
    }

    package var isPadding: Bool { self.type.utf8.elementsEqual(Self.paddingType.utf8) }
}

/// The plaintext of an envelope: `"WLB1" || u32 n || records`.
package enum RecordBatch {
    /// - Throws: `FORMAT` for no records.
    package static func encode(_ records: [EnvelopeRecord]) throws(ProtocolFailure) -> [UInt8] {
        try require(!records.isEmpty, .format, "a batch without records")
        let length = records.reduce(8) { $0 + 20 + $1.id.utf8.count + $1.type.utf8.count + $1.data.count }
        var writer = CanonicalWriter(capacity: length)
        writer.magic("WLB1")
        writer.u32(UInt32(records.count))
        for record in records {
            writer.lengthPrefixed(record.id)
            writer.lengthPrefixed(record.type)
            writer.u64(record.time)
            writer.lengthPrefixed(record.data)
        }
        return writer.bytes
    }

    /// - Throws: `FORMAT`.
    package static func parse(_ bytes: [UInt8]) throws(ProtocolFailure) -> [EnvelopeRecord] {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLB1")
        let count = try reader.u32()
        try require(count >= 1, .format, "a batch without records")
        // Every record takes 20 bytes at least, so a count that lies ends the loop by running out of bytes.
        var records: [EnvelopeRecord] = []
        for _ in 0..<count {
            records.append(
                EnvelopeRecord(
                    id: try reader.text(),
                    type: try reader.text(),
                    time: try reader.u64(),
                    data: try reader.lengthPrefixed()
                )
            )
        }
        try reader.finish()
        return records
    }
}
