internal import CanonicalBytes

/// A small file beside the log's folder that tells a log that never was from one that was lost (rule W12).
///
/// It also outlives the restart: a lost log stays lost until the caller says that silence has ended.
struct LogMarker: Equatable {
    /// The log's random name, which its segments carry.
    let identity: [UInt8]
    /// The number of a segment that the log has had; an older copy of the log has only lower ones.
    let number: UInt64
    /// Whether votes may have been sent that the log no longer holds.
    let isLost: Bool

    var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 33)
        writer.magic("WLM1")
        writer.raw(self.identity)
        writer.u64(self.number)
        writer.u8(self.isLost ? 1 : 0)
        writer.u32(Checksum.of(writer.bytes))
        return writer.bytes
    }

    /// Reads the marker; nil when there is none.
    static func read(_ path: String, exists: Bool) throws(LedgerStoreFailure) -> LogMarker? {
        guard exists else { return nil }
        let bytes = try DiskFile(path, .read).read(64, at: 0)
        var input = CanonicalReader(bytes)
        do throws(ProtocolFailure) {
            try input.magic("WLM1")
            let marker = LogMarker(identity: try input.take(16), number: try input.u64(), isLost: try input.u8() == 1)
            try require(marker.bytes == bytes, .format, "not canonical")
            return marker
        } catch {
            throw .corrupt(
                file: path,
                offset: 0,
                reason: "this is no marker of a log",
                remedy: "delete it together with the log's folder; the validator then stays silent until it is safe"
            )
        }
    }
}
