/// What the births of Sparkplug edge nodes and devices said about their metrics.
///
/// Data messages name a metric by its alias only (Sparkplug 3.0 §6.4), so they cannot be read without the birth; the
/// agent persists this value (``encoded()``) in the transaction that stores what it decoded. An alias is unique among
/// all metrics of an edge node, and a data message may only hold metrics of its own node or device: it is looked up
/// there alone, so that a device without a birth never borrows the names of another.
///
/// A birth replaces what was known; NBIRTH also forgets the node's devices, which must be born again, and a death
/// forgets as well. The last seq of each node is kept in memory only: after a restart the first message starts anew.
package struct SparkplugBirths: Sendable {
    /// Most edge nodes and devices together.
    package static let devicesMax = 4_096
    /// Most metrics of one edge node or device.
    package static let metricsMax = 8_192
    /// Most bytes of memory for all births, about: some 100,000 metrics.
    package static let memoryBytesMax = 16 << 20

    /// A metric as its birth declared it.
    struct Metric: Equatable, Sendable {
        var name: [UInt8]
        var datatype: UInt32
        var alias: UInt64?
    }

    /// The metrics of one birth.
    struct Birth: Equatable, Sendable {
        /// In the order of their names.
        private(set) var metrics: [Metric] = []
        private var positions: [UInt64: Int32] = [:]
        /// About what the birth takes in memory.
        private(set) var memoryBytes = 0

        /// Memory of one metric besides its name.
        private static let metricBytes = 96

        /// - Returns: nil when a name or an alias occurs twice.
        init?(_ unordered: [Metric]) {
            self.metrics = unordered.sorted { $0.name.lexicographicallyPrecedes($1.name) }
            for (position, metric) in self.metrics.enumerated() {
                if position > 0, self.metrics[position - 1].name == metric.name { return nil }
                self.memoryBytes += metric.name.count + Self.metricBytes
                guard let alias = metric.alias else { continue }
                guard self.positions.updateValue(Int32(position), forKey: alias) == nil else { return nil }
            }
        }

        func metric(alias: UInt64) -> Metric? {
            self.positions[alias].map { self.metrics[Int($0)] }
        }

        func metric(name: UnsafeRawBufferPointer) -> Metric? {
            var low = 0
            var high = self.metrics.count
            while low < high {
                let middle = (low + high) / 2
                if self.metrics[middle].name.lexicographicallyPrecedes(name) { low = middle + 1 } else { high = middle }
            }
            guard low < self.metrics.count, self.metrics[low].name.elementsEqual(name) else { return nil }
            return self.metrics[low]
        }
    }

    /// An edge node and the devices behind it.
    struct Node: Equatable, Sendable {
        var birth: Birth?
        var devices: [[UInt8]: Birth] = [:]
        var lastSequence: UInt8?

        /// Whether anything of it has to outlive a restart.
        var isKnown: Bool { self.birth != nil || !self.devices.isEmpty }
    }

    /// Where an edge node is addressed.
    struct NodeKey: Hashable, Sendable {
        let group: [UInt8]
        let node: [UInt8]
    }

    var nodes: [NodeKey: Node] = [:]
    /// Whether births changed since ``markPersisted()``; the seq of a data message is no such change.
    package internal(set) var changed = false

    /// Knows no births.
    package init() {}

    /// Says that ``encoded()`` is stored, so that ``changed`` starts anew.
    package mutating func markPersisted() { self.changed = false }

    /// How many edge nodes and devices have a known birth.
    package var count: Int {
        self.nodes.values.reduce(0) { $0 + ($1.birth == nil ? 0 : 1) + $1.devices.count }
    }
}

extension SparkplugBirths {
    /// What is known of the sender of a message.
    func birth(_ topic: SparkplugTopic) -> Birth? {
        guard let node = self.nodes[NodeKey(topic)] else { return nil }
        guard let device = topic.device else { return node.birth }
        return node.devices[device]
    }

    func lastSequence(_ topic: SparkplugTopic) -> UInt8? { self.nodes[NodeKey(topic)]?.lastSequence }

    /// Takes a decoded message into account; the last step of decoding, so that a refused message changes nothing.
    ///
    /// - Throws: `too-large` beyond the bounds of this type.
    mutating func apply(_ topic: SparkplugTopic, _ birth: Birth?, sequence: UInt8?) throws(DecodeFailure) {
        let key = NodeKey(topic)
        var node = self.nodes[key] ?? Node()
        switch topic.type {
        case .nodeBirth: node = Node(birth: birth)
        case .deviceBirth: node.devices[topic.device ?? []] = birth
        case .nodeDeath: node = Node()
        case .deviceDeath: node.devices[topic.device ?? []] = nil
        case .nodeData, .deviceData:
            self.remember(sequence, at: key)
            return
        }
        node.lastSequence = sequence ?? node.lastSequence
        if let birth { try self.checkBounds(adding: birth, replacing: key, by: node) }
        if birth != nil || self.nodes[key] != nil { self.changed = true }
        self.nodes[key] = node.isKnown ? node : nil
    }

    /// Only nodes with a birth are followed, so that strangers take no memory.
    private mutating func remember(_ sequence: UInt8?, at key: NodeKey) {
        guard let sequence, let index = self.nodes.index(forKey: key) else { return }
        self.nodes.values[index].lastSequence = sequence
    }

    private func checkBounds(adding birth: Birth, replacing key: NodeKey, by node: Node) throws(DecodeFailure) {
        guard birth.metrics.count <= Self.metricsMax else {
            throw DecodeFailure(.tooLarge, "a Sparkplug birth has more than \(Self.metricsMax) metrics")
        }
        var births = 0
        var memoryBytes = 0
        let others = self.nodes.lazy.filter { $0.key != key }.map(\.value)
        for kept in others { kept.total(&births, &memoryBytes) }
        node.total(&births, &memoryBytes)
        guard births <= Self.devicesMax, memoryBytes <= Self.memoryBytesMax else {
            throw DecodeFailure(
                .tooLarge,
                "births of more than \(Self.devicesMax) devices, or of more than \(Self.memoryBytesMax) bytes in all"
            )
        }
    }
}

extension SparkplugBirths.Node {
    /// Adds up what the bounds limit.
    func total(_ births: inout Int, _ memoryBytes: inout Int) {
        if let birth = self.birth {
            births += 1
            memoryBytes += birth.memoryBytes
        }
        births += self.devices.count
        for device in self.devices.values { memoryBytes += device.memoryBytes }
    }
}

extension SparkplugBirths.NodeKey {
    init(_ topic: SparkplugTopic) { self.init(group: topic.group, node: topic.edgeNode) }
}
