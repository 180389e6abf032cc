/// The stored form of ``SparkplugBirths``: version octet, then counts and length-prefixed texts, all numbers as
/// shortest base-128 varints, everything in ascending order, so that equal states have equal bytes.
///
/// ```
/// 1 | nodes { group, node, birth, devices { device, birth' } }
/// birth  = 0 (unknown) | 1, birth'
/// birth' = metrics { name, datatype, 0 | 1, alias }
/// ```
extension SparkplugBirths {
    private static let version: UInt8 = 1

    /// The state as bytes, without the sequence numbers.
    package func encoded() -> [UInt8] {
        var output: [UInt8] = [Self.version]
        let known = self.nodes.filter(\.value.isKnown).sorted {
            $0.key.group == $1.key.group
                ? $0.key.node.lexicographicallyPrecedes($1.key.node)
                : $0.key.group.lexicographicallyPrecedes($1.key.group)
        }
        Self.append(UInt64(known.count), to: &output)
        for (key, node) in known {
            Self.append(key.group, to: &output)
            Self.append(key.node, to: &output)
            output.append(node.birth == nil ? 0 : 1)
            if let birth = node.birth { Self.append(birth, to: &output) }
            Self.append(UInt64(node.devices.count), to: &output)
            for (device, birth) in node.devices.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                Self.append(device, to: &output)
                Self.append(birth, to: &output)
            }
        }
        return output
    }

    /// Reads what ``encoded()`` wrote.
    ///
    /// - Returns: nil for any other bytes, also for a different spelling of the same state.
    package init?(encoded: some Collection<UInt8>) {
        var reader = BirthsReader(bytes: Array(encoded))
        guard reader.octet() == Self.version, let nodeCount = reader.count(max: Self.devicesMax) else { return nil }
        self.init()
        for _ in 0..<nodeCount {
            guard let group = reader.text(), let name = reader.text(), let node = reader.node(), node.isKnown else {
                return nil
            }
            self.nodes[NodeKey(group: group, node: name)] = node
        }
        guard reader.isAtEnd, self.count <= Self.devicesMax, self.encoded() == reader.bytes else { return nil }
    }

    private static func append(_ birth: Birth, to output: inout [UInt8]) {
        self.append(UInt64(birth.metrics.count), to: &output)
        for metric in birth.metrics {
            self.append(metric.name, to: &output)
            self.append(UInt64(metric.datatype), to: &output)
            output.append(metric.alias == nil ? 0 : 1)
            if let alias = metric.alias { self.append(alias, to: &output) }
        }
    }

    private static func append(_ text: [UInt8], to output: inout [UInt8]) {
        self.append(UInt64(text.count), to: &output)
        output.append(contentsOf: text)
    }

    private static func append(_ value: UInt64, to output: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            output.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        output.append(UInt8(truncatingIfNeeded: rest))
    }
}

/// Reads the stored form; nil for anything that ``SparkplugBirths/encoded()`` cannot have written.
private struct BirthsReader {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { self.position == self.bytes.count }

    mutating func octet() -> UInt8? {
        guard self.position < self.bytes.count else { return nil }
        defer { self.position += 1 }
        return self.bytes[self.position]
    }

    mutating func number() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard let byte = self.octet(), shift < 63 || byte <= 1 else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }

    mutating func count(max: Int) -> Int? {
        guard let value = self.number(), value <= UInt64(max) else { return nil }
        return Int(value)
    }

    mutating func text() -> [UInt8]? {
        guard let length = self.count(max: self.bytes.count), length <= self.bytes.count - self.position else {
            return nil
        }
        defer { self.position += length }
        return Array(self.bytes[self.position..<self.position + length])
    }

    mutating func node() -> SparkplugBirths.Node? {
        var node = SparkplugBirths.Node()
        guard let flag = self.octet(), flag <= 1 else { return nil }
        if flag == 1 {
            guard let birth = self.birth() else { return nil }
            node.birth = birth
        }
        guard let deviceCount = self.count(max: SparkplugBirths.devicesMax) else { return nil }
        for _ in 0..<deviceCount {
            guard let device = self.text(), let birth = self.birth() else { return nil }
            node.devices[device] = birth
        }
        return node
    }

    private mutating func birth() -> SparkplugBirths.Birth? {
        guard let metricCount = self.count(max: SparkplugBirths.metricsMax) else { return nil }
        var metrics: [SparkplugBirths.Metric] = []
        for _ in 0..<metricCount {
            guard let name = self.text(), let datatype = self.number().flatMap({ UInt32(exactly: $0) }),
                let flag = self.octet(), flag <= 1
            else { return nil }
            var metric = SparkplugBirths.Metric(name: name, datatype: datatype, alias: nil)
            if flag == 1 {
                guard let alias = self.number() else { return nil }
                metric.alias = alias
            }
            metrics.append(metric)
        }
        return SparkplugBirths.Birth(metrics)
    }
}
