/// How large a payload may be; every decoder of textual and self-describing formats enforces these.
///
/// A bedside message is a few hundred bytes, a batch some kilobytes, a strip of waveforms tens of kilobytes:
/// what is larger is a mistake or an attack, and ends in the dead-letter table.
package enum PayloadBounds {
    /// Most bytes of a payload as it came from the broker.
    package static let payloadBytesMax = 1 << 20
    /// Most bytes that ``Wrapping/unwrap(_:outputBytesMax:)`` makes of a payload.
    package static let unwrappedBytesMax = 8 << 20
    /// Most columns of delimited text.
    package static let columnsMax = 1_024
    /// Most rows of delimited text.
    package static let rowsMax = 65_536

    /// Refuses an empty payload and one above `bytesMax`.
    static func check(_ bytes: UnsafeRawBufferPointer, bytesMax: Int) throws(DecodeFailure) {
        guard bytes.count <= bytesMax else {
            throw DecodeFailure(.tooLarge, "the payload has \(bytes.count) bytes; the limit is \(bytesMax)")
        }
        guard !bytes.isEmpty else { throw DecodeFailure(.truncated, "the payload is empty", offset: 0) }
    }
}
