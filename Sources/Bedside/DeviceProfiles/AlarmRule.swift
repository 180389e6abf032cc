internal import Records

/// What is told of an alarm or a device's event besides that it happened.
struct AlarmRule: Sendable {
    /// Its attributes, in the order in which they are written.
    let attributes: [ValueRule]
    /// How long after its time it may still be raised as a live alarm, nanoseconds.
    let freshNs: Int64
}

/// The attributes of an alarm: words of Wardline's own, so that every device's alarms can be told alike.
enum AlarmAttribute: String, CaseIterable {
    case phase, state, inactivation, priority, type, source, text, instance
    case value, low, high

    /// The words that a coded attribute has; empty for the others.
    var words: [String] {
        switch self {
        case .phase: ["start", "continue", "end"]
        case .state: ["active", "latched", "inactive"]
        case .inactivation: ["none", "acknowledged", "audio-paused", "audio-off", "alarm-paused", "alarm-off"]
        case .priority: ["high", "medium", "low", "none"]
        case .type: ["physiological", "technical", "advisory"]
        case .source, .text, .instance, .value, .low, .high: []
        }
    }

    /// The words of IHE PCD-04 (OBX-5, OBX-8), which a profile need not translate.
    var usualWords: [String: String] {
        var usual: [String: String] = [:]
        for word in self.words { usual[word] = word }
        switch self {
        case .phase: usual.merge(["update": "continue", "present": "continue"]) { $1 }
        case .state: usual["off"] = "inactive"
        case .inactivation: usual.merge(["enabled": "none", "alert-acknowledged": "acknowledged"]) { $1 }
        case .priority: usual.merge(["PH": "high", "PM": "medium", "PL": "low", "PN": "none"]) { $1 }
        case .type: usual.merge(["SP": "physiological", "ST": "technical", "SA": "advisory"]) { $1 }
        case .source, .text, .instance, .value, .low, .high: break
        }
        return usual
    }

    /// Whether it is a quantity in the alarm's unit.
    var isQuantity: Bool { [.value, .low, .high].contains(self) }

    /// The code system of its words.
    var system: String { "urn:wardline:alarm-\(self.rawValue)" }

    /// What it is called, by IEEE 11073-10101 where that has a term (IHE PCD Technical Framework, volume 2, ACM).
    var concept: Concept {
        let term: (number: String, refID: String)? =
            switch self {
            case .phase: ("68481", "MDC_ATTR_EVENT_PHASE")
            case .state: ("68482", "MDC_ATTR_ALARM_STATE")
            case .inactivation: ("68483", "MDC_ATTR_ALARM_INACTIVATION_STATE")
            case .priority: ("68484", "MDC_ATTR_ALARM_PRIORITY")
            case .type: ("68485", "MDC_ATTR_ALERT_TYPE")
            case .source: ("68480", "MDC_ATTR_ALERT_SOURCE")
            case .text: ("68546", "MDC_ATTR_ALERT_TEXT")
            case .instance, .value, .low, .high: nil
            }
        let coding =
            term.map { Coding(system: Coding.mdc, code: $0.number, display: $0.refID) }
            ?? Coding(system: "urn:wardline:concept", code: self.key, display: self.title)
        return Concept(key: self.key, codings: [coding], text: self.title, category: .alarm)
    }

    var key: String {
        switch self {
        case .low, .high: "alarm-\(self.rawValue)-limit"
        default: "alarm-\(self.rawValue)"
        }
    }

    private var title: String {
        switch self {
        case .phase: "Event phase"
        case .state: "Alarm state"
        case .inactivation: "Alarm inactivation state"
        case .priority: "Alarm priority"
        case .type: "Alert type"
        case .source: "Alert source"
        case .text: "Alert text"
        case .instance: "Alarm instance"
        case .value: "Value at the alarm"
        case .low: "Lower alarm limit"
        case .high: "Upper alarm limit"
        }
    }
}

extension AlarmRule {
    /// Whether what was read says that there is nothing to be raised: the condition is over, or the alarm is switched off.
    static func isOver(_ attributes: [ReadingComponent]) -> Bool {
        attributes.contains { part in
            guard case .coded(let coding) = part.value else { return false }
            return switch (coding.system, coding.code) {
            case (AlarmAttribute.phase.system, "end"), (AlarmAttribute.state.system, "inactive"),
                (AlarmAttribute.inactivation.system, "alarm-paused"), (AlarmAttribute.inactivation.system, "alarm-off"):
                true
            default: false
            }
        }
    }
}
