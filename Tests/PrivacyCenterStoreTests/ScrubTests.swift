import Foundation
import Records
import Testing

@testable import PrivacyCenterStore

@Suite struct ScrubTests {
    private func filled(_ backend: Backend) async throws -> TestStore {
        let test = try backend.makeStore()
        try await test.enrol()
        _ = try await test.store.append(Sample.envelopes(0..<70))
        for number in 1...3 as ClosedRange<UInt8> { _ = try await test.store.putRekey(Sample.rekey(number)) }
        _ = try await test.store.revokeRekey(Sample.grant(2))
        _ = try await test.store.useNonce([1, 2, 3], grant: Sample.grant(1), at: 77)
        return test
    }

    @Test("a whole store has no findings, and everything in it was looked at", arguments: Backend.allCases)
    func clean(backend: Backend) async throws {
        let test = try await self.filled(backend)
        let progress = Recorder()
        let report = try await test.store.scrub(digest: Sample.h1) { progress.add($0) }
        #expect(report.findings == [] && report.isClean)
        #expect(report.envelopes == 70 && report.envelopeBytes == 21_000)
        #expect(report.nodes == 70 + 35 + 17 + 8 + 4 + 2 + 1)
        #expect(report.certificates == 2 && report.rekeys == 3 && report.nonces == 1)
        #expect(backend == .postgreSQL || report.pages > 10)
        #expect(progress.events.contains(.progress(place: "envelope", done: 70, total: 70)))
    }

    @Test(
        "every changed column and every added or missing row is found",
        arguments: Backend.allCases,
        [
            "UPDATE envelope SET received_ms = received_ms + 1 WHERE leaf_index = 5",
            "UPDATE envelope SET created_s = created_s + 1 WHERE leaf_index = 5",
            "UPDATE envelope SET sequence = 1000 WHERE leaf_index = 5",
            "UPDATE envelope SET scope = sender WHERE leaf_index = 5",
            "UPDATE envelope SET sender = scope WHERE leaf_index = 5",
            "UPDATE envelope SET h1 = scope WHERE leaf_index = 5",
            "UPDATE envelope SET bytes = (SELECT bytes FROM envelope WHERE leaf_index = 6) WHERE leaf_index = 5",
            "UPDATE envelope SET checksum = scope WHERE leaf_index = 5",
            "UPDATE envelope SET leaf_index = 70 WHERE leaf_index = 69",
            "DELETE FROM envelope WHERE leaf_index = 5",
            "DELETE FROM envelope WHERE leaf_index = 69",
            "DELETE FROM node WHERE level = 0 AND position = 5",
            "DELETE FROM node WHERE level = 6",
            "UPDATE node SET hash = (SELECT scope FROM envelope WHERE leaf_index = 1) WHERE level = 3 AND position = 2",
            "INSERT INTO node SELECT 5, 7, hash FROM node WHERE level = 0 AND position = 0",
            "UPDATE tally SET count = 69 WHERE id = 1",
            "UPDATE tally SET bytes = bytes + 1 WHERE id = 1",
            "UPDATE tally SET digest = checksum WHERE id = 1",
            "DELETE FROM tally WHERE id = 2",
            "UPDATE certificate SET bytes = digest",
            "DELETE FROM certificate",
            "UPDATE rekey SET revoked = 0",
            "UPDATE rekey SET not_after = not_after + 1",
            "UPDATE rekey SET not_before = not_before + 1",
            "UPDATE rekey SET share_index = share_index + 1",
            "UPDATE rekey SET descriptor = grant_bytes",
            "UPDATE rekey SET sealed_share = grant_bytes",
            "UPDATE rekey SET grant_bytes = descriptor",
            "UPDATE rekey SET receiver = owner",
            "UPDATE rekey SET owner = receiver",
            "UPDATE rekey SET scope = owner",
            "DELETE FROM rekey WHERE share_index = 3",
            "UPDATE nonce SET used_ms = 78",
            "UPDATE nonce SET nonce = grant_digest",
            "UPDATE meta SET value = checksum WHERE name = 'schema_version'",
            "DELETE FROM meta",
        ]
    )
    func tampering(backend: Backend, sql: String) async throws {
        let test = try await self.filled(backend)
        try test.tamper(sql)
        let report = try await test.scrub()
        #expect(!report.isClean, "\(sql)")
    }

    @Test("an envelope that was taken away is named, and nothing that is whole is", arguments: Backend.allCases)
    func droppedEnvelope(backend: Backend) async throws {
        let test = try await self.filled(backend)
        try test.tamper("DELETE FROM envelope WHERE leaf_index = 41")
        let findings = try await test.scrub().findings
        #expect(findings.contains(ScrubFinding(place: "envelope", key: "leaf 41", problem: "the row is missing")))
        #expect(findings.allSatisfy { $0.place == "envelope" })
        #expect(try await test.store.envelope(Sample.envelope(41).h1) == nil)
    }

    @Test("a scrub says which envelope does not have its digest", arguments: Backend.allCases)
    func wrongBytes(backend: Backend) async throws {
        let test = try await self.filled(backend)
        try test.tamper(
            "UPDATE envelope SET bytes = (SELECT bytes FROM envelope WHERE leaf_index = 6) WHERE leaf_index = 5"
        )
        let finding = try #require(try await test.scrub().findings.first)
        #expect(finding.place == "envelope" && finding.key == "leaf 5")
        #expect(finding.problem.hasPrefix("the bytes do not have the digest"))
    }

    @Test("a scrub runs while envelopes are appended", arguments: Backend.allCases)
    func beside(backend: Backend) async throws {
        let test = try await self.filled(backend)
        async let report = test.scrub()
        for number in 100..<140 as Range<UInt64> { _ = try await test.store.append([Sample.envelope(number)]) }
        #expect(try await report.findings == [])
        #expect(try await test.scrub().envelopes == 110)
    }

    @Test("an index that differs from its table is found by PostgreSQL's own check")
    func amcheck() async throws {
        let test = try await self.filled(.postgreSQL)
        let before = try await test.scrub()
        #expect(before.notes.contains { $0.contains("amcheck") } || before.isClean)
        let server = try PostgreSQLServer.shared.get()
        try PostgreSQLConnection(ConnectionString(server.connection)).command(
            "CREATE EXTENSION IF NOT EXISTS amcheck SCHEMA public"
        )
        let after = try await test.scrub()
        #expect(after.findings == [])
        #expect(!after.notes.contains { $0.contains("amcheck") })
    }
}

/// Collects what a scrub reports from its thread.
final class Recorder: @unchecked Sendable {
    private let lock = NSLock()
    private var recorded: [ScrubEvent] = []

    var events: [ScrubEvent] { self.lock.withLock { self.recorded } }

    func add(_ event: ScrubEvent) { self.lock.withLock { self.recorded.append(event) } }
}
