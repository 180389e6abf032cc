internal import Bundles
internal import CanonicalBytes
internal import Credentials
internal import Foundation
internal import Ledger
internal import Records
internal import Signcryption

internal import struct Bundles.Bundle

/// What an export wrote.
package struct ExportSummary: Sendable, Hashable {
    package var observations = 0
    package var envelopes = 0
}

/// Writes the data of a share from what its folder keeps; the same content gives the same bytes.
package struct ShareExport: Sendable {
    package static let manifestName = "manifest.json"

    private let folder: ShareFolder
    private let scopes: [ScopeFolder]

    /// - Throws: ``ShareFolderError``.
    package init(_ folder: ShareFolder) throws {
        self.folder = folder
        self.scopes = try folder.record().scopes.map { try ScopeFolder(folder, $0) }
    }

    /// Writes all data in the place of what was there.
    ///
    /// - Returns: what there is.
    /// - Throws: ``ShareTrouble`` when it cannot be written.
    package func write(_ format: ShareFormat) throws -> ExportSummary {
        let fresh = "\(ShareFolder.data).new"
        self.folder.remove(fresh)
        try PrivateFile.makeDirectory("\(self.folder.path)/\(fresh)")
        let summary = try self.write(format, to: FolderTarget("\(self.folder.path)/\(fresh)"))
        try self.folder.replace(ShareFolder.data, with: fresh)
        return summary
    }

    /// The format that the data are in; nil when there are none.
    package var format: ShareFormat? {
        struct Manifest: Decodable { let format: String }
        guard let bytes = try? self.folder.read("\(ShareFolder.data)/\(Self.manifestName)"),
            let manifest = try? JSONDecoder().decode(Manifest.self, from: Data(bytes))
        else { return nil }
        return ShareFormat(rawValue: manifest.format)
    }

    /// What the files of a format would be.
    func digests(_ format: ShareFormat) throws -> [String: FileDigest] {
        let target = DigestTarget()
        _ = try self.write(format, to: target)
        return target.files
    }

    func write(_ format: ShareFormat, to target: any OutputTarget) throws -> ExportSummary {
        let writer = try format.writer(target)
        var summary = ExportSummary()
        var newest: UInt64 = 0
        for scope in self.scopes {
            for number in scope.segments(.records) {
                try self.write(number, of: scope, writer, &summary)
            }
            for id in scope.deliveries { newest = max(newest, try scope.delivery(id).proof.header.time) }
        }
        let files = try writer.finish()
        let manifest = try target.file(Self.manifestName)
        try manifest.write(PlainText.json(try Manifest(format, files, time: newest, self.folder.record())))
        try manifest.finish()
        return summary
    }

    private func write(
        _ number: Int,
        of scope: ScopeFolder,
        _ writer: any ShareWriter,
        _ summary: inout ExportSummary
    ) throws {
        let senders = try scope.senders(of: number)
        for entry in try scope.records(number) {
            let origin = ObservationOrigin(
                scope: scope.scope.hex,
                sender: senders[entry.h1] ?? "",
                envelope: entry.h1.hex
            )
            for record in try entry.records() where record.type.utf8.elementsEqual(Bundle.recordType.utf8) {
                for observation in try Bundle(data: record.data).observations {
                    try writer.write(observation.json, origin)
                    summary.observations += 1
                }
            }
            summary.envelopes += 1
        }
    }

    /// As of a FHIR bulk export, with what a share has besides.
    private struct Manifest: Encodable {
        struct Output: Encodable {
            let type = "Observation"
            let url: String
            let count: Int
        }

        let transactionTime: String
        let request: String
        let requiresAccessToken = false
        let format: String
        let output: [Output]
        let error: [String] = []

        init(
            _ format: ShareFormat,
            _ files: [(name: String, count: Int)],
            time: UInt64,
            _ record: ShareRecord
        ) {
            let date = Date(timeIntervalSince1970: Double(time) / 1_000)
            self.transactionTime = date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
            self.request = "urn:wardline:share:\(record.scopes.map(\.request).joined(separator: "+"))"
            self.format = format.rawValue
            self.output = files.map { Output(url: $0.name, count: $0.count) }
        }
    }
}

extension ScopeFolder {
    /// The gateways of a segment's envelopes, by H1.
    func senders(of number: Int) throws -> [[UInt8]: String] {
        var senders: [[UInt8]: String] = [:]
        for entry in try self.envelopes(number) {
            do throws(ProtocolFailure) {
                let envelope = try ParsedEnvelope(bytes: entry.envelope)
                senders[envelope.indexPointer] = envelope.header.sender
            } catch { throw ShareFolderError.damaged("\(self.share.path)/\(self.name(.envelopes, number))") }
        }
        return senders
    }
}
