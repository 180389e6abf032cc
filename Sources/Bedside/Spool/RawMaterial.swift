/// The raw messages behind a batch's Observations, with what sealing them needs to know.
package struct RawMaterial: Sendable {
    /// One message; `topic` and `payload` are ranges of ``RawMaterial/bytes``.
    package struct Message: Sendable, Equatable {
        /// Gateway clock, ns since 1970 UTC.
        package let receivedNs: Int64
        package let retained: Bool
        /// Index into ``RawMaterial/profiles``.
        package let profile: Int
        package let topic: Range<Int>
        package let payload: Range<Int>
    }

    /// A device profile in the version that read a message.
    package struct Profile: Sendable, Hashable {
        package let id: String
        package let version: String

        package init(id: String, version: String) {
            self.id = id
            self.version = version
        }
    }

    /// Where an Observation comes from and belongs.
    package struct Item: Sendable, Equatable {
        /// Index into ``RawMaterial/messages``.
        package let message: Int
        /// Index into ``RawMaterial/streams``.
        package let stream: Int
    }

    package internal(set) var bytes: [UInt8] = []
    package internal(set) var profiles: [Profile] = []
    package internal(set) var messages: [Message] = []
    package internal(set) var streams: [PatientStream] = []
    /// One for each Observation, in order.
    package internal(set) var items: [Item] = []

    package init() {}

    /// Empties it and keeps its memory.
    package mutating func removeAll() {
        self.bytes.removeAll(keepingCapacity: true)
        self.profiles.removeAll(keepingCapacity: true)
        self.messages.removeAll(keepingCapacity: true)
        self.streams.removeAll(keepingCapacity: true)
        self.items.removeAll(keepingCapacity: true)
    }

    /// Adds a message; the items that follow come from it.
    package mutating func add(
        messageOn topic: ArraySlice<UInt8>,
        payload: ArraySlice<UInt8>,
        receivedNs: Int64,
        retained: Bool,
        profile: Profile
    ) {
        let start = self.bytes.count
        self.bytes.append(contentsOf: topic)
        let middle = self.bytes.count
        self.bytes.append(contentsOf: payload)
        self.messages.append(
            Message(
                receivedNs: receivedNs,
                retained: retained,
                profile: Self.index(of: profile, in: &self.profiles),
                topic: start..<middle,
                payload: middle..<self.bytes.count
            )
        )
    }

    /// Notes the stream of the next Observation, which comes from the message added last.
    package mutating func add(itemOf stream: PatientStream) {
        precondition(!self.messages.isEmpty, "an Observation comes from a message")
        let index = Self.index(of: stream, in: &self.streams)
        self.items.append(Item(message: self.messages.count - 1, stream: index))
    }

    /// From the end: messages of one profile and readings of one patient follow each other.
    private static func index<Value: Equatable>(of value: Value, in list: inout [Value]) -> Int {
        if let index = list.lastIndex(of: value) { return index }
        list.append(value)
        return list.count - 1
    }
}

extension RawMaterial {
    /// The part of it that some items need, for a row beside their chunk.
    func encoded(items positions: ArraySlice<Int>) -> [UInt8] {
        var messages: [(message: Message, items: [Item])] = []
        var last: Int?
        for position in positions {
            let item = self.items[position]
            if last != item.message { messages.append((self.messages[item.message], [])) }
            messages[messages.count - 1].items.append(item)
            last = item.message
        }
        var fields = FieldWriter()
        fields.write(Int64(self.profiles.count))
        for profile in self.profiles {
            fields.write(profile.id)
            fields.write(profile.version)
        }
        fields.write(Int64(self.streams.count))
        for stream in self.streams { fields.write(stream.label) }
        fields.write(Int64(messages.count))
        for (message, items) in messages {
            fields.write(message.receivedNs)
            fields.write(message.retained ? 1 : 0)
            fields.write(Int64(message.profile))
            fields.write(self.bytes[message.topic])
            fields.write(self.bytes[message.payload])
            fields.write(Int64(items.count))
            for item in items { fields.write(Int64(item.stream)) }
        }
        return fields.bytes
    }

    /// Reads what ``encoded(items:)`` wrote; nil for other bytes.
    init?(encoded bytes: [UInt8]) {
        var fields = FieldReader(bytes)
        guard let profileCount = fields.integer() else { return nil }
        for _ in 0..<max(0, profileCount) {
            guard let id = fields.text(), let version = fields.text() else { return nil }
            self.profiles.append(Profile(id: id, version: version))
        }
        guard let streamCount = fields.integer() else { return nil }
        for _ in 0..<max(0, streamCount) {
            guard let stream = fields.text().flatMap(PatientStream.init(label:)) else { return nil }
            self.streams.append(stream)
        }
        guard let messageCount = fields.integer() else { return nil }
        for _ in 0..<max(0, messageCount) { guard self.addMessage(&fields) else { return nil } }
    }

    private mutating func addMessage(_ fields: inout FieldReader) -> Bool {
        guard let received = fields.integer(), let retained = fields.integer(), let profile = fields.integer(),
            self.profiles.indices.contains(Int(profile)), let topic = fields.field(), let payload = fields.field(),
            let count = fields.integer()
        else { return false }
        self.add(
            messageOn: topic[...],
            payload: payload[...],
            receivedNs: received,
            retained: retained != 0,
            profile: self.profiles[Int(profile)]
        )
        for _ in 0..<max(0, count) {
            guard let stream = fields.integer(), self.streams.indices.contains(Int(stream)) else { return false }
            self.items.append(Item(message: self.messages.count - 1, stream: Int(stream)))
        }
        return true
    }
}
