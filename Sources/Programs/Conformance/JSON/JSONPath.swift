/// A step from a JSON value to one inside it.
enum JSONStep: Hashable, Sendable {
    case name(String)
    case index(Int)
}

extension JSONValue {
    /// The ways to the texts, integers and booleans inside the value.
    var leaves: [[JSONStep]] {
        switch self {
        case .array(let values):
            values.enumerated().flatMap { index, value in value.leaves.map { [.index(index)] + $0 } }
        case .object(let object):
            object.values.flatMap { name, value in value.leaves.map { [.name(name)] + $0 } }
        default: [[]]
        }
    }

    /// The value at the end of a way; nil when there is none.
    ///
    /// Setting where there is none changes nothing.
    subscript(path: some Collection<JSONStep>) -> JSONValue? {
        get {
            guard let step = path.first else { return self }
            return switch (self, step) {
            case (.object(let object), .name(let name)): object[name]?[path.dropFirst()]
            case (.array(let values), .index(let index)) where values.indices.contains(index):
                values[index][path.dropFirst()]
            default: nil
            }
        }
        set {
            guard let newValue else { return }
            guard let step = path.first else { return self = newValue }
            switch (self, step) {
            case (.object(var object), .name(let name)):
                object[name]?[path.dropFirst()] = newValue
                self = .object(object)
            case (.array(var values), .index(let index)) where values.indices.contains(index):
                values[index][path.dropFirst()] = newValue
                self = .array(values)
            default: break
            }
        }
    }
}
