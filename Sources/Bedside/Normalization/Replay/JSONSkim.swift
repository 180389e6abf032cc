/// Finds the ends of JSON values in bytes that ``ObservationWriter`` wrote, without reading their content.
///
/// Total: what is not laid out as JSON gives nil. Numbers and words are not checked.
struct JSONSkim {
    /// Objects and arrays inside of each other at most; an Observation needs eight.
    static let depthMax = 32

    let bytes: [UInt8]

    /// The members of an object, in order.
    ///
    /// - Parameter object: from brace to brace.
    /// - Returns: each name, without its quotation marks, and the value's place.
    func members(of object: Range<Int>) -> [(name: Range<Int>, value: Range<Int>)]? {
        guard self.isEnclosed(object, UInt8(ascii: "{"), UInt8(ascii: "}")) else { return nil }
        var members: [(name: Range<Int>, value: Range<Int>)] = []
        var position = object.lowerBound + 1
        while position < object.upperBound - 1 {
            if !members.isEmpty {
                guard self.bytes[position] == UInt8(ascii: ",") else { return nil }
                position += 1
            }
            guard let name = self.end(of: position, before: object.upperBound), name - position >= 2,
                self.bytes[position] == UInt8(ascii: "\""), name < object.upperBound,
                self.bytes[name] == UInt8(ascii: ":"),
                let end = self.end(of: name + 1, before: object.upperBound)
            else { return nil }
            members.append((position + 1..<name - 1, name + 1..<end))
            position = end
        }
        return members
    }

    /// The elements of an array, in order.
    ///
    /// - Parameter array: from bracket to bracket.
    /// - Returns: the elements' places.
    func elements(of array: Range<Int>) -> [Range<Int>]? {
        guard self.isEnclosed(array, UInt8(ascii: "["), UInt8(ascii: "]")) else { return nil }
        var elements: [Range<Int>] = []
        var position = array.lowerBound + 1
        while position < array.upperBound - 1 {
            if !elements.isEmpty {
                guard self.bytes[position] == UInt8(ascii: ",") else { return nil }
                position += 1
            }
            guard let end = self.end(of: position, before: array.upperBound) else { return nil }
            elements.append(position..<end)
            position = end
        }
        return elements
    }

    /// The first member of a name.
    func member(_ name: StaticString, of object: Range<Int>?) -> Range<Int>? {
        guard let object, let members = self.members(of: object) else { return nil }
        return members.first { self.equals($0.name, name) }?.value
    }

    /// A string's characters, without its quotation marks and as they are escaped.
    func string(_ value: Range<Int>?) -> Range<Int>? {
        guard let value, self.isEnclosed(value, UInt8(ascii: "\""), UInt8(ascii: "\"")) else { return nil }
        return value.lowerBound + 1..<value.upperBound - 1
    }

    func equals(_ range: Range<Int>, _ text: StaticString) -> Bool {
        range.count == text.utf8CodeUnitCount
            && self.bytes[range].elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: range.count))
    }

    func text(_ range: Range<Int>?) -> String? { range.map { String(decoding: self.bytes[$0], as: UTF8.self) } }

    private func isEnclosed(_ range: Range<Int>, _ first: UInt8, _ last: UInt8) -> Bool {
        range.count >= 2 && range.lowerBound >= 0 && range.upperBound <= self.bytes.count
            && self.bytes[range.lowerBound] == first && self.bytes[range.upperBound - 1] == last
    }

    /// Where the value that begins at a position ends; nil when it does not end in time.
    private func end(of start: Int, before limit: Int) -> Int? {
        guard start < limit else { return nil }
        var depth = 0
        var position = start
        while position < limit {
            switch self.bytes[position] {
            case UInt8(ascii: "\""):
                guard let end = self.endOfString(position, before: limit) else { return nil }
                position = end
                if depth == 0 { return position }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                guard depth <= Self.depthMax else { return nil }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                // A number or word ends where its object does.
                if depth == 0 { return position > start ? position : nil }
                depth -= 1
                if depth == 0 { return position + 1 }
            case UInt8(ascii: ","):
                if depth == 0 { return position > start ? position : nil }
            default: break
            }
            position += 1
        }
        return nil
    }

    private func endOfString(_ start: Int, before limit: Int) -> Int? {
        var position = start + 1
        while position < limit {
            switch self.bytes[position] {
            case UInt8(ascii: "\\"): position += 2
            case UInt8(ascii: "\""): return position + 1
            default: position += 1
            }
        }
        return nil
    }
}
