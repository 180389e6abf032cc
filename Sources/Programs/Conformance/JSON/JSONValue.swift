internal import CanonicalBytes

/// A JSON value with exact integers and texts that are compared as bytes.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(UInt64)
    /// A negative, fractional or larger number as it was written; no vector has one.
    case otherNumber(String)
    case text(JSONText)
    case array([JSONValue])
    case object(JSONObject)

    /// Bytes as vector files have them: lower-case hexadecimal digits.
    package static func hex(_ bytes: [UInt8]) -> JSONValue { .text(JSONText(bytes.hex)) }

    package static func string(_ text: String) -> JSONValue { .text(JSONText(text)) }

    package static func strings(_ texts: [String]) -> JSONValue { .array(texts.map(JSONValue.string)) }
}

/// A text whose equality is that of its UTF-8 bytes, unlike `String`'s canonical equivalence.
package struct JSONText: Sendable, Hashable, Comparable {
    package let string: String

    package init(_ string: String) { self.string = string }

    package static func == (a: JSONText, b: JSONText) -> Bool { a.string.utf8.elementsEqual(b.string.utf8) }

    package static func < (a: JSONText, b: JSONText) -> Bool {
        a.string.utf8.lexicographicallyPrecedes(b.string.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        for byte in self.string.utf8 { hasher.combine(byte) }
        hasher.combine(0xFF as UInt8)
    }
}

/// A JSON object; the order of its members means nothing.
package struct JSONObject: Sendable, Hashable {
    /// Ascending by the bytes of the names, each name once.
    private var members: [(name: JSONText, value: JSONValue)]

    /// - Returns: nil when a name occurs twice.
    package init?(members: [(name: JSONText, value: JSONValue)]) {
        let sorted = members.sorted { $0.name < $1.name }
        guard zip(sorted, sorted.dropFirst()).allSatisfy({ $0.name != $1.name }) else { return nil }
        self.members = sorted
    }

    package var names: [String] { self.members.map(\.name.string) }

    package var values: [(name: String, value: JSONValue)] { self.members.map { ($0.name.string, $0.value) } }

    /// The member of this name; setting nil removes it.
    package subscript(name: String) -> JSONValue? {
        get { self.members.first { $0.name == JSONText(name) }?.value }
        set {
            let key = JSONText(name)
            self.members.removeAll { $0.name == key }
            guard let newValue else { return }
            let place = self.members.firstIndex { key < $0.name } ?? self.members.endIndex
            self.members.insert((key, newValue), at: place)
        }
    }

    package static func == (a: JSONObject, b: JSONObject) -> Bool {
        a.members.elementsEqual(b.members) { $0.name == $1.name && $0.value == $1.value }
    }

    package func hash(into hasher: inout Hasher) {
        for member in self.members {
            hasher.combine(member.name)
            hasher.combine(member.value)
        }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// A literal that repeats a name keeps the last value.
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.members = []
        for (name, value) in elements { self[name] = value }
    }
}
