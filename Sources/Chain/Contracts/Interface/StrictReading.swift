internal import CanonicalBytes
internal import Certificates

extension CanonicalReader {
    /// Takes a 32-byte digest or identifier.
    mutating func hash() throws(ProtocolFailure) -> [UInt8] { try self.take(32) }

    /// Takes one byte that is 0 or 1.
    mutating func flag() throws(ProtocolFailure) -> Bool {
        let byte = try self.u8()
        try require(byte <= 1, .format, "a flag is 0 or 1")
        return byte == 1
    }

    /// Takes the name of a party in its one spelling.
    mutating func partyName() throws(ProtocolFailure) -> PartyName {
        let text = try self.text()
        guard let name = PartyName(text), name.description.utf8.elementsEqual(text.utf8) else {
            throw ProtocolFailure(.format, "not the name of a party")
        }
        return name
    }

    /// Takes a word of the characters `A-Z a-z 0-9 _ . -`.
    mutating func word(_ lengths: ClosedRange<Int>) throws(ProtocolFailure) -> String {
        let text = try self.text()
        let isWord = lengths.contains(text.utf8.count) && text.utf8.allSatisfy(Word.isCharacter)
        try require(isWord, .format, "a word of \(lengths) characters A-Z a-z 0-9 _ . -")
        return text
    }

    /// Takes `u16 n × length bytes`, strictly ascending.
    mutating func ascending(
        _ counts: ClosedRange<Int>,
        length: Int
    ) throws(ProtocolFailure) -> [[UInt8]] {
        let count = Int(try self.u16())
        try require(counts.contains(count), .format, "a list of \(count) items, not \(counts)")
        var items: [[UInt8]] = []
        items.reserveCapacity(count)
        for _ in 0..<count {
            let item = try self.take(length)
            if let last = items.last {
                try require(last.lexicographicallyPrecedes(item), .format, "a list that does not ascend")
            }
            items.append(item)
        }
        return items
    }

    /// Takes `u16 n × LP(party)`.
    mutating func partyNames(_ counts: ClosedRange<Int>) throws(ProtocolFailure) -> [PartyName] {
        let count = Int(try self.u16())
        try require(counts.contains(count), .format, "a list of \(count) parties, not \(counts)")
        var names: [PartyName] = []
        for _ in 0..<count { names.append(try self.partyName()) }
        return names
    }
}

extension CanonicalWriter {
    mutating func flag(_ value: Bool) { self.u8(value ? 1 : 0) }

    mutating func party(_ name: PartyName) { self.lengthPrefixed(name.description) }

    /// `u16 n × bytes`.
    mutating func list(_ items: [[UInt8]]) {
        self.u16(UInt16(truncatingIfNeeded: items.count))
        for item in items { self.raw(item) }
    }

    /// `u16 n × LP(party)`.
    mutating func parties(_ names: [PartyName]) {
        self.u16(UInt16(truncatingIfNeeded: names.count))
        for name in names { self.party(name) }
    }
}

/// The alphabet of names.
enum Word {
    static func isCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

extension String {
    /// Whether both texts are the same bytes: `==` equates different ones.
    func isSame(as other: String) -> Bool {
        // The lengths are known, and differ most of the time.
        self.utf8.count == other.utf8.count && self.utf8.elementsEqual(other.utf8)
    }
}
