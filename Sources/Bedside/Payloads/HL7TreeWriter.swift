internal import Units

/// Writes the tree of one HL7 message; its shape is documented at ``HL7Decoder`` and ``HL7ObservationWriter``.
struct HL7TreeWriter {
    private let message: HL7Message
    private var fields = HL7Fields()

    init(_ message: HL7Message) { self.message = message }

    mutating func write(key: PayloadTree.Span, to tree: inout PayloadTree) throws(DecodeFailure) {
        try tree.openContainer(.object, key: key)
        try self.writeHeader(&tree)
        for segment in self.message.segments {
            switch segment.kind {
            case .event: try self.writeEvent(segment.range, &tree)
            case .patient: try self.writePatient(segment.range, field: 3, key: "patient", &tree)
            // The identifiers under which the patient was known (MRG-1, HL7 v2.6 §3.4.10).
            case .merged: try self.writePatient(segment.range, field: 1, key: "merged", &tree)
            case .visit: try self.writeVisit(segment.range, &tree)
            case .order, .observation: break
            }
        }
        try self.writeOrders(&tree)
        var observations = HL7ObservationWriter(self.message)
        try observations.write(to: &tree)
        tree.closeContainer()
    }

    private mutating func writeHeader(_ tree: inout PayloadTree) throws(DecodeFailure) {
        let message = self.message
        self.fields.cut(message.header, of: message, isHeader: true)
        try message.addComponent(1, of: self.fields[9], key: "message_type", to: &tree)
        try message.addComponent(2, of: self.fields[9], key: "trigger", to: &tree)
        try message.addComponent(1, of: self.fields[10], key: "control_id", to: &tree)
        try message.addComponent(1, of: self.fields[7], key: "message_time", to: &tree)
        try message.addComponent(1, of: self.fields[3], key: "sending_application", to: &tree)
        try message.addComponent(2, of: self.fields[3], key: "sending_application_id", to: &tree)
        try message.addComponent(1, of: self.fields[4], key: "sending_facility", to: &tree)
        try message.addComponent(1, of: self.fields[21], key: "message_profile", to: &tree)
    }

    private mutating func writeVisit(_ range: Range<Int>, _ tree: inout PayloadTree) throws(DecodeFailure) {
        self.fields.cut(range, of: self.message)
        try tree.openContainer(.object, key: "visit")
        try self.message.addComponent(1, of: self.fields[2], key: "class", to: &tree)
        try self.writeLocation(self.fields[3], &tree)
        try self.message.addComponent(1, of: self.fields[19], key: "number", to: &tree)
        if !self.message.trimmed(self.fields[6]).isEmpty {
            try tree.openContainer(.object, key: "prior")
            try self.writeLocation(self.fields[6], &tree)
            tree.closeContainer()
        }
        tree.closeContainer()
    }

    /// The parts of a person's location (data type PL, HL7 v2.6 §2.A.53).
    private func writeLocation(_ field: Range<Int>, _ tree: inout PayloadTree) throws(DecodeFailure) {
        try self.message.addComponent(1, of: field, key: "point_of_care", to: &tree)
        try self.message.addComponent(2, of: field, key: "room", to: &tree)
        try self.message.addComponent(3, of: field, key: "bed", to: &tree)
        try self.message.addComponent(4, of: field, key: "facility", to: &tree)
    }

    /// EVN: what happened, when it was entered, when it happened (HL7 v2.6 §3.4.1).
    private mutating func writeEvent(_ range: Range<Int>, _ tree: inout PayloadTree) throws(DecodeFailure) {
        self.fields.cut(range, of: self.message)
        try tree.openContainer(.object, key: "event")
        try self.message.addComponent(1, of: self.fields[1], key: "code", to: &tree)
        try self.message.addComponent(1, of: self.fields[2], key: "recorded", to: &tree)
        try self.message.addComponent(1, of: self.fields[6], key: "occurred", to: &tree)
        tree.closeContainer()
    }

    private mutating func writeOrders(_ tree: inout PayloadTree) throws(DecodeFailure) {
        try tree.openContainer(.array, key: "orders")
        for segment in self.message.segments where segment.kind == .order {
            self.fields.cut(segment.range, of: self.message)
            try tree.openContainer(.object)
            try self.message.addSetID(self.fields[1], to: &tree)
            try self.message.addComponent(1, of: self.fields[3], key: "filler", to: &tree)
            try self.message.addComponent(1, of: self.fields[4], key: "code", to: &tree)
            try self.message.addComponent(2, of: self.fields[4], key: "code_text", to: &tree)
            try self.message.addComponent(3, of: self.fields[4], key: "code_system", to: &tree)
            try self.message.addComponent(1, of: self.fields[7], key: "time", to: &tree)
            try self.message.addComponent(1, of: self.fields[8], key: "end_time", to: &tree)
            tree.closeContainer()
        }
        tree.closeContainer()
    }
}

extension HL7TreeWriter {
    private mutating func writePatient(
        _ range: Range<Int>,
        field: Int,
        key: StaticString,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        self.fields.cut(range, of: self.message)
        try tree.openContainer(.object, key: key)
        var repetitions = self.message.repetitions(self.fields[field])
        while let identifier = repetitions.next() {
            guard self.isUsable(identifier) else { continue }
            try self.writeIdentifier(identifier, &tree)
            break
        }
        try tree.openContainer(.array, key: "identifiers")
        repetitions = self.message.repetitions(self.fields[field])
        while let identifier = repetitions.next() {
            guard self.isUsable(identifier) else { continue }
            try tree.openContainer(.object)
            try self.writeIdentifier(identifier, &tree)
            try self.message.addComponent(5, of: identifier, key: "type", to: &tree)
            tree.closeContainer()
        }
        tree.closeContainer()
        tree.closeContainer()
    }

    private func writeIdentifier(_ identifier: Range<Int>, _ tree: inout PayloadTree) throws(DecodeFailure) {
        try self.message.addComponent(1, of: identifier, key: "id", to: &tree)
        let assigner = self.message.component(4, identifier)
        try self.message.addText(self.message.subcomponent(1, assigner), key: "assigner", to: &tree)
    }

    /// A present identifier that is not a social security number (type SS of table 0203), which has no use here.
    private func isUsable(_ identifier: Range<Int>) -> Bool {
        let id = self.message.component(1, identifier)
        return !id.isEmpty && !self.message.isNull(id)
            && !self.message.equals(self.message.component(5, identifier), "SS")
    }
}

extension HL7Message {
    /// Adds a member with unescaped text, unless the range is empty or the HL7 null.
    func addText(_ range: Range<Int>, key: StaticString, to tree: inout PayloadTree) throws(DecodeFailure) {
        guard !range.isEmpty, !self.isNull(range) else { return }
        let name = tree.append(literal: key)
        try self.addString(range, key: name, to: &tree)
    }

    /// Adds a string with unescaped text.
    func addString(
        _ range: Range<Int>,
        key: PayloadTree.Span,
        to tree: inout PayloadTree
    ) throws(DecodeFailure) {
        let text: PayloadTree.Span
        if self.bytes[range].contains(self.delimiters.escape) {
            text = tree.append(try self.unescaped(range))
        } else {
            text = tree.append(UnsafeRawBufferPointer(rebasing: self.bytes[range]))
        }
        try tree.addString(text, key: key)
    }

    /// Adds component `number` of the field's first repetition, unless it is empty.
    func addComponent(
        _ number: Int,
        of field: Range<Int>,
        key: StaticString,
        to tree: inout PayloadTree
    ) throws(DecodeFailure) {
        guard !field.isEmpty else { return }
        try self.addText(self.component(number, field), key: key, to: &tree)
    }

    /// Adds `set_id`: a number as the type SI asks, or else the text.
    func addSetID(_ field: Range<Int>, to tree: inout PayloadTree) throws(DecodeFailure) {
        if let number = self.number(field) {
            try tree.add(number, key: "set_id")
        } else {
            try self.addComponent(1, of: field, key: "set_id", to: &tree)
        }
    }
}
