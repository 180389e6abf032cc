/// One topic filter the agent subscribes to, checked when it is made.
///
/// Shared subscriptions are filters of the form `$share/group/filter` (MQTT 5 §4.8.2): the broker hands
/// each message to one member of the group.
package struct Subscription: Sendable, Equatable {
    /// The filter as sent to the broker, with its `$share/group/` prefix if it has one.
    package let filter: String
    /// The quality of service asked for: 1, or 0 where loss is allowed.
    package let qos: Int32

    /// Checks a filter and the quality of service asked for.
    ///
    /// - Parameters:
    ///   - filter: MQTT topic filter, 1 to 65,535 bytes of UTF-8 (MQTT 5 §4.7).
    ///   - qos: 1, or 0 together with `allowLoss`.
    ///   - allowLoss: accepts that messages are lost whenever the connection breaks.
    /// - Throws: ``BrokerSettingsError`` with the reason.
    package init(filter: String, qos: Int = 1, allowLoss: Bool = false) throws(BrokerSettingsError) {
        if let reason = Self.complaint(about: filter) {
            throw .malformedFilter(filter, reason: reason)
        }
        switch qos {
        case 1: break
        case 0 where allowLoss: break
        case 0: throw .lossNotAllowed(filter: filter)
        case 2: throw .exactlyOnceRefused(filter: filter)
        default: throw .qosOutOfRange(filter: filter, qos: qos)
        }
        self.filter = filter
        self.qos = Int32(qos)
    }

    /// Whether the broker spreads the messages over a group of clients.
    package var isShared: Bool { self.filter.utf8.starts(with: "$share/".utf8) }

    /// What is wrong with a topic filter, or nil (MQTT 5 §4.7.1, §4.7.3 and §4.8.2).
    private static func complaint(about filter: String) -> String? {
        guard !filter.isEmpty else { return "it is empty" }
        guard filter.utf8.count <= Int(UInt16.max) else { return "it is longer than 65,535 bytes" }
        guard !filter.utf8.contains(0) else { return "it contains a NUL character" }
        var levels = filter.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)[...]
        if levels.first.map({ $0.elementsEqual("$share".utf8) }) == true {
            let group = levels.dropFirst().first ?? "".utf8[...]
            guard !group.isEmpty, !group.contains(where: Self.isWildcard) else {
                return "a shared subscription needs a group name without wildcards: $share/group/filter"
            }
            levels = levels.dropFirst(2)
            guard levels.count > 1 || levels.first?.isEmpty == false else {
                return "a shared subscription needs a filter after its group: $share/group/filter"
            }
        }
        for (position, level) in zip(levels.indices, levels) where level.contains(where: Self.isWildcard) {
            guard level.count == 1 else { return "a wildcard must fill its level" }
            guard level.first != UInt8(ascii: "#") || position == levels.endIndex - 1 else {
                return "# may only be the last level"
            }
        }
        return nil
    }

    private static func isWildcard(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "#") || byte == UInt8(ascii: "+")
    }
}

/// What to send to the broker so that it holds the wanted subscriptions.
struct SubscriptionChange: Equatable {
    let subscribe: [Subscription]
    let unsubscribe: [String]

    /// Compares what the broker holds with what is wanted.
    ///
    /// - Parameters:
    ///   - held: filters the broker has granted, with the quality of service asked for.
    ///   - wanted: in the order in which to subscribe.
    init(held: [String: Int32], wanted: [Subscription]) {
        self.subscribe = wanted.filter { held[$0.filter] != $0.qos }
        let filters = Set(wanted.map(\.filter))
        self.unsubscribe = held.keys.filter { !filters.contains($0) }.sorted()
    }
}
