internal import Certificates
internal import Credentials
internal import SecureHTTP

/// What the agent has to watch on its own machine: room, and the certificate that it delivers with.
struct AgentRoom: Sendable {
    /// Of the state directory; nil when it cannot be asked.
    var disk: DiskRoom?
    /// What inbox and spool may occupy, bytes.
    var bytesMax: Int64
    /// When the first certificate of the uplink's identity ends, seconds since 1970; nil without an uplink.
    var certificateEnds: UInt64?
}

/// Looks at the agent's machine for ``AgentRoom``.
struct AgentRoomWatch: Sendable {
    private let directory: String
    private let bytesMax: Int64
    private let identity: IdentityWatch?

    /// - Throws: ``CredentialsError`` when the uplink's identity cannot be read.
    init(_ configuration: AgentConfiguration) throws {
        self.directory = configuration.stateDirectory
        self.bytesMax = Int64(configuration.storage.bytesMax)
        self.identity = try configuration.uplink.map {
            IdentityWatch(try Identity.load(directory: $0.identityDirectory))
        }
    }

    var room: AgentRoom {
        let own = self.identity?.current
        return AgentRoom(
            disk: DiskRoom(of: self.directory),
            bytesMax: self.bytesMax,
            certificateEnds: own.map { min($0.certificate.fields.notAfter, $0.peer.notAfter) }
        )
    }
}

extension AgentStatus {
    /// The series of room and certificate.
    func writeRoom(_ out: inout PrometheusText) {
        guard let room = self.room else { return }
        out.write(
            "wardline_spool_bytes_max",
            .gauge,
            "What inbox and spool may occupy together; the inbox stops an eighth below it.",
            room.bytesMax
        )
        if let disk = room.disk {
            out.write(DiskRoom.freeName, .gauge, DiskRoom.freeHelp, disk.freeBytes)
            out.write(DiskRoom.sizeName, .gauge, DiskRoom.sizeHelp, disk.sizeBytes)
        }
        if let ends = room.certificateEnds {
            out.write(
                "wardline_certificate_expires_seconds",
                .gauge,
                "When the first of the own certificates ends, Unix time.",
                ends
            )
        }
    }
}
