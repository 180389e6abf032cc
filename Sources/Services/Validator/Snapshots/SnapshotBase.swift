package import CanonicalBytes
internal import Consensus
internal import Credentials
internal import Ledger
internal import LedgerStore

/// The block that a channel's own blocks begin behind, when its state came from a snapshot.
///
/// Written before the state takes its place, so that whatever a crash leaves behind is told apart: a state of this height
/// is the snapshot's, any other is the one before. `"WLSB" || LP(header) || LP(certificate) || handovers`.
package struct SnapshotBase: Hashable, Sendable {
    let header: BlockHeader
    let certificate: QuorumCertificate
    let handovers: [Handover]

    package init(_ manifest: SnapshotManifest) {
        self.header = manifest.header
        self.certificate = manifest.certificate
        self.handovers = manifest.handovers
    }

    init(_ header: BlockHeader, _ certificate: QuorumCertificate, _ handovers: [Handover]) {
        self.header = header
        self.certificate = certificate
        self.handovers = handovers
    }

    static func path(in folder: StoreDirectory.Channel) -> String { "\(folder.path)/base" }

    /// Reads what was written last; nil when no snapshot was ever taken.
    ///
    /// - Throws: `CONTEXT` for a file that cannot be read, `FORMAT` for another content.
    static func read(in folder: StoreDirectory.Channel) throws(ProtocolFailure) -> SnapshotBase? {
        let path = self.path(in: folder)
        guard PrivateFile.exists(path) else { return nil }
        let bytes: [UInt8]
        do throws(CredentialsError) { bytes = try PrivateFile.read(path, upTo: 256 << 20) } catch {
            throw ProtocolFailure(.context, "\(error)")
        }
        return try SnapshotBase(bytes: bytes)
    }

    /// Reads its encoding strictly.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLSB")
        self.header = try BlockHeader(bytes: try reader.lengthPrefixed())
        self.certificate = try QuorumCertificate(bytes: try reader.lengthPrefixed())
        self.handovers = try HandoverFile.read(from: &reader)
        try reader.finish()
    }

    /// The encoding.
    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 4_096)
        writer.magic("WLSB")
        writer.lengthPrefixed(self.header.bytes)
        writer.lengthPrefixed(self.certificate.bytes)
        writer.raw(HandoverFile.bytes(self.handovers))
        return writer.bytes
    }

    /// Writes it durably.
    func write(in folder: StoreDirectory.Channel) throws(LedgerStoreFailure) {
        do throws(CredentialsError) { try PrivateFile.write(self.bytes, to: Self.path(in: folder)) } catch {
            throw .ioError("\(error)")
        }
    }
}
