internal import Units

/// The value of one OBX segment.
extension HL7ObservationWriter {
    /// The value types that the tree treats apart.
    private enum ValueType {
        case numeric, numericArray, structuredNumeric, coded, text
    }

    /// Whether the segment at hand holds the samples of a waveform.
    var isWaveform: Bool { self.valueType() == .numericArray }

    private func valueType() -> ValueType {
        let type = self.message.component(1, self.fields[2])
        if self.message.equals(type, "NM") { return .numeric }
        if self.message.equals(type, "NA") || self.message.equals(type, "MA") { return .numericArray }
        if self.message.equals(type, "SN") { return .structuredNumeric }
        let coded: [StaticString] = ["CWE", "CE", "CNE", "CF"]
        return coded.contains { self.message.equals(type, $0) } ? .coded : .text
    }

    /// Adds the members of OBX-5, as documented at the type.
    func writeValue(_ tree: inout PayloadTree) throws(DecodeFailure) {
        let field = self.fields[5]
        guard !field.isEmpty else { return }
        let first = self.message.component(1, field)
        let type = self.valueType()
        try self.message.addText(first, key: "value_text", to: &tree)
        switch type {
        case .numeric: try self.add(first, isNumeric: true, key: "value", &tree)
        case .coded:
            try self.add(first, isNumeric: false, key: "value", &tree)
            try self.message.addComponent(2, of: field, key: "value_name", to: &tree)
            try self.message.addComponent(3, of: field, key: "value_system", to: &tree)
        case .structuredNumeric: try self.writeStructuredNumeric(field, first, &tree)
        case .text: try self.add(first, isNumeric: false, key: "value", &tree)
        case .numericArray: break
        }
        try self.writeValues(field, type, &tree)
        if type == .numericArray, self.message.equals(self.message.component(1, self.fields[2]), "MA") {
            try tree.addWhole(self.columns(of: field), key: "columns")
        }
    }

    /// The channels of a multiplexed array: components of its first repetition.
    private func columns(of field: Range<Int>) -> Int {
        var components = self.message.components(self.message.repetition(field))
        var count = 0
        while components.next() != nil { count += 1 }
        return count
    }

    /// SN is comparator ^ number ^ separator ^ number; only the form with one number is a value.
    private func writeStructuredNumeric(
        _ field: Range<Int>,
        _ comparator: Range<Int>,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        try self.message.addText(comparator, key: "comparator", to: &tree)
        guard self.message.component(3, field).isEmpty else { return }
        try self.add(self.message.component(2, field), isNumeric: true, key: "value", &tree)
    }

    private func writeValues(
        _ field: Range<Int>,
        _ type: ValueType,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        let isRepeated = self.message.repetition(field).upperBound < field.upperBound
        guard isRepeated || type == .numericArray else { return }
        try tree.openContainer(.array, key: "values")
        var repetitions = self.message.repetitions(field)
        while let repetition = repetitions.next() {
            guard type == .numericArray else {
                try self.addElement(self.message.component(1, repetition), isNumeric: type == .numeric, &tree)
                continue
            }
            var components = self.message.components(repetition)
            while let component = components.next() {
                try self.addElement(self.message.trimmed(component), isNumeric: true, &tree)
            }
        }
        tree.closeContainer()
    }

    private func add(
        _ range: Range<Int>,
        isNumeric: Bool,
        key: StaticString,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        guard !range.isEmpty else { return }
        let name = tree.append(literal: key)
        try self.add(range, isNumeric: isNumeric, key: name, &tree)
    }

    private func addElement(
        _ range: Range<Int>,
        isNumeric: Bool,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        if range.isEmpty {
            try tree.addNull()
        } else {
            try self.add(range, isNumeric: isNumeric, key: .none, &tree)
        }
    }

    private func add(
        _ range: Range<Int>,
        isNumeric: Bool,
        key: PayloadTree.Span,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        if self.message.isNull(range) {
            try tree.addNull(key: key)
        } else if isNumeric, let number = self.message.number(range) {
            try tree.add(number, key: key)
        } else {
            try self.message.addString(range, key: key, to: &tree)
        }
    }
}
