package import CanonicalBytes

/// Numbers by service: `StringUint64Map`, 1 repeated string keys, 2 repeated uint64 vals, two lists of one length.
///
/// The order of the entries is the sender's, and is kept.
package struct ServiceIndices: WireMessage {
    package struct Entry: Hashable, Sendable {
        /// A full name of a service, ``ServiceID``.
        package let service: String
        package let index: UInt64

        package init(service: String, index: UInt64) {
            self.service = service
            self.index = index
        }
    }

    /// At most ``IBTPLimits/groupMembersMax``, no service twice.
    package let entries: [Entry]

    /// - Throws: `FORMAT` for too many entries; `DUPLICATE` for a service that occurs twice.
    package init(_ entries: [Entry]) throws(ProtocolFailure) {
        try require(entries.count <= IBTPLimits.groupMembersMax, .format, "\(entries.count) services")
        let names = entries.map { Array($0.service.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
        try require(!zip(names, names.dropFirst()).contains { $0 == $1 }, .duplicate, "a service occurs twice")
        self.entries = entries
    }

    /// The number of a service; nil when it is not named.
    package subscript(service: String) -> UInt64? {
        self.entries.first { $0.service.utf8.elementsEqual(service.utf8) }?.index
    }

    /// The entries, ascending by the bytes of the service's name.
    package var sorted: [Entry] {
        self.entries.sorted { $0.service.utf8.lexicographicallyPrecedes($1.service.utf8) }
    }

    package var bytes: [UInt8] {
        var writer = WireWriter()
        for entry in self.entries { writer.element(1, Array(entry.service.utf8)) }
        writer.packed(2, self.entries.map(\.index))
        return writer.bytes
    }

    package init(reading bytes: ArraySlice<UInt8>) throws(ProtocolFailure) {
        var keys: [String] = []
        var values: [UInt64] = []
        let countMax = IBTPLimits.groupMembersMax
        var reader = WireReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: keys.append(try field.text(atMost: ServiceID.bytesMax))
            case 2: values += try field.numbers(atMost: countMax)
            default: break
            }
            try require(max(keys.count, values.count) <= countMax, .format, "more than \(countMax) services")
        }
        try require(keys.count == values.count, .format, "\(keys.count) services and \(values.count) numbers")
        try self.init(zip(keys, values).map { Entry(service: $0, index: $1) })
    }
}
