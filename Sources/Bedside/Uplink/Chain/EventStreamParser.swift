internal import CanonicalBytes
internal import Foundation

/// An event as a validator tells it; the transaction's proof shows whether it is so.
package struct EventHint: Hashable, Sendable {
    /// Where it stands in the channel.
    package let place: SubjectPlace
    /// `contract.what`, or `rejected` for a transaction without effect.
    package let topic: String
    /// Id of the transaction that caused it, 32 bytes.
    package let transaction: [UInt8]
    /// What the contract says, to choose by.
    package let data: [UInt8]

    package init(place: SubjectPlace, topic: String, transaction: [UInt8], data: [UInt8]) {
        self.place = place
        self.topic = topic
        self.transaction = transaction
        self.data = data
    }
}

/// Reads a stream of the type `text/event-stream` as validators send it.
struct EventStreamParser {
    /// What stands behind an id.
    struct Entry: Equatable {
        let place: SubjectPlace
        /// Nil for a block itself.
        let hint: EventHint?
    }

    /// Bytes between two empty lines.
    private static let entryBytesMax = 1 << 20

    private struct Content: Decodable {
        let transaction: String?
        let data: Data?
    }

    private var line: [UInt8] = []
    private var fields: [String: String] = [:]
    private var entryBytes = 0

    /// Takes the next bytes.
    ///
    /// - Returns: the entries that are complete with them.
    /// - Throws: ``UplinkFailure/malformed(_:)``.
    mutating func feed(_ bytes: [UInt8]) throws(UplinkFailure) -> [Entry] {
        var entries: [Entry] = []
        for byte in bytes {
            self.entryBytes += 1
            guard self.entryBytes <= Self.entryBytesMax else { throw .malformed("an event of more than a mebibyte") }
            guard byte == UInt8(ascii: "\n") else {
                self.line.append(byte)
                continue
            }
            if self.line.isEmpty {
                if let entry = try self.entry() { entries.append(entry) }
                self.fields = [:]
                self.entryBytes = 0
            } else {
                self.endLine()
            }
        }
        return entries
    }

    private mutating func endLine() {
        defer { self.line.removeAll(keepingCapacity: true) }
        // A comment has no name before its colon.
        guard let colon = self.line.firstIndex(of: UInt8(ascii: ":")), colon > 0 else { return }
        var value = self.line[(colon + 1)...]
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        self.fields[String(decoding: self.line[..<colon], as: UTF8.self)] = String(decoding: value, as: UTF8.self)
    }

    private func entry() throws(UplinkFailure) -> Entry? {
        guard let id = self.fields["id"] else { return nil }
        guard let place = SubjectPlace(id), let topic = self.fields["event"], let data = self.fields["data"] else {
            throw .malformed("an event without place, topic or data")
        }
        guard let content = try? JSONDecoder().decode(Content.self, from: Data(data.utf8)) else {
            throw .malformed("an event whose data cannot be read")
        }
        guard let text = content.transaction else { return Entry(place: place, hint: nil) }
        guard let transaction = [UInt8](hex: text), transaction.count == 32 else {
            throw .malformed("an event without a transaction's id")
        }
        return Entry(
            place: place,
            hint: EventHint(place: place, topic: topic, transaction: transaction, data: Array(content.data ?? Data()))
        )
    }
}
