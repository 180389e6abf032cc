/// The kinds of damage that `--broken-every` deals out in turn.
enum BrokenPayload {
    /// Damage number `turn` for a message that would have been `good`.
    static func damage(_ good: [UInt8], dialect: Dialect, turn: Int) -> [UInt8] {
        switch (turn % 3, dialect) {
        case (1, _): [0xFF, 0xFE, 0x00, 0x80, 0xC1]
        // Half a line of CSV, half an HL7 message or half a number can still be read; half a JSON text cannot.
        case (2, .json), (2, .senml): Array(good.prefix(good.count / 2))
        default: Array("ERROR 17: module not ready".utf8)
        }
    }
}
