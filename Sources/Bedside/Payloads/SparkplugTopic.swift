/// Where a Sparkplug message comes from: `spBv1.0/<group>/<type>/<edge node>[/<device>]` (Sparkplug 3.0 §4.1).
package struct SparkplugTopic: Equatable, Sendable {
    /// The messages that carry a payload of metrics from a device.
    package enum MessageType: String, Sendable, CaseIterable {
        case nodeBirth = "NBIRTH"
        case nodeDeath = "NDEATH"
        case nodeData = "NDATA"
        case deviceBirth = "DBIRTH"
        case deviceDeath = "DDEATH"
        case deviceData = "DDATA"

        /// Whether the topic ends with a device below the edge node.
        package var isOfDevice: Bool {
            switch self {
            case .nodeBirth, .nodeDeath, .nodeData: false
            case .deviceBirth, .deviceDeath, .deviceData: true
            }
        }

        /// The types with their spelling as bytes, because topics are split for every message.
        private static let spellings = Self.allCases.map { (type: $0, word: Array($0.rawValue.utf8)) }

        init?(_ word: ArraySlice<UInt8>) {
            guard let known = Self.spellings.first(where: { $0.word[...] == word }) else { return nil }
            self = known.type
        }
    }

    package let group: [UInt8]
    package let type: MessageType
    package let edgeNode: [UInt8]
    /// Nil for a message of the edge node itself.
    package let device: [UInt8]?

    /// The longest topic that MQTT can carry.
    private static let bytesMax = 65_535
    private static let version = Array("spBv1.0".utf8)[...]
    private static let state = Array("STATE".utf8)[...]

    /// Splits a topic name.
    ///
    /// - Parameter topic: the UTF-8 of the MQTT topic.
    /// - Throws: `unsupported` for a Sparkplug topic without measurements (STATE, NCMD, DCMD, unknown types),
    ///   `malformed` for any other topic.
    package init(_ topic: some Collection<UInt8>) throws(DecodeFailure) {
        let parts = Self.levels(Array(topic))
        guard topic.count <= Self.bytesMax, parts.first == Self.version else {
            throw DecodeFailure(.malformed, "the topic does not start with spBv1.0/")
        }
        if parts.count >= 2, parts[1] == Self.state {
            throw DecodeFailure(.unsupported, "a Sparkplug STATE message carries no metrics")
        }
        guard parts.count == 4 || parts.count == 5, !parts.contains(where: \.isEmpty) else {
            throw DecodeFailure(.malformed, "the topic is not spBv1.0/group/type/edge-node[/device]")
        }
        guard let type = MessageType(parts[2]) else {
            throw DecodeFailure(.unsupported, "only births, deaths and data of Sparkplug are read")
        }
        guard type.isOfDevice == (parts.count == 5) else {
            throw DecodeFailure(
                .malformed,
                "a topic of type \(type.rawValue) has \(type.isOfDevice ? "a" : "no") device"
            )
        }
        self.group = Array(parts[1])
        self.type = type
        self.edgeNode = Array(parts[3])
        self.device = parts.count == 5 ? Array(parts[4]) : nil
    }

    /// The levels of a topic; more than six are as wrong as six.
    private static func levels(_ topic: [UInt8]) -> [ArraySlice<UInt8>] {
        var levels: [ArraySlice<UInt8>] = []
        levels.reserveCapacity(6)
        var start = 0
        for position in topic.indices where topic[position] == UInt8(ascii: "/") {
            levels.append(topic[start..<position])
            start = position + 1
            if levels.count == 6 { return levels }
        }
        levels.append(topic[start...])
        return levels
    }
}
