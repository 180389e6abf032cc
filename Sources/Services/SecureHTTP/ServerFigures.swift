internal import Certificates
internal import Credentials
@preconcurrency internal import Glibc

/// What a server says of itself in `/metrics`, whatever its role: how long its certificate and its revocation list are good, and
/// how much room its disk has.
struct ServerFigures: Sendable {
    let identity: IdentityWatch
    let revocations: RevocationStore?
    /// Where the role keeps its data; nil for one that keeps none on this machine.
    let directory: String?

    /// Prometheus text exposition, format 0.0.4.
    var text: String {
        let own = self.identity.current
        var text = Self.gauge(
            "wardline_certificate_expires_seconds",
            "When the first of the own certificates ends, Unix time.",
            min(own.certificate.fields.notAfter, own.peer.notAfter)
        )
        if let revocations = self.revocations {
            text += Self.gauge(
                "wardline_revocations_next_update_seconds",
                "When a newer revocation list is due, Unix time; 0 without a list.",
                revocations.current?.nextUpdate ?? 0
            )
        }
        guard let room = self.directory.flatMap(DiskRoom.init(of:)) else { return text }
        return text
            + Self.gauge(DiskRoom.freeName, DiskRoom.freeHelp, room.freeBytes)
            + Self.gauge(DiskRoom.sizeName, DiskRoom.sizeHelp, room.sizeBytes)
    }

    private static func gauge(_ name: String, _ help: String, _ value: UInt64) -> String {
        "# HELP \(name) \(help)\n# TYPE \(name) gauge\n\(name) \(value)\n"
    }
}

/// The room on the file system of a directory, in bytes.
package struct DiskRoom: Sendable, Equatable {
    package static let freeName = "wardline_disk_free_bytes"
    package static let freeHelp = "Bytes that the service may still write to the disk of its data."
    package static let sizeName = "wardline_disk_size_bytes"
    package static let sizeHelp = "Size of the disk of its data."

    /// What an unprivileged process may still write.
    package var freeBytes: UInt64
    package var sizeBytes: UInt64

    package init(freeBytes: UInt64, sizeBytes: UInt64) {
        self.freeBytes = freeBytes
        self.sizeBytes = sizeBytes
    }

    /// - Returns: nil while there is no such directory.
    package init?(of directory: String) {
        var status = statvfs()
        guard statvfs(directory, &status) == 0 else { return nil }
        self.freeBytes = UInt64(status.f_bavail) * UInt64(status.f_frsize)
        self.sizeBytes = UInt64(status.f_blocks) * UInt64(status.f_frsize)
    }
}
