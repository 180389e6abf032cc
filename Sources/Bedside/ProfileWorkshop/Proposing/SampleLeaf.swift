internal import Payloads
internal import Units

/// One value of a sample payload, with how a profile reaches it.
struct SampleLeaf: Equatable {
    enum Value: Equatable {
        case number(ExactDecimal)
        case text(String)
        case truth(Bool)
    }

    /// The elements among which the value is; nil when it stands once in the message.
    var each: String?
    /// Names from the message or the element down to the value.
    var names: [String]
    /// What the element is called when elements name themselves, such as `hr` in `{"name": "hr", "value": 72}`.
    var element: String?
    var value: Value

    /// The expression that reads it within its element.
    var path: String {
        TemplatePath(steps: self.names.map { .member($0) }).text(from: self.each == nil ? "$" : "@")
    }

    /// The expression that reads it from the message.
    var rootPath: String {
        TemplatePath(steps: self.names.map { .member($0) }).text(from: self.each ?? "$")
    }

    /// The value as a number, also when the device writes it as text.
    var number: ExactDecimal? {
        switch self.value {
        case .number(let number): number
        case .text(let text): ExactDecimal(text)
        case .truth: nil
        }
    }
}

/// Collects the values of a sample's tree.
struct SampleLeaves {
    private let tree: PayloadTree
    private(set) var leaves: [SampleLeaf] = []
    /// Lists of numbers: waveforms need a person.
    private(set) var series: [String] = []

    /// Values beyond this many are not looked at.
    private static let leavesMax = 512

    init(_ tree: PayloadTree) {
        self.tree = tree
        self.walk(.root, each: nil, names: [], element: nil, depth: 0)
    }

    private mutating func walk(
        _ node: PayloadTree.NodeID,
        each: String?,
        names: [String],
        element: String?,
        depth: Int
    ) {
        guard self.leaves.count < Self.leavesMax, depth < 12 else { return }
        switch self.tree.kind(node) {
        case .object:
            for child in self.children(node) {
                let name = self.tree.key(child) ?? ""
                self.walk(child, each: each, names: names + [name], element: element, depth: depth + 1)
            }
        case .array: self.walkList(node, each: each, names: names, depth: depth)
        case .number:
            guard let number = self.tree.number(node) else { return }
            self.add(each, names, element, .number(number))
        case .string:
            guard let text = self.tree.string(node) else { return }
            self.add(each, names, element, .text(text))
        case .bool: self.add(each, names, element, .truth(self.tree.bool(node) ?? false))
        case .null, .bytes, .absent: return
        }
    }

    private mutating func add(_ each: String?, _ names: [String], _ element: String?, _ value: SampleLeaf.Value) {
        let leaf = SampleLeaf(each: each, names: names, element: element, value: value)
        if !self.leaves.contains(where: { $0.each == each && $0.names == names }) { self.leaves.append(leaf) }
    }

    private func children(_ node: PayloadTree.NodeID) -> [PayloadTree.NodeID] {
        var nodes: [PayloadTree.NodeID] = []
        var next = self.tree.firstChild(node)
        while let child = next, nodes.count < 4_096 {
            nodes.append(child)
            next = self.tree.nextSibling(child)
        }
        return nodes
    }

    /// Elements of one list are read by one rule, unless they name themselves: then by one for each name.
    private mutating func walkList(_ node: PayloadTree.NodeID, each: String?, names: [String], depth: Int) {
        let elements = self.children(node)
        guard elements.allSatisfy({ self.tree.kind($0) == .object }), each == nil else {
            if elements.count > 4 { self.series.append(TemplatePath(steps: names.map { .member($0) }).text(from: "$")) }
            return
        }
        let base = TemplatePath(steps: names.map { .member($0) }).text(from: "$")
        for element in elements {
            if let (key, name) = self.selfName(element) {
                let filter = "\(base)[?@\(TemplatePath(steps: [.member(key)]).text(from: "")) == \(Self.quoted(name))]"
                self.walk(element, each: filter, names: [], element: name, depth: depth + 1)
            } else {
                self.walk(element, each: "\(base)[*]", names: [], element: nil, depth: depth + 1)
            }
        }
    }

    private static func quoted(_ text: String) -> String {
        "\"" + String(text.flatMap { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }) + "\""
    }

    private static let nameKeys = [
        "code", "n", "name", "type", "parameter", "param", "metric", "measurement", "sensor", "channel", "vital", "id",
        "key",
    ]
    private static let valueKeys = ["value", "v", "val", "reading", "result"]

    /// How an element with one value calls itself: a member beside `value`.
    private func selfName(_ element: PayloadTree.NodeID) -> (key: String, name: String)? {
        let members = self.children(element).map { ($0, self.tree.key($0) ?? "") }
        guard members.contains(where: { Self.valueKeys.contains($0.1.lowercased()) }) else { return nil }
        for key in Self.nameKeys {
            for (node, name) in members where name.lowercased() == key {
                if let text = self.tree.string(node), !text.isEmpty { return (name, text) }
            }
        }
        return nil
    }
}
