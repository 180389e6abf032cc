internal import CanonicalBytes
internal import Records

/// A record of a book with its one encoding.
protocol BookRecord: Hashable, Sendable {
    func write(to writer: inout CanonicalWriter)

    /// - Throws: `FORMAT`.
    init(from reader: inout CanonicalReader) throws(ProtocolFailure)
}

/// The counters of a pair of services: `u8 ordered || u64 requests || u64 settled`.
package struct PairCounters: BookRecord {
    /// Whether messages are taken in the order of their indices; fixed by the first.
    package let isOrdered: Bool
    /// Requests taken (`InterchainCounter` at the source, `SourceInterchainCounter` at the destination).
    package internal(set) var requests: UInt64 = 0
    /// Exchanges that are over (`ReceiptCounter`, `SourceReceiptCounter`).
    package internal(set) var settled: UInt64 = 0

    init(isOrdered: Bool) { self.isOrdered = isOrdered }

    func write(to writer: inout CanonicalWriter) {
        writer.u8(self.isOrdered ? 1 : 0)
        writer.u64(self.requests)
        writer.u64(self.settled)
    }

    init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.init(isOrdered: try reader.u8() == 1)
        self.requests = try reader.u64()
        self.settled = try reader.u64()
    }
}

/// Where an exchange waits for its time: `u64 height || u32 slot`.
struct Deadline: BookRecord {
    /// The last block in which an answer counts.
    let height: UInt64
    /// The place among all that end with this block.
    var slot: UInt32

    init(height: UInt64, slot: UInt32) {
        self.height = height
        self.slot = slot
    }

    func write(to writer: inout CanonicalWriter) {
        writer.u64(self.height)
        writer.u32(self.slot)
    }

    init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.init(height: try reader.u64(), slot: try reader.u32())
    }
}

/// State, and deadline as long as it counts, of an exchange or a group: `u8 status || u8 has deadline [|| deadline]`.
struct Progress: BookRecord {
    var status: TransactionStatus
    /// nil: never, or it counts no more.
    var deadline: Deadline?

    init(status: TransactionStatus, deadline: Deadline? = nil) {
        self.status = status
        self.deadline = deadline
    }

    /// Whether an answer in this block comes too late.
    func isOverdue(at height: UInt64) -> Bool { self.deadline.map { $0.height < height } ?? false }

    func write(to writer: inout CanonicalWriter) {
        writer.u8(self.status.rawValue)
        writer.u8(self.deadline == nil ? 0 : 1)
        self.deadline?.write(to: &writer)
    }

    init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.init(status: try TransactionStatus(wire: UInt64(reader.u8())))
        if try reader.u8() == 1 { self.deadline = try Deadline(from: &reader) }
    }
}

/// A request: `hash(32) || u8 kind`, then ``Progress`` for kind 0 or the group's identifier for kind 1.
struct MessageRecord: BookRecord {
    enum Place: Hashable, Sendable {
        case alone(Progress)
        /// One of a group, which has the state.
        case group([UInt8])
    }

    /// Of the request.
    let hash: [UInt8]
    var place: Place

    init(hash: [UInt8], place: Place) {
        self.hash = hash
        self.place = place
    }

    func write(to writer: inout CanonicalWriter) {
        writer.raw(self.hash)
        switch self.place {
        case .alone(let progress):
            writer.u8(0)
            progress.write(to: &writer)
        case .group(let id):
            writer.u8(1)
            writer.raw(id)
        }
    }

    init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.hash = try reader.take(Digest.byteCount)
        switch try reader.u8() {
        case 0: self.place = .alone(try Progress(from: &reader))
        case 1: self.place = .group(try reader.take(Digest.byteCount))
        default: throw ProtocolFailure(.format, "no such kind of request")
        }
    }
}

/// A group: `progress || u16 size || u16 n × (LP(identifier) || u8 status)`, ascending.
struct GroupRecord: BookRecord {
    struct Child: Hashable, Sendable {
        let id: MessageID
        var status: TransactionStatus
    }

    var progress: Progress
    /// Requests that the group consists of.
    let size: Int
    /// Those that came, ascending.
    private(set) var children: [Child] = []

    init(progress: Progress, size: Int) {
        self.progress = progress
        self.size = size
    }

    mutating func add(_ id: MessageID, _ status: TransactionStatus) {
        let place = self.children.firstIndex { id < $0.id } ?? self.children.count
        self.children.insert(Child(id: id, status: status), at: place)
    }

    func status(of id: MessageID) -> TransactionStatus? { self.children.first { $0.id == id }?.status }

    mutating func set(_ id: MessageID, _ status: TransactionStatus) {
        guard let place = self.children.firstIndex(where: { $0.id == id }) else { return }
        self.children[place].status = status
    }

    mutating func setAll(_ status: TransactionStatus) {
        for place in self.children.indices { self.children[place].status = status }
    }

    /// Whether all of the group's requests came and ended like this.
    func isFinished(_ status: TransactionStatus) -> Bool {
        self.children.count == self.size && self.children.allSatisfy { $0.status == status }
    }

    func write(to writer: inout CanonicalWriter) {
        self.progress.write(to: &writer)
        writer.u16(UInt16(self.size))
        writer.u16(UInt16(self.children.count))
        for child in self.children {
            writer.lengthPrefixed(child.id.description)
            writer.u8(child.status.rawValue)
        }
    }

    init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.init(progress: try Progress(from: &reader), size: Int(try reader.u16()))
        let count = try reader.u16()
        for _ in 0..<count {
            let id = try MessageID(reader.text())
            self.children.append(Child(id: id, status: try TransactionStatus(wire: UInt64(reader.u8()))))
        }
    }
}

/// What waits for a block: `u8 kind || LP(identifier)`.
enum DueEntry: BookRecord {
    case message(MessageID)
    case group([UInt8])

    func write(to writer: inout CanonicalWriter) {
        switch self {
        case .message(let id):
            writer.u8(0)
            writer.lengthPrefixed(id.description)
        case .group(let id):
            writer.u8(1)
            writer.lengthPrefixed(id)
        }
    }

    init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        switch try reader.u8() {
        case 0: self = .message(try MessageID(reader.text()))
        case 1: self = .group(try reader.lengthPrefixed())
        default: throw ProtocolFailure(.format, "no such kind of deadline")
        }
    }
}

/// A counter: `u64`.
struct BookNumber: BookRecord {
    let value: UInt64

    init(_ value: UInt64) { self.value = value }

    func write(to writer: inout CanonicalWriter) { writer.u64(self.value) }

    init(from reader: inout CanonicalReader) throws(ProtocolFailure) { self.value = try reader.u64() }
}
