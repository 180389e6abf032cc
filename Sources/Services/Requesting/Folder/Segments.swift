internal import CanonicalBytes
internal import IndexPages
internal import Ledger
internal import Records
internal import Signcryption

/// One anchor with what opens its page of the scope: `u64 height || u32 place || LP(transaction proof) || key(44)`.
///
/// The key is of this page alone; the sender's index key is not in it.
struct KeptAnchor: Sendable {
    let place: EventPlace
    let proof: [UInt8]
    /// Key and nonce of the page's encryption.
    let pageKey: [UInt8]

    init(place: EventPlace, proof: [UInt8], pageKey: [UInt8]) {
        self.place = place
        self.proof = proof
        self.pageKey = pageKey
    }
}

/// Files that hold many things of a kind, numbered from 1: each is written once, whole.
///
/// `"WLSG" || u8 kind || u32 n || n × entry`.
enum Segment {
    enum Kind: UInt8, CaseIterable {
        case anchors = 1
        /// `LP(envelope) || LP(capsule)`.
        case envelopes = 2
        /// `h1(32) || eta(32) || LP(record batch)`: the content, which can be checked against the envelope.
        case records = 3

        var folder: String {
            switch self {
            case .anchors: "anchors"
            case .envelopes: "envelopes"
            case .records: "records"
            }
        }
    }

    private static let magic: StaticString = "WLSG"

    static func bytes(_ kind: Kind, _ count: Int, _ write: (inout CanonicalWriter) -> Void) -> [UInt8] {
        var writer = CanonicalWriter(capacity: 1 << 16)
        writer.magic(self.magic)
        writer.u8(kind.rawValue)
        writer.u32(UInt32(count))
        write(&writer)
        return writer.bytes
    }

    static func read<Entry>(
        _ bytes: [UInt8],
        _ kind: Kind,
        _ entry: (inout CanonicalReader) throws(ProtocolFailure) -> Entry
    ) throws(ProtocolFailure) -> [Entry] {
        var reader = CanonicalReader(bytes)
        try reader.magic(self.magic)
        try require(reader.u8() == kind.rawValue, .format, "a segment of another kind")
        let count = Int(try reader.u32())
        // Every entry takes four bytes at least.
        try require(count <= reader.remaining / 4, .format, "the segment ends before its last entry")
        var entries: [Entry] = []
        entries.reserveCapacity(count)
        for _ in 0..<count { entries.append(try entry(&reader)) }
        try reader.finish()
        return entries
    }
}

/// An envelope as it is kept, with the capsule that it names.
struct KeptEnvelope: Sendable {
    let envelope: [UInt8]
    let capsule: [UInt8]
}

/// What an envelope held.
struct KeptRecords: Sendable {
    let h1: [UInt8]
    let content: EnvelopeContent

    /// Without padding.
    ///
    /// - Throws: `FORMAT`.
    func records() throws(ProtocolFailure) -> [EnvelopeRecord] {
        try self.content.records().filter { !$0.isPadding }
    }
}

extension ScopeFolder {
    /// Numbers of the segments that are there, ascending.
    func segments(_ kind: Segment.Kind) -> [Int] {
        self.share.list("\(self.folder)/\(kind.folder)").compactMap { Int($0.prefix { $0 != "." }) }.sorted()
    }

    func name(_ kind: Segment.Kind, _ number: Int) -> String {
        let digits = "\(number)"
        let padding = String(repeating: "0", count: max(0, 8 - digits.count))
        return "\(self.folder)/\(kind.folder)/\(padding)\(digits).wlsg"
    }

    private func content(_ kind: Segment.Kind, _ number: Int) throws -> [UInt8] {
        let name = self.name(kind, number)
        guard let bytes = try self.share.read(name) else {
            throw ShareFolderError.damaged("\(self.share.path)/\(name)")
        }
        return bytes
    }

    private func parse<Entry>(
        _ kind: Segment.Kind,
        _ number: Int,
        _ entry: (inout CanonicalReader) throws(ProtocolFailure) -> Entry
    ) throws -> [Entry] {
        do throws(ProtocolFailure) { return try Segment.read(try self.raw(kind, number), kind, entry) } catch {
            throw ShareFolderError.damaged("\(self.share.path)/\(self.name(kind, number))")
        }
    }

    private func raw(_ kind: Segment.Kind, _ number: Int) throws(ProtocolFailure) -> [UInt8] {
        do { return try self.content(kind, number) } catch { throw ProtocolFailure(.format, "\(error)") }
    }

    func anchors(_ number: Int) throws -> [KeptAnchor] {
        try self.parse(.anchors, number) { (reader) throws(ProtocolFailure) in
            KeptAnchor(
                place: EventPlace(height: try reader.u64(), place: try reader.u32()),
                proof: try reader.lengthPrefixed(),
                pageKey: try reader.take(44)
            )
        }
    }

    func write(_ anchors: [KeptAnchor], number: Int) throws {
        let bytes = Segment.bytes(.anchors, anchors.count) { writer in
            for anchor in anchors {
                writer.u64(anchor.place.height)
                writer.u32(anchor.place.place)
                writer.lengthPrefixed(anchor.proof)
                writer.raw(anchor.pageKey)
            }
        }
        try self.share.write(bytes, to: self.name(.anchors, number))
    }

    func envelopes(_ number: Int) throws -> [KeptEnvelope] {
        try self.parse(.envelopes, number) { (reader) throws(ProtocolFailure) in
            KeptEnvelope(envelope: try reader.lengthPrefixed(), capsule: try reader.lengthPrefixed())
        }
    }

    func write(_ envelopes: [KeptEnvelope], number: Int) throws {
        let bytes = Segment.bytes(.envelopes, envelopes.count) { writer in
            for envelope in envelopes {
                writer.lengthPrefixed(envelope.envelope)
                writer.lengthPrefixed(envelope.capsule)
            }
        }
        try self.share.write(bytes, to: self.name(.envelopes, number))
    }

    func records(_ number: Int) throws -> [KeptRecords] {
        try self.parse(.records, number) { (reader) throws(ProtocolFailure) in
            let h1 = try reader.take(32)
            return KeptRecords(
                h1: h1,
                content: EnvelopeContent(eta: try reader.take(32), batch: try reader.lengthPrefixed())
            )
        }
    }

    func write(_ records: [KeptRecords], number: Int) throws {
        let bytes = Segment.bytes(.records, records.count) { writer in
            for entry in records {
                writer.raw(entry.h1)
                writer.raw(entry.content.eta)
                writer.lengthPrefixed(entry.content.batch)
            }
        }
        try self.share.write(bytes, to: self.name(.records, number))
    }
}
