/// Why a store did not do what it was asked; nothing was written unless said so.
package enum StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Too much is waiting already; the same call works later.
    case busy
    /// Another process has the store open.
    case inUse(String)
    /// The disk has no room.
    case diskFull
    /// The database does not answer, or the disk does not work; after a write its outcome may be unknown.
    case unavailable(String)
    /// Stored content is not what was written.
    case damaged(String)
    /// The store was written by a later release.
    case newerSchema(found: Int64, supported: Int64)
    /// A restore goes into an empty store only.
    case notEmpty(String)
    /// The store is set up in a way that would break a promise; the text says what to change.
    case unsuitable(String)
    /// The caller gave something that the store does not take.
    case invalid(String)
    /// The store was closed.
    case closed
    /// The call was cancelled.
    case cancelled
    /// The database refused a statement; the text holds no stored values.
    case failed(String)

    package var description: String {
        switch self {
        case .busy: "the store is busy; try again later"
        case .inUse(let place): "another process has the store \(place) open"
        case .diskFull: "the disk that holds the store is full"
        case .newerSchema(let found, let supported):
            "the store has schema \(found), this release knows \(supported); install the newer release"
        case .closed: "the store is closed"
        case .cancelled: "the call was cancelled"
        case .unavailable(let text), .damaged(let text), .notEmpty(let text), .unsuitable(let text), .invalid(let text),
            .failed(let text):
            text
        }
    }
}
