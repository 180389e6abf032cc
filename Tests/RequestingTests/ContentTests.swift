import CanonicalBytes
import Signcryption
import Testing

@testable import Requesting

@Suite("What an envelope held, checked without its key")
struct ContentTests {
    private static func state(_ step: String, in report: ShareReport) -> ShareReport.Step.State? {
        report.parts.flatMap(\.steps).first { $0.name == step }?.state
    }

    /// A share whose requester replaced the records of the first envelope, exported again, and signed everything anew.
    private static func forged(
        _ scene: Scene,
        _ change: (EnvelopeContent) throws -> EnvelopeContent
    ) async throws -> ShareReport {
        try scene.anchor((1...3).map { #"{"resourceType":"Observation","id":"\#($0)"}"# })
        let folder = try await scene.share()
        let entry = try #require(try folder.record().scopes.first)
        let scope = try ScopeFolder(folder, entry)
        let number = try #require(scope.segments(.records).first)
        var records = try scope.records(number)
        records[0] = KeptRecords(h1: records[0].h1, content: try change(records[0].content))
        try scope.write(records, number: number)
        try Provenance.write(in: folder, by: scene.pseudonym, at: 1)
        return scene.check(folder)
    }

    @Test("Records that the envelope did not hold are found, though the requester signs for them")
    func otherRecords() async throws {
        try await Scene.with { scene in
            let report = try await Self.forged(scene) { content in
                let records = try content.records().map { record in
                    EnvelopeRecord(id: record.id + "x", type: record.type, time: record.time, data: record.data)
                }
                return EnvelopeContent(eta: content.eta, batch: try RecordBatch.encode(records))
            }
            #expect(!report.isComplete)
            #expect(Self.state("provenance", in: report) == .verified && Self.state("files", in: report) == .verified)
            #expect(Self.state("content", in: report) == .failed)
        }
    }

    @Test("A content with another number is not believed")
    func otherNumber() async throws {
        try await Scene.with { scene in
            let report = try await Self.forged(scene) { content in
                EnvelopeContent(eta: content.eta.map { $0 ^ 1 }, batch: content.batch)
            }
            #expect(Self.state("content", in: report) == .failed)
        }
    }

    @Test("What was changed back is confirmed")
    func unchanged() async throws {
        try await Scene.with { scene in
            let report = try await Self.forged(scene) { $0 }
            #expect(report.isComplete)
        }
    }
}
