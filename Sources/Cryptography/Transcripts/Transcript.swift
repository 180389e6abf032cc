internal import CanonicalBytes

/// `T(f1, …, fk)`: every field behind its length (specification section 1.1).
package func transcript(_ fields: [UInt8]...) -> [UInt8] { transcript(fields) }

/// `T` of a list of fields.
package func transcript(_ fields: [[UInt8]]) -> [UInt8] {
    var writer = CanonicalWriter(capacity: fields.reduce(0) { $0 + 4 + $1.count })
    for field in fields { writer.lengthPrefixed(field) }
    return writer.bytes
}

/// `DST(tag)`: the domain separation tag of one use of a hash (specification section 1.3).
package func domainSeparationTag(_ tag: String) -> [UInt8] {
    let prefix: StaticString = "WARDLINE-V1-"
    var bytes: [UInt8] = []
    bytes.reserveCapacity(prefix.utf8CodeUnitCount + tag.utf8.count + 1)
    prefix.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: tag.utf8)
    return bytes
}
