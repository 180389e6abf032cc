internal import Units

/// What the segments behind a waveform say of it: sampling rate, resolution, range (IHE PCD WCM).
extension HL7ObservationWriter {
    /// Adds `attributes` from the segments that follow directly and stand one level below the waveform's sub-id.
    func writeAttributes(after index: Int, _ tree: inout PayloadTree) throws(DecodeFailure) {
        let parent = self.message.trimmed(self.fields[4])
        guard !parent.isEmpty else { return }
        var fields = HL7Fields()
        var isOpen = false
        for segment in self.message.segments[(index + 1)...] {
            guard segment.kind == .observation else { break }
            fields.cut(segment.range, of: self.message)
            guard self.isChild(self.message.trimmed(fields[4]), of: parent) else { break }
            let name = self.message.component(2, fields[3])
            guard !name.isEmpty else { continue }
            if !isOpen { try tree.openContainer(.object, key: "attributes") }
            isOpen = true
            try self.writeAttribute(fields, named: tree.append(self.message.bytes[name]), &tree)
        }
        if isOpen { tree.closeContainer() }
    }

    /// Whether a sub-id is another with a dot and one more part.
    private func isChild(_ subID: Range<Int>, of parent: Range<Int>) -> Bool {
        let rest = subID.dropFirst(parent.count)
        return rest.count >= 2
            && self.message.bytes[subID.prefix(parent.count)].elementsEqual(self.message.bytes[parent])
            && self.message.bytes[rest.lowerBound] == UInt8(ascii: ".")
            && !self.message.bytes[rest.dropFirst()].contains(UInt8(ascii: "."))
    }

    private func writeAttribute(
        _ fields: HL7Fields,
        named name: PayloadTree.Span,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        let type = self.message.component(1, fields[2])
        guard self.message.equals(type, "NR") else {
            return try self.writePart(self.message.component(1, fields[5]), named: name, type: type, &tree)
        }
        try tree.openContainer(.array, key: name)
        for number in 1...2 {
            try self.writePart(self.message.component(number, fields[5]), named: .none, type: type, &tree)
        }
        tree.closeContainer()
    }

    private func writePart(
        _ part: Range<Int>,
        named name: PayloadTree.Span,
        type: Range<Int>,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        let isNumeric = self.message.equals(type, "NM") || self.message.equals(type, "NR")
        if part.isEmpty || self.message.isNull(part) {
            try tree.addNull(key: name)
        } else if isNumeric, let number = self.message.number(part) {
            try tree.add(number, key: name)
        } else {
            try self.message.addString(part, key: name, to: &tree)
        }
    }
}
