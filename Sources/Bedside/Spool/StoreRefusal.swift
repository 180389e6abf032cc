internal import GRDB

/// Why the store did not take what it was given; nothing of it was written.
///
/// A refusal is not an end: the same call works again once there is room.
package enum StoreRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// The files together would exceed their limit.
    ///
    /// - Parameters:
    ///   - bytes: what inbox and spool occupy, write-ahead logs included.
    ///   - limit: what they may occupy.
    case full(bytes: Int64, limit: Int64)
    /// Open dead letters have reached their bound in number or bytes; replay or delete some.
    case deadLettersFull(letters: Int64, bytes: Int64)
    /// Open share requests have reached their bound in number or bytes; they leave when the chain answers.
    case shareRequestsFull(requests: Int64, bytes: Int64)
    /// The file system has no room, or less than the configured reserve.
    case diskFull
    /// The caller or the disk is at fault; the text says how and holds no patient data.
    case failed(String)

    package var description: String {
        switch self {
        case .full(let bytes, let limit):
            "the spool holds \(bytes) bytes and its limit is \(limit); raise spool.bytes_max or let the sinks catch up"
        case .deadLettersFull(let letters, let bytes):
            "\(letters) open dead letters (\(bytes) bytes) have reached their bound; replay or delete some"
        case .shareRequestsFull(let requests, let bytes):
            "\(requests) open share requests (\(bytes) bytes) have reached their bound; they leave when the chain answers"
        case .diskFull: "the disk that holds the spool is full"
        case .failed(let text): text
        }
    }
}

extension StoreRefusal {
    /// Translates what SQLite or our own code threw during a write.
    ///
    /// Free disk space is looked at, because SQLite reports some full disks as I/O errors.
    init(_ error: any Error, space: StoreSpace) {
        if let refusal = error as? StoreRefusal {
            self = refusal
        } else if let database = error as? DatabaseError {
            self = Self.refusal(of: database, space: space)
        } else {
            self = .failed(String(describing: error))
        }
    }

    private static func refusal(of error: DatabaseError, space: StoreSpace) -> StoreRefusal {
        switch error.resultCode {
        case .SQLITE_FULL: .diskFull
        case .SQLITE_IOERR where space.freeBytes < 1 << 20: .diskFull
        default: .failed("SQLite \(error.extendedResultCode.rawValue): \(error.message ?? "no message")")
        }
    }
}

/// What is wrong with a key file, a store's file or a question to it.
package enum SpoolError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The master key file cannot be used; the text says what to run.
    case keyFile(String)
    /// The master key does not open this file.
    case wrongMasterKey(file: String)
    /// The file was written by a later release.
    case newerSchema(file: String, found: Int64, supported: Int64)
    /// The file cannot be made durable or opened; the text says why.
    case unusable(String)
    /// A sealed row does not open: it was altered, moved, or damaged.
    case damagedRow(String)
    /// The row's epoch key has been destroyed on purpose.
    case keyDestroyed(epoch: Int64)

    package var description: String {
        switch self {
        case .keyFile(let text), .unusable(let text): text
        case .wrongMasterKey(let file):
            "the master key does not open \(file): it was made with another key; nothing was changed"
        case .newerSchema(let file, let found, let supported):
            "\(file) has schema \(found), this release knows \(supported); install the newer release"
        case .damagedRow(let row): "the sealed row \(row) does not open: it was altered, moved or damaged"
        case .keyDestroyed(let epoch): "the key of epoch \(epoch) has been destroyed; its rows cannot be read"
        }
    }
}
