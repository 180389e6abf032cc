/// An MQTT topic filter (MQTT 5 §4.7) for telling which messages are meant.
struct TopicFilter: Sendable {
    private let levels: [[UInt8]]

    /// - Parameter filter: without `$share`; one that names a group is taken without it.
    init(_ filter: String) {
        var levels = filter.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Array.init)
        if levels.first.map({ $0.elementsEqual("$share".utf8) }) == true { levels.removeFirst(min(2, levels.count)) }
        self.levels = levels
    }

    /// Whether a topic matches; topics that begin with `$` match no wildcard at the first level.
    func matches(_ topic: ArraySlice<UInt8>) -> Bool {
        let parts = topic.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for (index, level) in self.levels.enumerated() {
            let isHidden = index == 0 && parts.first?.first == UInt8(ascii: "$")
            if level == [UInt8(ascii: "#")] { return !isHidden }
            guard index < parts.count else { return false }
            if level == [UInt8(ascii: "+")] {
                if isHidden { return false }
            } else if !parts[index].elementsEqual(level) {
                return false
            }
        }
        return parts.count == self.levels.count
    }
}
