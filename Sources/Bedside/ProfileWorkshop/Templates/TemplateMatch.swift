/// Where a template's measurements lie in a message, as readings of a profile are written.
///
/// A device may publish what the IoT Hub hands on as `Body`, or the hub's whole envelope: both are read.
struct TemplateMatch {
    /// One way to find measurements.
    struct Way {
        /// The path of the elements; nil when the message itself is the measurement.
        let each: String?
        let when: String?
        /// How to write a path within the measurement.
        let relative: @Sendable (TemplatePath) -> String
    }

    let ways: [Way]
    /// Whether measurements may lie deeper, so that the device must be looked for there.
    let descends: Bool
    /// Paths within the measurement that are there whenever it is.
    let guaranteed: [TemplatePath]

    /// Finds the ways of one template.
    init(_ path: TemplatePath, kind: DeviceTemplate.Kind) {
        let isEnvelope = kind == .hub || kind == .central
        if path.steps.count == 2, path.steps[0] == .descend, case .filter(let filter) = path.steps[1] {
            self.guaranteed = filter.guaranteed
            self.descends = !isEnvelope
            let root = Way(
                each: nil,
                when: filter.condition { Self.alternatives($0, from: "$") },
                relative: { Self.alternatives($0, from: "$") }
            )
            let deeper = Way(each: path.text(from: "$"), when: nil, relative: { $0.text(from: "@") })
            self.ways = isEnvelope ? [root] : [root, deeper]
            return
        }
        self.descends = false
        self.guaranteed = if case .filter(let filter) = path.steps.last { filter.guaranteed } else { [] }
        var ways = [Self.way(path)]
        if let bare = path.dropping("Body") { ways.append(Self.way(bare)) }
        self.ways = ways
    }

    private static func way(_ path: TemplatePath) -> Way {
        if path.steps.isEmpty { return Way(each: nil, when: nil, relative: { Self.alternatives($0, from: "$") }) }
        return Way(each: path.text(from: "$"), when: nil, relative: { $0.text(from: "@") })
    }

    /// A path from the message's root: `Body` is left out when the device publishes the body alone.
    static func alternatives(_ path: TemplatePath, from root: String) -> String {
        guard let bare = path.dropping("Body"), !bare.steps.isEmpty else { return path.text(from: root) }
        return "coalesce(\(path.text(from: root)), \(bare.text(from: root)))"
    }
}
