/// Why the ledger's storage refuses.
package enum LedgerStoreFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The disk failed while reading, writing or synchronizing.
    ///
    /// After a failed write the process must end: the page cache may have dropped what it could not write, so that
    /// trying again would report success for bytes that are gone.
    case ioError(String)
    /// No room; nothing that was promised is touched, and the same call works once there is room.
    case diskFull(String)
    /// Stored bytes are not what was written, in a place that no crash explains.
    ///
    /// - Parameters:
    ///   - file: the path.
    ///   - offset: bytes before the damage.
    ///   - remedy: what the operator does.
    case corrupt(file: String, offset: Int, reason: String, remedy: String)
    /// The files belong to another program, another release or another store.
    case foreign(String)
    /// Another process uses the directory.
    case locked(String)
    /// Blocks below `earliest` have been pruned.
    case pruned(earliest: UInt64)
    /// The caller appends or applies a height that is not the next one, or something too large.
    case refused(String)

    package var description: String {
        switch self {
        case .ioError(let text), .foreign(let text), .locked(let text), .refused(let text): text
        case .diskFull(let path): "the disk that holds \(path) is full"
        case .corrupt(let file, let offset, let reason, let remedy):
            "\(file) is damaged at byte \(offset): \(reason); \(remedy)"
        case .pruned(let earliest): "blocks below \(earliest) have been pruned"
        }
    }
}
