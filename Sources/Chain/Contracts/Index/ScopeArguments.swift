package import CanonicalBytes
package import Certificates
package import Ledger

/// Who may write to a scope.
package enum ScopeWriter: Hashable, Sendable {
    /// 1: a gateway, whatever certificate it has: `LP(party)`.
    case party(PartyName)
    /// 2: the holder of one certificate: its digest.
    case certificate([UInt8])

    package func write(to writer: inout CanonicalWriter) {
        switch self {
        case .party(let name):
            writer.u8(1)
            writer.party(name)
        case .certificate(let digest):
            writer.u8(2)
            writer.raw(digest)
        }
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        switch try reader.u8() {
        case 1: self = .party(try reader.partyName())
        case 2: self = .certificate(try reader.hash())
        case let kind: throw ProtocolFailure(.format, "unknown kind of writer \(kind)")
        }
    }
}

/// Lists who may write to a scope: `scope(32) || u64 epoch || u8 single_control || u16 n × writer`.
package struct SetScopeWriters: MethodArguments {
    package static let contract = "index"
    package static let method = "scope-writers"
    package static let channels: [Channel] = [.index]
    package static let writersMax = 64

    package let scope: [UInt8]
    /// The scope's epoch, which its descriptor binds.
    package let epoch: UInt64
    /// Whether envelopes of mode 0 are allowed.
    package let isSingleControl: Bool
    package let writers: [ScopeWriter]

    package init(scope: [UInt8], epoch: UInt64, isSingleControl: Bool, writers: [ScopeWriter]) {
        self.scope = scope
        self.epoch = epoch
        self.isSingleControl = isSingleControl
        self.writers = writers
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.scope)
        writer.u64(self.epoch)
        writer.flag(self.isSingleControl)
        writer.u16(UInt16(truncatingIfNeeded: self.writers.count))
        for entry in self.writers { entry.write(to: &writer) }
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.scope = try reader.hash()
        self.epoch = try reader.u64()
        self.isSingleControl = try reader.flag()
        let count = Int(try reader.u16())
        try require(count <= Self.writersMax, .format, "\(count) writers")
        var writers: [ScopeWriter] = []
        for _ in 0..<count { writers.append(try ScopeWriter(from: &reader)) }
        self.writers = writers
    }
}

/// Names the sealed index key of a scope's sender: `scope(32) || LP(sender) || wrap digest(32)`; the ciphertext lies at
/// the privacy centers.
package struct WrapIndexKey: MethodArguments {
    package static let contract = "index"
    package static let method = "wrap"
    package static let channels: [Channel] = [.index]

    package let scope: [UInt8]
    package let sender: PartyName
    package let digest: [UInt8]

    package init(scope: [UInt8], sender: PartyName, digest: [UInt8]) {
        self.scope = scope
        self.sender = sender
        self.digest = digest
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.scope)
        writer.party(self.sender)
        writer.raw(self.digest)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.scope = try reader.hash()
        self.sender = try reader.partyName()
        self.digest = try reader.hash()
    }
}

/// Publishes a data set: `id(32) || u16 n × scope(32) || u64 from || u64 to || policy(32) || u16 k × tag(16) || u8
/// single_control`.
package struct PublishDataset: MethodArguments {
    package static let contract = "index"
    package static let method = "dataset-publish"
    package static let channels: [Channel] = [.index]
    package static let scopesMax = 256
    package static let tagsMax = 64
    /// Bytes of a keyword, opaque to the chain.
    package static let tagLength = 16

    /// Random, 32 bytes.
    package let dataset: [UInt8]
    /// Ascending.
    package let scopes: [[UInt8]]
    /// Milliseconds since 1970.
    package let from: UInt64
    /// Milliseconds since 1970, not before `from`.
    package let to: UInt64
    package let policy: [UInt8]
    /// Ascending.
    package let tags: [[UInt8]]
    package let isSingleControl: Bool

    package init(
        dataset: [UInt8],
        scopes: [[UInt8]],
        from: UInt64,
        to: UInt64,
        policy: [UInt8],
        tags: [[UInt8]],
        isSingleControl: Bool
    ) {
        self.dataset = dataset
        self.scopes = scopes
        self.from = from
        self.to = to
        self.policy = policy
        self.tags = tags
        self.isSingleControl = isSingleControl
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.dataset)
        writer.list(self.scopes)
        writer.u64(self.from)
        writer.u64(self.to)
        writer.raw(self.policy)
        writer.list(self.tags)
        writer.flag(self.isSingleControl)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.dataset = try reader.hash()
        self.scopes = try reader.ascending(1...Self.scopesMax, length: 32)
        self.from = try reader.u64()
        self.to = try reader.u64()
        try require(self.from <= self.to, .format, "a data set that ends before it begins")
        self.policy = try reader.hash()
        self.tags = try reader.ascending(0...Self.tagsMax, length: Self.tagLength)
        self.isSingleControl = try reader.flag()
    }
}

/// Withdraws a data set: `id(32)`.
package struct WithdrawDataset: MethodArguments {
    package static let contract = "index"
    package static let method = "dataset-withdraw"
    package static let channels: [Channel] = [.index]

    package let dataset: [UInt8]

    package init(dataset: [UInt8]) { self.dataset = dataset }

    package func write(to writer: inout CanonicalWriter) { writer.raw(self.dataset) }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) { self.dataset = try reader.hash() }
}
