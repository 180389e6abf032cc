package import Units

/// One decoded payload, whatever its wire format was: JSON, CBOR, HL7 v2, GATT bytes and so on.
///
/// Every decoder of this module writes the same tree, so a device profile addresses all formats with
/// the same paths. Nodes lie in one array and text in one arena; both are reused from message to
/// message (``reset()``), so that decoding in steady state allocates nothing.
package struct PayloadTree: Sendable {
    /// What a node holds.
    package enum Kind: UInt8, Sendable {
        case null, bool, number, string, bytes, array, object
        /// A number that the device declared to be none: NaN, ±INFINITY, NRes, reserved (IEEE 11073-20601),
        /// IEEE 754 NaN and infinities.
        case absent
    }

    /// Why an ``Kind/absent`` node has no number; the raw values are FHIR data-absent-reason codes.
    package enum Absence: String, Sendable, CaseIterable {
        case notANumber = "not-a-number"
        case positiveInfinity = "positive-infinity"
        case negativeInfinity = "negative-infinity"
        /// NRes (not at this resolution) and reserved codes.
        case error = "error"
    }

    /// A node's place in the tree; valid until the next ``reset()``.
    package struct NodeID: Hashable, Sendable {
        package let index: Int32
        @inlinable package init(index: Int32) { self.index = index }
        package static let root = NodeID(index: 0)
    }

    /// A half-open range of the arena, in bytes.
    @usableFromInline package struct Span: Sendable {
        package var start: Int32
        package var count: Int32
        package static let none = Span(start: -1, count: 0)
    }

    @usableFromInline struct Node: Sendable {
        var kind: Kind
        /// The member's name when the parent is an object.
        var key: Span
        /// The text or bytes; for numbers `start` indexes `numbers`, for bool and absent it holds the case.
        var value: Span
        var firstChild: Int32
        var lastChild: Int32
        var nextSibling: Int32
        var childCount: Int32
    }

    /// More nodes than this in one payload are refused as ``DecodeFailure/Reason/tooLarge``.
    package static let nodesMax = 262_144
    /// Deeper nesting than this is refused as ``DecodeFailure/Reason/tooDeep``.
    package static let depthMax = 64

    var nodes: [Node] = []
    var numbers: [ExactDecimal] = []
    private(set) var arena: [UInt8] = []
    private var open: [Int32] = []

    /// Creates an empty tree; a decoder fills it.
    package init() {
        self.nodes.reserveCapacity(64)
        self.arena.reserveCapacity(1024)
        self.numbers.reserveCapacity(32)
    }

    /// Empties the tree and keeps its memory, up to a bound, for the next payload.
    package mutating func reset() {
        let keep = self.arena.capacity <= 65_536 && self.nodes.capacity <= 8_192
        self.nodes.removeAll(keepingCapacity: keep)
        self.numbers.removeAll(keepingCapacity: keep)
        self.arena.removeAll(keepingCapacity: keep)
        self.open.removeAll(keepingCapacity: true)
    }

    /// True until a decoder has written a root.
    package var isEmpty: Bool { self.nodes.isEmpty }
}

// MARK: - Reading

extension PayloadTree {
    package func kind(_ id: NodeID) -> Kind { self.nodes[Int(id.index)].kind }

    /// How many elements or members a container has; 0 for other kinds.
    package func childCount(_ id: NodeID) -> Int { Int(self.nodes[Int(id.index)].childCount) }

    package func firstChild(_ id: NodeID) -> NodeID? { Self.node(self.nodes[Int(id.index)].firstChild) }
    package func nextSibling(_ id: NodeID) -> NodeID? { Self.node(self.nodes[Int(id.index)].nextSibling) }

    /// The element at `position`, counted from the end when negative (RFC 9535 §2.3.3).
    package func element(_ id: NodeID, at position: Int) -> NodeID? {
        let node = self.nodes[Int(id.index)]
        guard node.kind == .array else { return nil }
        var steps = position < 0 ? position + Int(node.childCount) : position
        guard steps >= 0, steps < Int(node.childCount) else { return nil }
        var child = node.firstChild
        while steps > 0 {
            child = self.nodes[Int(child)].nextSibling
            steps -= 1
        }
        return Self.node(child)
    }

    /// The member named by exactly these UTF-8 bytes; the last one when a name is repeated.
    package func member(_ id: NodeID, named name: [UInt8]) -> NodeID? {
        let node = self.nodes[Int(id.index)]
        guard node.kind == .object else { return nil }
        var found: NodeID?
        var child = node.firstChild
        while child >= 0 {
            let candidate = self.nodes[Int(child)]
            if self.equal(candidate.key, name) { found = NodeID(index: child) }
            child = candidate.nextSibling
        }
        return found
    }

    package func member(_ id: NodeID, named name: String) -> NodeID? { self.member(id, named: Array(name.utf8)) }

    /// The member name of a node inside an object.
    package func key(_ id: NodeID) -> String? {
        let span = self.nodes[Int(id.index)].key
        return span.start < 0 ? nil : String(decoding: self.arena[self.range(span)], as: UTF8.self)
    }

    /// The member name of a node inside an object, in UTF-8; empty for other nodes.
    package func keyBytes(_ id: NodeID) -> ArraySlice<UInt8> {
        let span = self.nodes[Int(id.index)].key
        return span.start < 0 ? [] : self.arena[self.range(span)]
    }

    /// The text of a string node.
    package func string(_ id: NodeID) -> String? {
        let node = self.nodes[Int(id.index)]
        guard node.kind == .string else { return nil }
        return String(decoding: self.arena[self.range(node.value)], as: UTF8.self)
    }

    /// The bytes of a string (UTF-8) or byte-string node.
    package func bytes(_ id: NodeID) -> ArraySlice<UInt8>? {
        let node = self.nodes[Int(id.index)]
        guard node.kind == .string || node.kind == .bytes else { return nil }
        return self.arena[self.range(node.value)]
    }

    /// Whether a string node holds exactly these UTF-8 bytes.
    package func stringEquals(_ id: NodeID, _ text: [UInt8]) -> Bool {
        let node = self.nodes[Int(id.index)]
        return node.kind == .string && self.equal(node.value, text)
    }

    package func number(_ id: NodeID) -> ExactDecimal? {
        let node = self.nodes[Int(id.index)]
        return node.kind == .number ? self.numbers[Int(node.value.start)] : nil
    }

    package func bool(_ id: NodeID) -> Bool? {
        let node = self.nodes[Int(id.index)]
        return node.kind == .bool ? node.value.start == 1 : nil
    }

    package func absence(_ id: NodeID) -> Absence? {
        let node = self.nodes[Int(id.index)]
        return node.kind == .absent ? Absence.allCases[Int(node.value.start)] : nil
    }

    private static func node(_ index: Int32) -> NodeID? { index < 0 ? nil : NodeID(index: index) }

    private func range(_ span: Span) -> Range<Int> { Int(span.start)..<Int(span.start) + Int(span.count) }

    private func equal(_ span: Span, _ bytes: [UInt8]) -> Bool {
        guard span.start >= 0, Int(span.count) == bytes.count else { return false }
        let start = Int(span.start)
        return self.arena.withUnsafeBufferPointer { arena in
            bytes.withUnsafeBufferPointer { wanted in
                for offset in 0..<wanted.count where arena[start + offset] != wanted[offset] { return false }
                return true
            }
        }
    }
}

// MARK: - Writing

extension PayloadTree {
    /// Copies bytes into the arena.
    ///
    /// Decoders of textual formats append the whole payload once and address their strings inside it.
    package mutating func append(_ bytes: some Collection<UInt8>) -> Span {
        let start = Int32(truncatingIfNeeded: self.arena.count)
        self.arena.append(contentsOf: bytes)
        return Span(start: start, count: Int32(truncatingIfNeeded: bytes.count))
    }

    /// As ``append(_:)`` for contiguous memory.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) -> Span {
        let start = Int32(truncatingIfNeeded: self.arena.count)
        self.arena.append(contentsOf: bytes)
        return Span(start: start, count: Int32(truncatingIfNeeded: bytes.count))
    }

    /// Opens a container under the innermost open one; the first call writes the root.
    package mutating func openContainer(_ kind: Kind, key: Span = .none) throws(DecodeFailure) {
        precondition(kind == .array || kind == .object)
        guard self.open.count < Self.depthMax else {
            throw DecodeFailure(.tooDeep, "nesting is deeper than \(Self.depthMax) levels")
        }
        let index = try self.add(kind, key: key, value: .none)
        self.open.append(index)
    }

    package mutating func closeContainer() {
        precondition(!self.open.isEmpty)
        self.open.removeLast()
    }

    /// How many containers are open.
    package var depth: Int { self.open.count }

    package mutating func addNull(key: Span = .none) throws(DecodeFailure) {
        _ = try self.add(.null, key: key, value: .none)
    }

    package mutating func add(_ value: Bool, key: Span = .none) throws(DecodeFailure) {
        _ = try self.add(.bool, key: key, value: Span(start: value ? 1 : 0, count: 0))
    }

    package mutating func add(_ value: ExactDecimal, key: Span = .none) throws(DecodeFailure) {
        let slot = Int32(truncatingIfNeeded: self.numbers.count)
        self.numbers.append(value)
        _ = try self.add(.number, key: key, value: Span(start: slot, count: 0))
    }

    package mutating func add(_ value: Absence, key: Span = .none) throws(DecodeFailure) {
        let slot = Absence.allCases.firstIndex(of: value) ?? 0
        _ = try self.add(.absent, key: key, value: Span(start: Int32(slot), count: 0))
    }

    /// Adds a string that already lies in the arena as valid UTF-8.
    package mutating func addString(_ text: Span, key: Span = .none) throws(DecodeFailure) {
        _ = try self.add(.string, key: key, value: text)
    }

    package mutating func addBytes(_ bytes: Span, key: Span = .none) throws(DecodeFailure) {
        _ = try self.add(.bytes, key: key, value: bytes)
    }

    // Conveniences for decoders whose member names are fixed words.

    package mutating func openContainer(_ kind: Kind, key: StaticString) throws(DecodeFailure) {
        let name = self.append(Self.buffer(key))
        try self.openContainer(kind, key: name)
    }

    package mutating func add(_ value: Bool, key: StaticString) throws(DecodeFailure) {
        let name = self.append(Self.buffer(key))
        try self.add(value, key: name)
    }

    package mutating func add(_ value: ExactDecimal, key: StaticString) throws(DecodeFailure) {
        let name = self.append(Self.buffer(key))
        try self.add(value, key: name)
    }

    package mutating func add(_ value: Absence, key: StaticString) throws(DecodeFailure) {
        let name = self.append(Self.buffer(key))
        try self.add(value, key: name)
    }

    /// Copies valid UTF-8 text in as a string member.
    package mutating func addString(_ text: some Collection<UInt8>, key: StaticString) throws(DecodeFailure) {
        let name = self.append(Self.buffer(key))
        let value = self.append(text)
        try self.addString(value, key: name)
    }

    /// Copies a fixed word in, such as a member name that several nodes share.
    mutating func append(literal: StaticString) -> Span { self.append(Self.buffer(literal)) }

    private static func buffer(_ key: StaticString) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount)
    }

    /// Reopens the root object, so that a decoded inner payload can be added as one more member.
    ///
    /// - Returns: false when the root is not an object.
    package mutating func reopenRootObject() -> Bool {
        precondition(self.open.isEmpty)
        guard let root = self.nodes.first, root.kind == .object else { return false }
        self.open.append(0)
        return true
    }

    private mutating func add(_ kind: Kind, key: Span, value: Span) throws(DecodeFailure) -> Int32 {
        guard self.nodes.count < Self.nodesMax else {
            throw DecodeFailure(.tooLarge, "more than \(Self.nodesMax) values in one payload")
        }
        let index = Int32(self.nodes.count)
        if let parent = self.open.last {
            let previous = self.nodes[Int(parent)].lastChild
            if previous < 0 {
                self.nodes[Int(parent)].firstChild = index
            } else {
                self.nodes[Int(previous)].nextSibling = index
            }
            self.nodes[Int(parent)].lastChild = index
            self.nodes[Int(parent)].childCount += 1
        } else {
            precondition(self.nodes.isEmpty, "a payload has one root")
        }
        self.nodes.append(
            Node(kind: kind, key: key, value: value, firstChild: -1, lastChild: -1, nextSibling: -1, childCount: 0)
        )
        return index
    }
}
