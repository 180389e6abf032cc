internal import Units

/// Decodes the births, deaths and data of Sparkplug B 3.0 edge nodes and devices.
///
/// Tree (members that the message does not have are left out; times are milliseconds since 1970 in UTC):
///
/// ```
/// { "message_type": "DDATA", "group": "hospA", "edge_node": "gw1",
///   "device": "bed12",                    // not in messages of the node itself
///   "timestamp": 1763711104900, "seq": 2,
///   "seq_gap": true,                      // messages of this node are missing before this one
///   "seq_repeated": true,                 // the seq of the message before: probably redelivered
///   "metrics": [
///     { "name": "Vitals/HR", "alias": 1, "timestamp": 1763711104900, "datatype": "Int32", "value": 74,
///       "is_historical": true, "is_transient": true, "is_null": true,     // only when true
///       "properties": { "Quality": 192, "engUnit": "/min" } } ] }         // scalars only
/// ```
///
/// `name` and `datatype` come from the birth when a data message omits them. `value` is a number, text, boolean, byte
/// string (Bytes, File), an array of numbers (numeric and DateTime arrays), null with `is_null`, or an absent value for
/// a NaN or infinity. A DataSet, Template, Boolean or String array gives `"unsupported": true` instead of a value,
/// so that one of them does not cost the other metrics of the message.
package enum SparkplugDecoder {
    /// Writes the root object and brings `births` up to date.
    ///
    /// - Parameters:
    ///   - bytes: the protobuf payload.
    ///   - topic: where it came from; the payload does not say so.
    ///   - births: what earlier births declared; unchanged when the payload is refused.
    ///   - tree: an empty tree.
    /// - Throws: `missing-state` for an alias, or a metric without datatype, whose birth is not known.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer,
        topic: SparkplugTopic,
        births: inout SparkplugBirths,
        into tree: inout PayloadTree
    ) throws(DecodeFailure) {
        try self.decodeValue(bytes, topic: topic, births: &births, key: .none, into: &tree)
    }

    /// Adds the object under the open container.
    package static func decodeValue(
        _ bytes: UnsafeRawBufferPointer,
        topic: SparkplugTopic,
        births: inout SparkplugBirths,
        key: PayloadTree.Span,
        into tree: inout PayloadTree
    ) throws(DecodeFailure) {
        try PayloadBounds.check(bytes, bytesMax: PayloadBounds.unwrappedBytesMax)
        let payload = try SparkplugPayload(bytes)
        let isBirth = topic.type == .nodeBirth || topic.type == .deviceBirth
        let born = isBirth ? try self.birth(payload) : nil
        let known = isBirth ? born : births.birth(topic)

        try tree.openContainer(.object, key: key)
        try self.writeOrigin(topic, &tree)
        if let timestamp = payload.timestamp { try tree.addWhole(timestamp, key: "timestamp") }
        if let sequence = payload.sequence {
            try tree.addWhole(sequence, key: "seq")
            let last = topic.type == .nodeBirth ? nil : births.lastSequence(topic)
            try self.writeContinuity(sequence, after: last, &tree)
        }
        try tree.openContainer(.array, key: "metrics")
        for metric in payload.metrics { try self.write(metric, known, &tree) }
        tree.closeContainer()
        tree.closeContainer()
        try births.apply(topic, born, sequence: payload.sequence)
    }

    private static func writeOrigin(_ topic: SparkplugTopic, _ tree: inout PayloadTree) throws(DecodeFailure) {
        try tree.addString(topic.type.rawValue.utf8, key: "message_type")
        try self.addText(topic.group, key: "group", &tree)
        try self.addText(topic.edgeNode, key: "edge_node", &tree)
        if let device = topic.device { try self.addText(device, key: "device", &tree) }
    }

    private static func addText(
        _ text: [UInt8],
        key: StaticString,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        guard text.withUnsafeBytes({ UTF8Validation.firstInvalid($0) }) == nil else {
            throw DecodeFailure(.badEncoding, "the topic is not UTF-8")
        }
        try tree.addString(text, key: key)
    }

    private static func writeContinuity(
        _ sequence: UInt8,
        after last: UInt8?,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        guard let last else { return }
        if sequence == last {
            try tree.add(true, key: "seq_repeated")
        } else if sequence != last &+ 1 {
            try tree.add(true, key: "seq_gap")
        }
    }

    /// What a birth declares; metrics without a name declare nothing.
    private static func birth(_ payload: SparkplugPayload) throws(DecodeFailure) -> SparkplugBirths.Birth {
        var metrics: [SparkplugBirths.Metric] = []
        for metric in payload.metrics {
            guard let name = metric.name else {
                throw DecodeFailure(.malformed, "a metric of a birth has no name", offset: metric.offset)
            }
            guard let datatype = metric.datatype, SparkplugDatatype(rawValue: datatype) != nil else {
                throw DecodeFailure(.malformed, "a metric of a birth has no known datatype", offset: metric.offset)
            }
            metrics.append(SparkplugBirths.Metric(name: Array(name), datatype: datatype, alias: metric.alias))
        }
        guard let birth = SparkplugBirths.Birth(metrics) else {
            throw DecodeFailure(.malformed, "a birth declares a metric name or alias twice")
        }
        return birth
    }
}

extension SparkplugDecoder {
    private static func write(
        _ metric: SparkplugMetric,
        _ birth: SparkplugBirths.Birth?,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        let declared = try self.declaration(metric, birth)
        try tree.openContainer(.object)
        if let name = metric.name {
            try tree.addString(name, key: "name")
        } else if let declared {
            try tree.addString(declared.name, key: "name")
        }
        if let alias = metric.alias { try tree.addWhole(alias, key: "alias") }
        if let timestamp = metric.timestamp { try tree.addWhole(timestamp, key: "timestamp") }
        try self.writeValue(metric, datatype: metric.datatype ?? declared?.datatype, &tree)
        if metric.isHistorical { try tree.add(true, key: "is_historical") }
        if metric.isTransient { try tree.add(true, key: "is_transient") }
        if let properties = metric.properties { try self.writeProperties(properties, metric.offset, &tree) }
        tree.closeContainer()
    }

    /// The birth's words about a metric; nil when the metric says everything itself.
    private static func declaration(
        _ metric: SparkplugMetric,
        _ birth: SparkplugBirths.Birth?
    ) throws(DecodeFailure) -> SparkplugBirths.Metric? {
        if let name = metric.name {
            return metric.datatype == nil ? birth?.metric(name: name) : nil
        }
        guard let alias = metric.alias else {
            throw DecodeFailure(.malformed, "a metric has neither name nor alias", offset: metric.offset)
        }
        guard let declared = birth?.metric(alias: alias) else {
            throw DecodeFailure(
                .missingState,
                "no birth of this node or device has declared alias \(alias)",
                offset: metric.offset
            )
        }
        return declared
    }

    private static func writeValue(
        _ metric: SparkplugMetric,
        datatype code: UInt32?,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        guard let code, code != 0 else {
            throw DecodeFailure(
                .missingState,
                "a metric has no datatype, and no birth has declared it",
                offset: metric.offset
            )
        }
        guard let datatype = SparkplugDatatype(rawValue: code) else {
            throw DecodeFailure(.unsupported, "Sparkplug datatype \(code) is not known", offset: metric.offset)
        }
        try tree.addWord(datatype.name, key: "datatype")
        if metric.isNull {
            try tree.addNull(key: tree.append(literal: "value"))
            try tree.add(true, key: "is_null")
        } else if let value = metric.value {
            let writer = SparkplugValueWriter(datatype: datatype, offset: metric.offset)
            let isRead = try writer.write(value, key: tree.append(literal: "value"), to: &tree)
            if !isRead { try tree.add(true, key: "unsupported") }
        }
    }
}

extension SparkplugDecoder {
    /// Adds the scalar properties of a PropertySet: keys (1) and values (2) in step (Sparkplug 3.0 §6.4).
    private static func writeProperties(
        _ bytes: UnsafeRawBufferPointer,
        _ offset: Int,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        var keys: [UnsafeRawBufferPointer] = []
        var values: [UnsafeRawBufferPointer] = []
        var reader = ProtobufReader(bytes, base: offset)
        while let field = try reader.next() {
            switch field.number {
            case 1: keys.append(try field.text())
            case 2: values.append(try field.bytes())
            default: break
            }
        }
        guard keys.count == values.count else {
            throw DecodeFailure(.malformed, "a property set has not as many keys as values", offset: offset)
        }
        try tree.openContainer(.object, key: "properties")
        for (key, value) in zip(keys, values) {
            try self.writeProperty(value, key: key, offset, &tree)
        }
        tree.closeContainer()
    }

    private static func writeProperty(
        _ bytes: UnsafeRawBufferPointer,
        key: UnsafeRawBufferPointer,
        _ offset: Int,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        var reader = ProtobufReader(bytes, base: offset)
        var datatype: SparkplugDatatype?
        var isNull = false
        var value: SparkplugValue?
        while let field = try reader.next() {
            switch field.number {
            case 1: datatype = SparkplugDatatype(rawValue: try field.unsigned32())
            case 2: isNull = try field.bool()
            case 3: value = .int(try field.unsigned32())
            case 4: value = .long(try field.unsigned())
            case 5: value = .float(try field.float())
            case 6: value = .double(try field.double())
            case 7: value = .boolean(try field.bool())
            case 8: value = .string(try field.text())
            default: break
            }
        }
        if isNull {
            try tree.addNull(key: tree.append(key))
        } else if let datatype, let value {
            let writer = SparkplugValueWriter(datatype: datatype, offset: offset)
            _ = try writer.write(value, key: tree.append(key), to: &tree)
        }
    }
}
