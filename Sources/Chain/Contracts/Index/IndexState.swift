package import CanonicalBytes
package import Certificates
package import Consensus
internal import Ledger

/// Keys of the index.
package enum IndexKey {
    /// ``ScopeRecord`` by digest.
    package static func scope(_ digest: [UInt8]) -> [UInt8] { StateKey.make("index", "scope", digest) }

    /// ``AnchorRecord`` of a gateway's window.
    package static func anchor(_ gateway: PartyName, _ window: UInt64) -> [UInt8] {
        StateKey.make("index", "anchor", gateway.description.utf8, window.bigEndianBytes)
    }

    /// ``IndexKeyWrap`` of a scope's sender.
    package static func wrap(_ scope: [UInt8], _ sender: PartyName) -> [UInt8] {
        StateKey.make("index", "wrap", scope + Array(sender.description.utf8))
    }

    /// ``Dataset`` by its identifier.
    package static func dataset(_ id: [UInt8]) -> [UInt8] { StateKey.make("index", "dataset", id) }
}

/// A scope and whose it is: `LP(organization) || u64 height || LP(arguments of scope-writers, or nothing)`.
package struct ScopeRecord: StateRecord {
    /// Only this organization changes the list, or grants the scope.
    package let owner: String
    /// The block that saw it first.
    package let height: Height
    /// nil: written to before anybody listed writers.
    package var list: SetScopeWriters?

    init(owner: String, height: Height, list: SetScopeWriters?) {
        self.owner = owner
        self.height = height
        self.list = list
    }

    /// Whether a gateway may write, as far as a list says.
    func allows(_ gateway: PartyName, certificate: [UInt8]) -> Bool {
        guard let list = self.list else { return gateway.organization.isSame(as: self.owner) }
        return list.writers.contains { $0 == .party(gateway) || $0 == .certificate(certificate) }
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.owner)
        writer.u64(self.height)
        writer.lengthPrefixed(self.list?.bytes ?? [])
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.owner = try reader.word(1...63)
        self.height = try reader.u64()
        let list = try reader.lengthPrefixed()
        self.list = list.isEmpty ? nil : try SetScopeWriters(bytes: list)
    }
}

/// An anchor as the state keeps it: `arguments digest(32) || certificate(32) || root(32) || u32 count || u64 created_min
/// || u64 created_max || u64 height || u8 marks || u16 n × (scope(32) || page digest(32))`; the pages stay in the block.
package struct AnchorRecord: StateRecord {
    /// What is unusual about an anchor.
    package struct Marks: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// It came long after its newest envelope.
        package static let late = Marks(rawValue: 1)
        /// It names a scope without a list of writers.
        package static let unlisted = Marks(rawValue: 2)
    }

    package struct Page: Hashable, Sendable {
        package let scope: [UInt8]
        package let digest: [UInt8]
    }

    /// `H("ANCHOR", arguments)`.
    package let digest: [UInt8]
    package let certificate: [UInt8]
    package let root: [UInt8]
    package let count: UInt32
    package let createdMin: UInt64
    package let createdMax: UInt64
    package let height: Height
    package let marks: Marks
    package let pages: [Page]

    init(_ anchor: Anchor, digest: [UInt8], height: Height, marks: Marks) {
        self.digest = digest
        self.certificate = anchor.certificate
        self.root = anchor.root
        self.count = anchor.count
        self.createdMin = anchor.createdMin
        self.createdMax = anchor.createdMax
        self.height = height
        self.marks = marks
        self.pages = anchor.pages.map { Page(scope: $0.scope, digest: $0.digest) }
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.digest)
        writer.raw(self.certificate)
        writer.raw(self.root)
        writer.u32(self.count)
        writer.u64(self.createdMin)
        writer.u64(self.createdMax)
        writer.u64(self.height)
        writer.u8(self.marks.rawValue)
        writer.u16(UInt16(self.pages.count))
        for page in self.pages {
            writer.raw(page.scope)
            writer.raw(page.digest)
        }
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.digest = try reader.hash()
        self.certificate = try reader.hash()
        self.root = try reader.hash()
        self.count = try reader.u32()
        self.createdMin = try reader.u64()
        self.createdMax = try reader.u64()
        self.height = try reader.u64()
        self.marks = Marks(rawValue: try reader.u8())
        var pages: [Page] = []
        for _ in 0..<(try reader.u16()) { pages.append(Page(scope: try reader.hash(), digest: try reader.hash())) }
        self.pages = pages
    }
}

/// The digest of a sealed index key: `digest(32) || u32 version || u64 height`.
package struct IndexKeyWrap: StateRecord {
    package let digest: [UInt8]
    /// Counts the seals of one key, from 1 on.
    package let version: UInt32
    package let height: Height

    init(digest: [UInt8], version: UInt32, height: Height) {
        self.digest = digest
        self.version = version
        self.height = height
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.digest)
        writer.u32(self.version)
        writer.u64(self.height)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.digest = try reader.hash()
        self.version = try reader.u32()
        self.height = try reader.u64()
    }
}

/// A data set: `LP(publisher) || u64 height || u64 withdrawn || LP(arguments)`.
package struct Dataset: StateRecord {
    package let publisher: PartyName
    package let height: Height
    /// The block that withdrew it; 0: it stands.
    package var withdrawn: Height
    package let arguments: PublishDataset

    init(_ arguments: PublishDataset, by publisher: PartyName, height: Height) {
        self.publisher = publisher
        self.height = height
        self.withdrawn = 0
        self.arguments = arguments
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.party(self.publisher)
        writer.u64(self.height)
        writer.u64(self.withdrawn)
        writer.lengthPrefixed(self.arguments.bytes)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.publisher = try reader.partyName()
        self.height = try reader.u64()
        self.withdrawn = try reader.u64()
        self.arguments = try PublishDataset(bytes: try reader.lengthPrefixed())
    }
}
