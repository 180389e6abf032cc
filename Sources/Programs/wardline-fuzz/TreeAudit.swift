import Payloads
import Units

/// Walks a decoded tree and checks everything that readers of it rely on.
struct TreeAudit {
    private let tree: PayloadTree
    private var visited = 0
    private var fault: String?

    /// The first thing that is wrong; nil for a sound tree.
    static func fault(in tree: PayloadTree) -> String? {
        guard !tree.isEmpty else { return "success without a root" }
        guard tree.depth == 0 else { return "a container was left open" }
        var audit = TreeAudit(tree: tree)
        audit.walk(.root, depth: 0)
        return audit.fault
    }

    private init(tree: PayloadTree) { self.tree = tree }

    private mutating func walk(_ node: PayloadTree.NodeID, depth: Int) {
        self.visited += 1
        guard self.visited <= PayloadTree.nodesMax else { return self.report("a loop, or more nodes than allowed") }
        guard depth <= PayloadTree.depthMax else { return self.report("deeper than allowed") }
        switch self.tree.kind(node) {
        case .array, .object: self.children(of: node, depth: depth)
        case .string: self.text(self.tree.bytes(node), "a string")
        case .bytes: if self.tree.bytes(node) == nil { self.report("bytes without bytes") }
        case .number: self.number(self.tree.number(node))
        case .bool: if self.tree.bool(node) == nil { self.report("a bool without a value") }
        case .absent: if self.tree.absence(node) == nil { self.report("an absent number without a reason") }
        case .null: break
        }
    }

    private mutating func children(of node: PayloadTree.NodeID, depth: Int) {
        let named = self.tree.kind(node) == .object
        var count = 0
        var next = self.tree.firstChild(node)
        while let child = next, self.fault == nil {
            count += 1
            if child.index <= node.index { return self.report("a child before its parent") }
            if named { self.text(self.tree.keyBytes(child), "a name") }
            self.walk(child, depth: depth + 1)
            next = self.tree.nextSibling(child)
        }
        if self.fault == nil, count != self.tree.childCount(node) { self.report("\(count) children, another count") }
    }

    private mutating func text(_ bytes: ArraySlice<UInt8>?, _ what: String) {
        guard let bytes else { return self.report("\(what) without bytes") }
        if bytes.allSatisfy({ $0 < 0x80 }) { return }
        if String(validating: bytes, as: UTF8.self) == nil { self.report("\(what) that is not UTF-8") }
    }

    private mutating func number(_ number: ExactDecimal?) {
        guard let number else { return self.report("a number without a value") }
        // Long lists are checked at their start only: writing every number out would take most of the time.
        if self.visited <= 32, let fault = Self.fault(of: number) { self.report(fault) }
    }

    /// A number must survive being written and read, with every digit.
    static func fault(of number: ExactDecimal) -> String? {
        var text: [UInt8] = []
        number.write(to: &text)
        guard let again = ExactDecimal(parsing: text), again == number else {
            return "a number that is not read back from its own text \(String(decoding: text, as: UTF8.self))"
        }
        return nil
    }

    private mutating func report(_ fault: String) {
        if self.fault == nil { self.fault = fault }
    }
}
