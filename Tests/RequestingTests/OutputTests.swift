import CanonicalBytes
import Foundation
import Records
import Requesting
import Signcryption
import Testing

@Suite struct OutputTests {
    private static let pressure =
        #"{"resourceType":"Observation","id":"bp","status":"final","code":{"coding":[{"system":"http://loinc.org","#
        + #""code":"85354-9"}],"text":"Blood pressure"},"subject":{"identifier":{"system":"urn:p","value":"P-1"}},"#
        + #""effectiveDateTime":"2026-11-21T06:00:00.000Z","issued":"2026-11-21T06:00:00.250Z","#
        + #""device":{"identifier":{"value":"M-1"}},"component":[{"code":{"coding":[{"system":"http://loinc.org","#
        + #""code":"8480-6"}],"text":"Systolic, \"sys\""},"valueQuantity":{"value":120.50,"unit":"mmHg","#
        + #""code":"mm[Hg]"}},{"extension":[{"url":"urn:wardline:fhir:quality","valueCode":"sentinel"}],"#
        + #""code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}],"text":"Diastolic"},"#
        + #""dataAbsentReason":{"coding":[{"code":"unknown"}]}}]}"#
    private static let rate =
        #"{"resourceType":"Observation","id":"hr","status":"final","code":{"coding":[{"system":"http://loinc.org","#
        + #""code":"8867-4"}],"text":"Heart rate"},"effectiveDateTime":"2026-11-21T06:00:01Z","#
        + #""valueQuantity":{"value":72,"unit":"beats/minute","code":"/min"}}"#

    private static func content(_ folder: ShareFolder, _ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/data/\(name)")))
    }

    /// 64-bit words, little-endian.
    private static func numbers(_ folder: ShareFolder, _ name: String) throws -> [UInt64] {
        let bytes = try Self.content(folder, name)
        return stride(from: 0, to: bytes.count, by: 8).map { start in
            bytes[start..<start + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    private static func text(_ folder: ShareFolder, _ name: String) throws -> String {
        String(decoding: try Self.content(folder, name), as: UTF8.self)
    }

    @Test("NDJSON has the resources as the gateway wrote them, and a manifest counts them")
    func lines() async throws {
        try await Scene.with { scene in
            try scene.anchor([Self.pressure, Self.rate])
            let folder = try await scene.share(.ndjson)
            #expect(try Self.text(folder, "Observation.ndjson") == "\(Self.pressure)\n\(Self.rate)\n")
            struct Manifest: Decodable {
                struct Output: Decodable {
                    let type: String
                    let url: String
                    let count: Int
                }
                let output: [Output]
                let requiresAccessToken: Bool
                let error: [String]
            }
            let manifest = try JSONDecoder().decode(
                Manifest.self,
                from: Data(try Self.content(folder, "manifest.json"))
            )
            #expect(manifest.output.map(\.url) == ["Observation.ndjson"] && manifest.output[0].count == 2)
            #expect(manifest.output[0].type == "Observation" && manifest.error.isEmpty)
        }
    }

    @Test("CSV has one row for each value and each component, and keeps digits")
    func table() async throws {
        try await Scene.with { scene in
            let h1 = try scene.anchor([Self.pressure, Self.rate])
            let folder = try await scene.share(.csv)
            let scope = scene.descriptor.digest.hex
            let origin = { (h1: String) in "\(scope),ward:gateway:bed-1,\(h1)" }
            let expected = [
                "observation,component,status,subject_system,subject,device,effective,issued,code_system,code,code_text,"
                    + "kind,value,unit,unit_code,value_text,sample_period_ms,sample_factor,absent_reason,quality,scope,"
                    + "sender,envelope",
                "bp,0,final,urn:p,P-1,M-1,2026-11-21T06:00:00.000Z,2026-11-21T06:00:00.250Z,http://loinc.org,8480-6,"
                    + #""Systolic, ""sys""",quantity,120.50,mmHg,mm[Hg],,,,,,"# + origin(h1[0].bytes.hex),
                "bp,1,final,urn:p,P-1,M-1,2026-11-21T06:00:00.000Z,2026-11-21T06:00:00.250Z,http://loinc.org,8462-4,"
                    + "Diastolic,absent,,,,,,,unknown,sentinel," + origin(h1[0].bytes.hex),
                "hr,,final,,,,2026-11-21T06:00:01Z,,http://loinc.org,8867-4,Heart rate,quantity,72,beats/minute,/min,,,,,,"
                    + origin(h1[1].bytes.hex),
            ]
            #expect(try Self.text(folder, "observations.csv") == expected.map { $0 + "\r\n" }.joined())
        }
    }

    @Test("Columns are typed files whose lengths fit the schema")
    func columns() async throws {
        try await Scene.with { scene in
            try scene.anchor([Self.pressure, Self.rate])
            let folder = try await scene.share(.columns)
            struct Schema: Decodable {
                struct Column: Decodable {
                    let name: String
                    let type: String
                    let files: [String]
                }
                let rows: Int
                let columns: [Column]
            }
            let schema = try JSONDecoder().decode(Schema.self, from: Data(try Self.content(folder, "schema.json")))
            #expect(schema.rows == 3 && schema.columns.count == 23)
            for column in schema.columns {
                #expect(try Self.content(folder, "\(column.name).valid").count == 3)
                for file in column.files where file.hasSuffix("64") {
                    #expect(try Self.content(folder, file).count == 24, "\(file)")
                }
                for file in column.files where file.hasSuffix("offsets") {
                    #expect(try Self.content(folder, file).count == 32, "\(file)")
                }
            }
            #expect(try Self.text(folder, "value.utf8") == "120.5072")
            let doubles = try Self.numbers(folder, "value.f64").map { Double(bitPattern: $0) }
            #expect(doubles == [120.5, 0, 72])
            #expect(try Self.content(folder, "value.valid") == [1, 0, 1])
            #expect(try Self.numbers(folder, "effective.i64").first == 1_795_240_800_000)
            #expect(scene.check(folder).isComplete)
        }
    }

    @Test("Another format takes the place of the one before")
    func changedFormat() async throws {
        try await Scene.with { scene in
            try scene.anchor([Self.rate])
            let folder = try await scene.share(.csv)
            try await scene.fetch(folder, .ndjson)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/data").sorted() == [
                    "Observation.ndjson", "manifest.json",
                ]
            )
            #expect(scene.check(folder).isComplete)
        }
    }
}
