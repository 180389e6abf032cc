internal import CanonicalBytes
internal import Payloads
internal import Units

/// One measured value: an Observation, or a component of one, in the columns of the table formats.
struct ObservationRow {
    /// A column of the table formats.
    struct Column: Sendable {
        enum Kind: String, Sendable {
            case text
            /// Milliseconds since 1970, UTC.
            case timestamp
            case integer
            /// Text that keeps the number's digits; `columns` adds a file of doubles.
            case decimal
        }

        let name: String
        let kind: Kind
    }

    static let columns: [Column] = [
        Column(name: "observation", kind: .text), Column(name: "component", kind: .integer),
        Column(name: "status", kind: .text), Column(name: "subject_system", kind: .text),
        Column(name: "subject", kind: .text), Column(name: "device", kind: .text),
        Column(name: "effective", kind: .timestamp), Column(name: "issued", kind: .timestamp),
        Column(name: "code_system", kind: .text), Column(name: "code", kind: .text),
        Column(name: "code_text", kind: .text), Column(name: "kind", kind: .text),
        Column(name: "value", kind: .decimal), Column(name: "unit", kind: .text),
        Column(name: "unit_code", kind: .text), Column(name: "value_text", kind: .text),
        Column(name: "sample_period_ms", kind: .decimal), Column(name: "sample_factor", kind: .decimal),
        Column(name: "absent_reason", kind: .text), Column(name: "quality", kind: .text),
        Column(name: "scope", kind: .text), Column(name: "sender", kind: .text), Column(name: "envelope", kind: .text),
    ]

    /// The texts of all columns in their order, nil for what is not there.
    ///
    /// Times are as FHIR writes them.
    let values: [String?]
}

/// Where an Observation came from.
struct ObservationOrigin {
    /// Digest of the scope, hexadecimal digits.
    let scope: String
    /// Name of the gateway.
    let sender: String
    /// H1, hexadecimal digits.
    let envelope: String
}

extension ObservationRow {
    /// The rows of an Observation: one for its own value, and one for each component.
    ///
    /// - Throws: `FORMAT` for what is no Observation in JSON.
    static func rows(_ json: [UInt8], _ origin: ObservationOrigin) throws -> [ObservationRow] {
        var tree = PayloadTree()
        do {
            try json.withUnsafeBytes { try JSONTextDecoder.decode($0, into: &tree, bytesMax: 64 << 20) }
        } catch { throw ProtocolFailure(.format, "an Observation that is no JSON") }
        let reader = FieldReader(tree: tree)
        let root = PayloadTree.NodeID.root
        try require(reader.text(root, "resourceType") == "Observation", .format, "a resource that is no Observation")
        let components = reader.list(root, "component")
        var rows: [ObservationRow] = []
        if components.isEmpty || reader.hasValue(root) { rows.append(self.row(reader, root, nil, origin)) }
        for (number, component) in components.enumerated() {
            rows.append(self.row(reader, component, number, origin))
        }
        return rows
    }

    private static func row(
        _ reader: FieldReader,
        _ node: PayloadTree.NodeID,
        _ component: Int?,
        _ origin: ObservationOrigin
    ) -> ObservationRow {
        let root = PayloadTree.NodeID.root
        let code = reader.node(node, "code")
        let coding = code.flatMap { reader.list($0, "coding").first }
        let value = reader.value(node)
        let quality = reader.quality(root) + (component == nil ? [] : reader.quality(node))
        return ObservationRow(
            values: [
                reader.text(root, "id"), component.map { "\($0)" }, reader.text(root, "status"),
                reader.text(root, "subject", "identifier", "system"),
                reader.text(root, "subject", "identifier", "value"),
                reader.text(root, "device", "identifier", "value"), reader.text(root, "effectiveDateTime"),
                reader.text(root, "issued"), coding.flatMap { reader.text($0, "system") },
                coding.flatMap { reader.text($0, "code") }, code.flatMap { reader.text($0, "text") }, value.kind,
                value.number, value.unit, value.unitCode, value.text, value.period, value.factor,
                reader.coding(node, "dataAbsentReason"), quality.isEmpty ? nil : quality.joined(separator: " "),
                origin.scope, origin.sender, origin.envelope,
            ]
        )
    }
}

/// Reads members of a decoded resource by their names.
private struct FieldReader {
    struct Value {
        var kind = "absent"
        var number: String?
        var unit: String?
        var unitCode: String?
        var text: String?
        var period: String?
        var factor: String?
    }

    let tree: PayloadTree

    func node(_ node: PayloadTree.NodeID, _ path: String...) -> PayloadTree.NodeID? { self.node(node, path) }

    private func node(_ node: PayloadTree.NodeID, _ path: [String]) -> PayloadTree.NodeID? {
        var node = node
        for name in path {
            guard self.tree.kind(node) == .object, let member = self.tree.member(node, named: name) else { return nil }
            node = member
        }
        return node
    }

    func text(_ node: PayloadTree.NodeID, _ path: String...) -> String? {
        self.node(node, path).flatMap { self.tree.string($0) }
    }

    func number(_ node: PayloadTree.NodeID, _ name: String) -> String? {
        self.node(node, name).flatMap { self.tree.number($0)?.description }
    }

    func list(_ node: PayloadTree.NodeID, _ name: String) -> [PayloadTree.NodeID] {
        guard let list = self.node(node, name), self.tree.kind(list) == .array else { return [] }
        var elements: [PayloadTree.NodeID] = []
        var next = self.tree.firstChild(list)
        while let element = next {
            elements.append(element)
            next = self.tree.nextSibling(element)
        }
        return elements
    }

    /// The first code of a concept.
    func coding(_ node: PayloadTree.NodeID, _ name: String) -> String? {
        self.node(node, name).flatMap { self.list($0, "coding").first }.flatMap { self.text($0, "code") }
    }

    func quality(_ node: PayloadTree.NodeID) -> [String] {
        self.list(node, "extension").compactMap { entry in
            self.text(entry, "url") == "urn:wardline:fhir:quality" ? self.text(entry, "valueCode") : nil
        }
    }

    func hasValue(_ node: PayloadTree.NodeID) -> Bool { self.value(node).kind != "absent" }

    /// The value of an Observation or component, whatever its type.
    func value(_ node: PayloadTree.NodeID) -> Value {
        var value = Value()
        if let quantity = self.node(node, "valueQuantity") {
            value.kind = "quantity"
            value.number = self.number(quantity, "value")
            value.unit = self.text(quantity, "unit")
            value.unitCode = self.text(quantity, "code")
        } else if let samples = self.node(node, "valueSampledData") {
            value.kind = "samples"
            value.number = self.node(samples, "origin").flatMap { self.number($0, "value") }
            value.unit = self.text(samples, "origin", "unit")
            value.unitCode = self.text(samples, "origin", "code")
            value.period = self.number(samples, "period")
            value.factor = self.number(samples, "factor")
            value.text = self.text(samples, "data")
        } else if let text = self.text(node, "valueString") {
            value.kind = "text"
            value.text = text
        } else if let concept = self.node(node, "valueCodeableConcept") {
            value.kind = "code"
            value.text =
                self.list(concept, "coding").first.flatMap { self.text($0, "code") } ?? self.text(concept, "text")
        } else if let integer = self.number(node, "valueInteger") {
            value.kind = "integer"
            value.number = integer
        } else if let flag = self.node(node, "valueBoolean").flatMap({ self.tree.bool($0) }) {
            value.kind = "boolean"
            value.text = flag ? "true" : "false"
        } else if let ratio = self.node(node, "valueRatio") {
            value.kind = "ratio"
            let parts = ["numerator", "denominator"].map { name in
                self.node(ratio, name).flatMap { self.number($0, "value") } ?? ""
            }
            value.text = parts.joined(separator: ":")
        } else if let time = self.text(node, "valueDateTime") ?? self.text(node, "valueTime") {
            value.kind = "time"
            value.text = time
        }
        return value
    }
}
