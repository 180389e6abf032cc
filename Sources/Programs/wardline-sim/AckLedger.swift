import ArgumentParser
import Glibc

/// A file with one line for each message that the broker has acknowledged.
///
/// Lines gather in memory while one round of the network loop handles acknowledgements and reach the file at its end.
final class AckLedger {
    private let file: Int32
    private var pending: [UInt8] = []

    /// Appends to the file at `path`, made if it is not there.
    init(path: String) throws {
        file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw ValidationError("\(path): \(String(cString: strerror(errno)))") }
    }

    deinit { close(file) }

    func append(_ message: SentMessage) {
        guard !message.isMovement else { return }
        let kind = message.isBroken ? "broken" : message.dialect.rawValue
        pending.append(contentsOf: "\(message.bed) \(message.serial) \(message.sequence) \(kind)\n".utf8)
    }

    /// Writes what has gathered; false when the file refuses it.
    func flush() -> Bool {
        var written = 0
        while written < pending.count {
            let count = pending[written...].withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { return false }
            written += count
        }
        pending.removeAll(keepingCapacity: true)
        return true
    }
}

/// What the ledger needs to know of a message on its way.
struct SentMessage {
    let bed: Int
    let serial: String
    let sequence: Int
    let dialect: Dialect
    let isBroken: Bool
    /// An ADT message; the ledger is about measurements.
    var isMovement = false
}
