internal import Units

/// Writes the OBX segments of one message.
///
/// ```
/// { "set_id": 1, "type": "NM",                                                     // OBX-1, OBX-2
///   "code": "147842", "text": "MDC_ECG_HEART_RATE", "system": "MDC",               // OBX-3.1...3
///   "alt_code": "8867-4", "alt_text": "Heart rate", "alt_system": "LN",            // OBX-3.4...6
///   "sub_id": "1.7.4.147842", "sub": [1, 7, 4, 147842],                            // OBX-4; texts where no number
///   "channel": 4,                                                                  // third part of four or more
///   "group": "1.7.4",                                                              // OBX-4 without its last part
///   "value": 37.60, "value_text": "37.60",                                         // OBX-5; see below
///   "unit": "264864", "unit_text": "MDC_DIM_BEAT_PER_MIN", "unit_system": "MDC",   // OBX-6.1...3
///   "range": "50-120", "flags": ["H", "PL"], "status": "R",                        // OBX-7, 8, 11
///   "time": "20140606112039+0800",                                                 // OBX-14
///   "device": "F037EF2X", "device_system": "mindray.com",                          // OBX-18.1; .3 or else .2
///   "site": "LARM",                                                                // OBX-20.1
///   "order": 0, "order_time": "2014…",                                             // index in orders; its OBR-7
///   "group_time": "2014…",      // OBX-14, else the time of the nearest container by OBX-4, else OBR-7
///   "group_device": "F037EF2X" } // OBX-18.1, else that of the nearest container
/// ```
///
/// `value_text` is the first component of the first repetition, `value` what it means: a number for type NM when it is
/// one, null for HL7's `""`, else the same text. Coded types add `value_name` and `value_system`, the second and third
/// components. SN with a lone number gives it as `value`, beside its `comparator`. More than one repetition, and types
/// NA and MA (waveforms: all their components, and no `value`), give the list `values`, with null for what is empty; MA
/// has the number of its channels as `columns`. The segments that follow a waveform and belong to it (IHE PCD WCM) are its
/// `attributes`: `{"MDC_ATTR_SAMP_RATE": 256, …}`, numbers for type NM, else the text of OBX-5; for type NR a list of both
/// ends.
struct HL7ObservationWriter {
    let message: HL7Message
    /// The fields of the OBX segment at hand.
    private(set) var fields = HL7Fields()
    private var containment = HL7Containment()
    private var clock = Clock()
    /// OBR-7 of each order.
    private var orderTimes: [Range<Int>] = []

    /// The coincident reading of the device's clock.
    private struct Clock {
        var deviceTime: Range<Int>?
        var referenceTime: Range<Int>?
        var synchronization: Range<Int>?
    }

    init(_ message: HL7Message) { self.message = message }

    /// Adds `observations`, and `clock` if the device reported it.
    mutating func write(to tree: inout PayloadTree) throws(DecodeFailure) {
        self.collect()
        try tree.openContainer(.array, key: "observations")
        var order = -1
        for (index, segment) in self.message.segments.enumerated() {
            if segment.kind == .order { order += 1 }
            guard segment.kind == .observation else { continue }
            self.fields.cut(segment.range, of: self.message)
            try tree.openContainer(.object)
            try self.writeIdentity(&tree)
            try self.writeValue(&tree)
            try self.writeCircumstances(&tree)
            try self.writeContext(order, &tree)
            if self.isWaveform { try self.writeAttributes(after: index, &tree) }
            tree.closeContainer()
            self.noteClock()
        }
        tree.closeContainer()
        try self.writeClock(&tree)
    }

    /// First pass: what observations inherit may also stand after them.
    private mutating func collect() {
        for segment in self.message.segments {
            switch segment.kind {
            case .order:
                self.fields.cut(segment.range, of: self.message)
                self.orderTimes.append(self.message.component(1, self.fields[7]))
            case .observation:
                self.fields.cut(segment.range, of: self.message)
                self.containment.insert(
                    subID: self.message.bytes[self.message.trimmed(self.fields[4])],
                    order: self.orderTimes.count - 1,
                    time: self.message.component(1, self.fields[14]),
                    device: self.message.component(1, self.fields[18])
                )
            case .event, .patient, .merged, .visit:
                break
            }
        }
    }
}

extension HL7ObservationWriter {
    private func writeIdentity(_ tree: inout PayloadTree) throws(DecodeFailure) {
        let message = self.message
        try message.addSetID(self.fields[1], to: &tree)
        try message.addComponent(1, of: self.fields[2], key: "type", to: &tree)
        let code = message.repetition(self.fields[3])
        let names: [StaticString] = ["code", "text", "system", "alt_code", "alt_text", "alt_system"]
        var components = message.components(code)
        for name in names {
            guard let component = components.next() else { break }
            try message.addText(message.trimmed(component), key: name, to: &tree)
        }
        try self.writePlace(message.trimmed(self.fields[4]), &tree)
    }

    private func writePlace(_ subID: Range<Int>, _ tree: inout PayloadTree) throws(DecodeFailure) {
        guard !subID.isEmpty, !self.message.isNull(subID) else { return }
        try self.message.addText(subID, key: "sub_id", to: &tree)
        var parts: [Range<Int>] = []
        var pieces = HL7Pieces(self.message.bytes, in: subID, separatedBy: UInt8(ascii: "."))
        while parts.count < Self.partsMax, let part = pieces.next() { parts.append(part) }
        try tree.openContainer(.array, key: "sub")
        for part in parts { try self.addNumberOrText(part, to: &tree) }
        tree.closeContainer()
        if parts.count >= 4, let channel = self.wholeNumber(parts[2]) { try tree.add(channel, key: "channel") }
        if let last = parts.last, parts.count >= 2 {
            try self.message.addText(subID.lowerBound..<last.lowerBound - 1, key: "group", to: &tree)
        }
    }

    /// Parts of a sub-id beyond this one are not listed.
    private static let partsMax = 32

    private func addNumberOrText(_ part: Range<Int>, to tree: inout PayloadTree) throws(DecodeFailure) {
        if let number = self.wholeNumber(part) {
            try tree.add(number)
        } else {
            try self.message.addString(part, key: .none, to: &tree)
        }
    }

    /// Digits only: "1e5" or "-1" are texts in a sub-id.
    private func wholeNumber(_ range: Range<Int>) -> ExactDecimal? {
        let isDigits = self.message.bytes[range].allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
        return isDigits ? self.message.number(range) : nil
    }

    private func writeCircumstances(_ tree: inout PayloadTree) throws(DecodeFailure) {
        let message = self.message
        try message.addComponent(1, of: self.fields[6], key: "unit", to: &tree)
        try message.addComponent(2, of: self.fields[6], key: "unit_text", to: &tree)
        try message.addComponent(3, of: self.fields[6], key: "unit_system", to: &tree)
        try message.addText(message.trimmed(self.fields[7]), key: "range", to: &tree)
        if !self.fields[8].isEmpty {
            try tree.openContainer(.array, key: "flags")
            var repetitions = message.repetitions(self.fields[8])
            while let flag = repetitions.next() {
                let code = message.component(1, flag)
                if !code.isEmpty { try message.addString(code, key: .none, to: &tree) }
            }
            tree.closeContainer()
        }
        try message.addComponent(1, of: self.fields[11], key: "status", to: &tree)
        try message.addComponent(1, of: self.fields[14], key: "time", to: &tree)
        let device = self.fields[18]
        try message.addComponent(1, of: device, key: "device", to: &tree)
        let universal = message.component(3, device)
        try message.addText(
            universal.isEmpty ? message.component(2, device) : universal,
            key: "device_system",
            to: &tree
        )
        try message.addComponent(1, of: self.fields[20], key: "site", to: &tree)
    }

    private func writeContext(_ order: Int, _ tree: inout PayloadTree) throws(DecodeFailure) {
        let message = self.message
        var orderTime: Range<Int>?
        if order >= 0 {
            try tree.addWhole(order, key: "order")
            try message.addText(self.orderTimes[order], key: "order_time", to: &tree)
            if !self.orderTimes[order].isEmpty { orderTime = self.orderTimes[order] }
        }
        let subID = message.bytes[message.trimmed(self.fields[4])]
        let inherited = self.containment.inherited(subID: subID, order: order)
        let ownTime = message.component(1, self.fields[14])
        if let time = ownTime.isEmpty ? inherited.time ?? orderTime : ownTime {
            try message.addText(time, key: "group_time", to: &tree)
        }
        let ownDevice = message.component(1, self.fields[18])
        if let device = ownDevice.isEmpty ? inherited.device : ownDevice {
            try message.addText(device, key: "group_device", to: &tree)
        }
    }
}

extension HL7ObservationWriter {
    /// Keeps the first MDC_ATTR_TIME_ABS (67975) and MDC_TIME_SYNC_PROTOCOL (68220) of the message.
    private mutating func noteClock() {
        let code = self.message.component(1, self.fields[3])
        if self.clock.referenceTime == nil, self.message.equals(code, "67975") {
            self.clock.deviceTime = self.message.component(1, self.fields[5])
            self.clock.referenceTime = self.message.component(1, self.fields[14])
        } else if self.clock.synchronization == nil, self.message.equals(code, "68220") {
            let name = self.message.component(2, self.fields[5])
            self.clock.synchronization = name.isEmpty ? self.message.component(1, self.fields[5]) : name
        }
    }

    private func writeClock(_ tree: inout PayloadTree) throws(DecodeFailure) {
        guard let deviceTime = self.clock.deviceTime, let referenceTime = self.clock.referenceTime else { return }
        try tree.openContainer(.object, key: "clock")
        try self.message.addText(deviceTime, key: "device_time", to: &tree)
        try self.message.addText(referenceTime, key: "reference_time", to: &tree)
        if let synchronization = self.clock.synchronization {
            try self.message.addText(synchronization, key: "sync", to: &tree)
        }
        tree.closeContainer()
    }
}
