import DeviceProfiles
import Foundation
import Normalization
import Records
import Spool

@testable import Agent

/// A gateway that reads ADT messages, deleted with the test.
final class MovementSite: Sendable {
    /// 2026-11-21T06:00:00Z, minutes since 1970.
    static let start = TestSite.start / 60_000_000_000

    let folder: String
    let configuration: AgentConfiguration

    /// - Parameters:
    ///   - retentionDays: of movements.
    ///   - extra: further lines of the configuration.
    /// - Throws: when the folder cannot be made or the configuration is refused.
    init(retentionDays: Int = 30, extra: String = "") throws {
        self.folder = NSTemporaryDirectory() + "movements-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: "\(self.folder)/devices",
            withIntermediateDirectories: true
        )
        try MasterKey.generate(at: "\(self.folder)/spool.key")
        try MasterKey.generate(at: "\(self.folder)/pseudonym.key")
        try thermometer().write(
            toFile: "\(self.folder)/devices/thermometer.yaml",
            atomically: true,
            encoding: .utf8
        )
        self.configuration = try AgentConfiguration(
            parsing: """
                version: 1
                agent: {id: test}
                state_directory: \(self.folder)/state
                spool: {master_key_file: \(self.folder)/spool.key, bytes_max: 1GiB, free_bytes_min: 1MiB}
                devices: \(self.folder)/devices
                brokers: [{host: 127.0.0.1}]
                patients: {pseudonym_key_file: \(self.folder)/pseudonym.key}
                adt: {topics: ["hl7/adt/#"], time_zone: utc, retention_days: \(retentionDays)}
                \(extra)
                """,
            file: "agent.yaml"
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: self.folder) }

    func openStore() throws -> AgentStore { try AgentStore(configuration: self.configuration) }

    func processor(_ store: AgentStore) throws -> MessageProcessor {
        MessageProcessor(
            library: ProfileLibrary.load(directories: self.configuration.deviceDirectories).library,
            state: try store.decoderState(),
            normalizer: try store.normalizer(naming: self.configuration.patientNaming()),
            patients: try self.configuration.patientBook(store.spool)
        )
    }

    /// Stores messages, normalizes and commits them as the agent does; each burst is one batch.
    func ingest(_ bursts: [[Arrival]], _ store: AgentStore) throws {
        var processor = try self.processor(store)
        for arrivals in bursts {
            _ = try store.inbox.append(burst(arrivals))
            while let batch = try store.inbox.nextBatch(after: store.spool.cursor) {
                var output = NormalizedBatch()
                processor.process(batch.burst, batch: batch.id, into: &output)
                processor.writeMovements(to: &output)
                _ = try store.spool.commit(output)
                processor.movementsAreSaved()
            }
        }
    }

    func pseudonym(_ number: String) throws -> String {
        try PatientPseudonyms(keyFile: "\(self.folder)/pseudonym.key")
            .pseudonym(of: PatientIdentifier(assigner: "HOSP", recordNumber: number))
    }

    /// An ADT message at a minute after the start.
    static func adt(
        _ event: String,
        _ patient: String,
        minute: Int64,
        bed: String = "3",
        id: String? = nil,
        receivedMinute: Int64? = nil
    ) -> Arrival {
        let time = DateTime(nanosecondsSinceEpoch: (Self.start + minute) * 60_000_000_000).description
            .filter { $0.isNumber }.prefix(14)
        return Arrival(
            topic: "hl7/adt/his",
            payload: "MSH|^~\\&|HIS|HOSP|||\(time)||ADT^\(event)|\(id ?? "\(event)\(patient)\(minute)")|P|2.5\r"
                + "EVN||\(time)\rPID|||\(patient)^^^HOSP^MR||Doe^Jane\rPV1||I|7^^\(bed)\r",
            receivedAt: (Self.start + (receivedMinute ?? minute)) * 60_000_000_000
        )
    }

    /// A temperature in bed 7/3 at a minute after the start.
    static func reading(minute: Int64) -> Arrival {
        Arrival(receivedAt: (Self.start + minute) * 60_000_000_000)
    }
}
