/// The head of a data item: major type, additional information and argument (RFC 8949 §3).
struct CBORHead {
    /// The eight kinds of data item (RFC 8949 §3.1).
    enum Major: UInt8 {
        case unsigned, negative, bytes, text, array, map, tag, simple
    }

    let major: Major
    /// The low five bits; for ``Major/simple`` they say how wide the argument is.
    let info: UInt8
    let argument: UInt64

    /// Whether the length is indefinite, or for ``Major/simple`` whether this is the "break".
    var isIndefinite: Bool { self.info == 31 }
}

extension CBORReader {
    /// Reads a head.
    mutating func head() throws(DecodeFailure) -> CBORHead {
        guard self.position < self.bytes.count else { throw self.truncated() }
        let initial = self.bytes[self.position]
        let info = initial & 0x1F
        guard let major = CBORHead.Major(rawValue: initial >> 5), info < 28 || info == 31 else {
            throw DecodeFailure(.malformed, "reserved additional information", offset: self.position)
        }
        if info == 31, major == .unsigned || major == .negative || major == .tag {
            throw DecodeFailure(.malformed, "an integer or tag has no indefinite length", offset: self.position)
        }
        self.position += 1
        guard info >= 24, info < 28 else {
            return CBORHead(major: major, info: info, argument: info < 24 ? UInt64(info) : 0)
        }
        let width = 1 << Int(info - 24)
        guard self.remaining >= width else { throw self.truncated() }
        var argument: UInt64 = 0
        for offset in 0..<width { argument = argument << 8 | UInt64(self.bytes[self.position + offset]) }
        self.position += width
        return CBORHead(major: major, info: info, argument: argument)
    }

    /// How many bytes are left.
    var remaining: Int { self.bytes.count - self.position }

    /// Takes the "break" that ends an indefinite length, if it is next (RFC 8949 §3.2.1).
    mutating func skipBreak() throws(DecodeFailure) -> Bool {
        guard self.position < self.bytes.count else { throw self.truncated() }
        guard self.bytes[self.position] == 0xFF else { return false }
        self.position += 1
        return true
    }

    /// Checks a count of things that take at least `bytesEach` bytes each, before anything is done about them.
    func count(_ head: CBORHead, bytesEach: Int) throws(DecodeFailure) -> Int {
        guard head.argument <= UInt64(self.remaining / bytesEach) else { throw self.truncated() }
        return Int(head.argument)
    }

    func truncated() -> DecodeFailure {
        DecodeFailure(.truncated, "the payload ends within a data item", offset: self.bytes.count)
    }
}
