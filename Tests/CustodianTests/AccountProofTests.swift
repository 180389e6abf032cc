import Bundles
import CanonicalBytes
import Testing

@testable import Custodian

@Suite struct AccountProofTests {
    private static let gateway = "ward:gateway:g1"
    private static let hour: Int64 = 498_000
    private static let zeros = [UInt8](repeating: 0, count: 32)

    private static func scope(_ label: String) -> RegisteredScope {
        RegisteredScope(label: label, epoch: 1, digest: self.zeros, descriptor: [], ownerCertificate: [], createdAt: 0)
    }

    private static func line(_ hour: Int64, _ observations: Int64, received: Int64? = nil) -> AccountRecord.Line {
        AccountRecord.Line(
            hour: hour,
            device: "M-1",
            received: received ?? observations,
            normalized: observations,
            deadLettered: 0,
            merged: 0,
            ignored: 0,
            observations: observations,
            late: 0
        )
    }

    private static func record(
        _ number: UInt64,
        after previous: AccountRecord? = nil,
        _ lines: [AccountRecord.Line]
    ) -> AccountRecord {
        let from = previous?.toHour ?? self.hour
        return AccountRecord(
            number: number,
            previous: previous?.digest ?? self.zeros,
            fromHour: from,
            toHour: from + 1,
            lines: lines
        )
    }

    /// An envelope with Observations of M-1, all of one message of an hour.
    private static func envelope(
        _ name: UInt8,
        _ hour: Int64,
        _ observations: Int,
        status: String = "final"
    ) throws -> OpenedEnvelope {
        let writer = try BundleWriter()
        let topic: [UInt8] = [1], payload: [UInt8] = [2]
        writer.beginMessage(
            topic: topic[...],
            payload: payload[...],
            receivedNs: hour * 3_600_000_000_000 + 5,
            flags: [],
            profile: Bundle.Profile(id: "p", version: "1.0.0")
        )
        for number in 0..<observations {
            let id = String(repeating: "\(number % 10)", count: 32)
            let hash = String(repeating: "a", count: 64)
            let json =
                #"{"resourceType":"Observation","id":"\#(id)","extension":[{"url":"urn:wardline:fhir:provenance","#
                + #""extension":[{"url":"rawMessage","valueString":"\#(hash)"},{"url":"profile","valueString":"p@1.0.0"},"#
                + #"{"url":"ordinal","valueInteger":\#(number)}]}],"identifier":[{"system":"urn:wardline:observation","#
                + #""value":"\#(id)"}],"status":"\#(status)","code":{"text":"Heart rate"},"issued":"2026-11-21T08:00:00Z","#
                + #""valueInteger":1,"device":{"identifier":{"system":"urn:wardline:device","value":"M-1"}}}"#
            writer.add(observation: Array(json.utf8)[...])
        }
        var envelope = OpenedEnvelope(scope: self.scope("a.vitals"), sender: self.gateway, h1: [name])
        envelope.bundles = [try Bundle(data: try writer.finish())]
        return envelope
    }

    private static func envelope(_ name: UInt8, _ records: AccountRecord...) -> OpenedEnvelope {
        var envelope = OpenedEnvelope(scope: self.scope("b.accounts"), sender: self.gateway, h1: [name])
        envelope.accounts = records
        return envelope
    }

    private static func report(_ envelopes: OpenedEnvelope...) -> AccountReport {
        var proof = AccountProof()
        for envelope in envelopes { proof.take(envelope) }
        return proof.report(fromHour: .min)
    }

    @Test("an hour whose Observations are all there is complete, also when centers hold the same envelope")
    func complete() throws {
        let data = try Self.envelope(1, Self.hour, 3)
        let report = Self.report(Self.envelope(2, Self.record(1, [Self.line(Self.hour, 3)])), data, data)
        #expect(report.problems.isEmpty)
        #expect(report.lines.map(\.here) == [3])
    }

    @Test("an envelope that is gone shows as the hour that misses its Observations")
    func gap() throws {
        let record = Self.record(1, [Self.line(Self.hour, 5)])
        let report = Self.report(Self.envelope(2, record), try Self.envelope(1, Self.hour, 3))
        #expect(report.lines.map(\.missing) == [2])
        #expect(report.problems.count == 1)
        #expect(report.problems.first?.contains("M-1: 2 of 5 Observations are in no envelope here") == true)
    }

    @Test("corrections count for nothing, and a newer line of an hour replaces the older one")
    func corrections() throws {
        let first = Self.record(1, [Self.line(Self.hour, 3)])
        let second = Self.record(2, after: first, [Self.line(Self.hour, 4)])
        let report = Self.report(
            try Self.envelope(1, Self.hour, 4),
            try Self.envelope(3, Self.hour, 2, status: "corrected"),
            Self.envelope(5, second),
            Self.envelope(4, first)
        )
        #expect(report.problems.isEmpty)
        #expect(report.lines.map(\.stated.observations) == [4])
    }

    @Test("a record that is missing, or does not follow, breaks the chain")
    func chain() {
        let first = Self.record(1, [])
        let second = Self.record(2, after: first, [])
        let third = Self.record(3, after: second, [])
        let other = Self.record(2, after: nil, [])
        #expect(
            Self.report(Self.envelope(1, first), Self.envelope(3, third)).problems.first?.contains("records 2 to 2")
                == true
        )
        #expect(Self.report(Self.envelope(2, second)).problems.first?.contains("records 1 to 1") == true)
        #expect(
            Self.report(Self.envelope(1, first), Self.envelope(2, other)).problems.first?.contains("follow") == true
        )
        #expect(
            Self.report(Self.envelope(1, first), Self.envelope(2, second), Self.envelope(3, third)).problems.isEmpty
        )
        let twice = Self.report(Self.envelope(1, first), Self.envelope(2, second), Self.envelope(3, other))
        #expect(twice.problems.contains { $0.contains("twice") })
    }

    @Test("a line that does not balance and Observations that no line names are told")
    func balance() throws {
        let record = Self.record(1, [Self.line(Self.hour, 3, received: 4)])
        let report = Self.report(Self.envelope(2, record), try Self.envelope(1, Self.hour, 3))
        #expect(report.problems.first?.contains("4 messages received, 1 not accounted for") == true)
        let empty = Self.report(Self.envelope(2, Self.record(1, [])), try Self.envelope(1, Self.hour, 3))
        #expect(empty.problems.first?.contains("Observations that no account states") == true)
    }
}
