internal import Certificates
internal import Credentials
internal import Foundation
internal import SecureHTTP

/// What `wardline node check --thorough` looks at around a node: its clock, its disks, and the servers that it is told of.
///
/// Not before each start: a server may start while another is away, and a full disk may be what is being mended.
package enum NodeSurroundings {
    /// Off by so much, and headers, permissions and certificates are judged wrongly.
    static let clockSecondsMax: UInt64 = 10
    /// Below this part of the disk something has to be done.
    static let freePartsMin = 0.1
    /// Bytes below which nothing lasts long, however large the disk is.
    static let freeBytesMin: UInt64 = 512 << 20

    /// Sentences about what is wrong and how to mend it.
    ///
    /// - Parameters:
    ///   - configuration: parsed.
    ///   - now: seconds since 1970.
    /// - Returns: the sentences, in the configuration's order; empty when everything answers and nothing is short.
    package static func problems(
        of configuration: NodeConfiguration,
        now: @Sendable () -> UInt64 = { UInt64(max(0, Date().timeIntervalSince1970)) }
    ) async -> [String] {
        var problems = configuration.dataDirectories.compactMap { place in
            self.disk(place.directory, place.field, DiskRoom(of: place.directory))
        }
        for place in configuration.identityDirectories {
            if let problem = await self.authority(of: place.directory, place.field, now) { problems.append(problem) }
        }
        for neighbour in configuration.neighbours {
            guard let why = await TCPProbe.failure(host: neighbour.host, port: neighbour.port) else { continue }
            problems.append(
                "\(neighbour.field): \(neighbour.host):\(neighbour.port) does not answer: \(why); check that it runs, its "
                    + "name, and the firewalls between"
            )
        }
        return problems
    }

    /// - Returns: nil when there is room, or no disk to ask.
    static func disk(_ directory: String, _ field: String, _ room: DiskRoom?) -> String? {
        guard let room else { return nil }
        let part = Double(room.freeBytes) / Double(max(1, room.sizeBytes))
        guard part < self.freePartsMin || room.freeBytes < self.freeBytesMin else { return nil }
        return
            "\(field): \(room.freeBytes >> 20) of \(room.sizeBytes >> 20) MiB are free on the disk of \(directory); make "
            + "room or move it"
    }

    /// Whether the authority answers, and whether both clocks agree.
    private static func authority(
        of directory: String,
        _ field: String,
        _ now: @Sendable () -> UInt64
    ) async -> String? {
        guard let identity = try? Identity.load(directory: directory) else { return nil }
        do {
            let before = now()
            let time = try await AuthorityClient(identity).use { client throws(CredentialsError) in
                try await client.time()
            }
            return time.flatMap { self.clock($0, between: before, and: now(), identity.record.authority) }
        } catch {
            return
                "\(field): the authority at \(identity.record.authority) does not answer: \(error); without it there are no "
                + "revocations and no new certificates"
        }
    }

    /// - Returns: nil when the authority's time lies between two looks at the own clock, give or take
    ///   ``clockSecondsMax``.
    static func clock(_ time: UInt64, between before: UInt64, and after: UInt64, _ authority: String) -> String? {
        if time + self.clockSecondsMax < before {
            return "clock: this machine is \(before - time) s ahead of the authority at \(authority); run NTP on both"
        }
        if time > after + self.clockSecondsMax {
            return "clock: this machine is \(time - after) s behind the authority at \(authority); run NTP on both"
        }
        return nil
    }
}
