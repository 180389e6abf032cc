internal import CanonicalBytes
internal import Payloads

/// An element of a FHIR R4 resource in JSON, and where it stands; read strictly.
///
/// An element that is not understood is refused, not passed over: in a Consent it may narrow what the others permit.
/// Only what cannot change the meaning is passed over: ids, extensions (FHIR R4, 2.4.1), narratives and displays.
struct FHIRElement {
    /// Bytes of a resource, and of one text in it.
    static let bytesMax = 1 << 20
    static let textMax = 1_024

    /// The FHIR path, `Consent.provision.purpose[0]` for example.
    let path: String
    private let tree: PayloadTree
    private let node: PayloadTree.NodeID

    /// Reads a resource.
    ///
    /// - Parameters:
    ///   - json: UTF-8, at most ``bytesMax``.
    ///   - type: what it has to be.
    ///   - known: elements that it may have.
    /// - Throws: `FORMAT`.
    init(resource json: [UInt8], _ type: String, known: [String]) throws(ProtocolFailure) {
        var tree = PayloadTree()
        do {
            try json.withUnsafeBytes { try JSONTextDecoder.decode($0, into: &tree, bytesMax: Self.bytesMax) }
        } catch {
            throw ProtocolFailure(.format, "no JSON: \((error as? DecodeFailure)?.explanation ?? "unreadable")")
        }
        try require(tree.kind(.root) == .object, .format, "no JSON object")
        self.init(tree, .root, type)
        let found = try self.text("resourceType")
        try require(found == type, .format, "\(type).resourceType is \(Self.shown(found)), not \(type)")
        try self.allow(known + ["resourceType"])
    }

    private init(_ tree: PayloadTree, _ node: PayloadTree.NodeID, _ path: String) {
        self.tree = tree
        self.node = node
        self.path = path
    }

    /// Refuses elements that are there twice or not understood.
    ///
    /// - Throws: `FORMAT` with the element.
    func allow(_ known: [String]) throws(ProtocolFailure) {
        var seen: Set<String> = []
        var next = self.tree.firstChild(self.node)
        while let member = next {
            let name = self.tree.key(member) ?? ""
            guard name != "modifierExtension" else {
                throw self.refusal(
                    name,
                    "changes what the resource means and is not understood: such a resource is not read"
                )
            }
            // Beside a primitive of the name there can be its id and extensions.
            let bare = name.utf8.first == UInt8(ascii: "_") ? String(name.dropFirst()) : name
            guard known.contains(bare) || bare == "id" || bare == "extension" else {
                throw self.refusal(name, "is not understood, and may narrow the rest: state it without")
            }
            guard seen.insert(name).inserted else { throw self.refusal(name, "is there twice: say one thing") }
            next = self.tree.nextSibling(member)
        }
    }

    /// - Returns: a refusal of this element, or of one in it.
    func refusal(_ name: String? = nil, _ words: String) -> ProtocolFailure {
        let place = name.map { "\(self.path).\(Self.printable($0))" } ?? self.path
        return ProtocolFailure(.format, "\(place) \(words)")
    }

    /// A value of another system as a message may show it: printable, quoted, at most 40 characters.
    static func shown(_ text: String) -> String { "`\(self.printable(text))`" }

    private static func printable(_ text: String) -> String {
        String(decoding: text.utf8.prefix(40).map { (32..<127).contains($0) ? $0 : 63 }, as: UTF8.self)
    }

    // MARK: - Members

    func has(_ name: String) -> Bool { self.tree.member(self.node, named: name) != nil }

    /// A text of 1 to ``textMax`` bytes.
    func text(_ name: String) throws(ProtocolFailure) -> String {
        guard let text = self.tree.string(try self.member(name)), (1...Self.textMax).contains(text.utf8.count) else {
            throw self.refusal(name, "is no text of 1 to \(Self.textMax) bytes")
        }
        return text
    }

    /// Milliseconds since 1970.
    func time(_ name: String) throws(ProtocolFailure) -> UInt64 {
        guard let time = FHIRTime.milliseconds(try self.text(name)) else {
            throw self.refusal(name, "is no date and time of 1970 to 2262 with a zone and at most milliseconds")
        }
        return time
    }

    /// An object of known elements.
    func object(_ name: String, known: [String]) throws(ProtocolFailure) -> FHIRElement {
        try self.object(try self.member(name), "\(self.path).\(name)", known)
    }

    /// A list of objects, which FHIR never leaves empty; none when the element is not there.
    ///
    /// - Parameters:
    ///   - name: of the element.
    ///   - countMax: of its objects.
    ///   - known: elements that each may have.
    /// - Returns: the objects in their order.
    /// - Throws: `FORMAT`.
    func list(_ name: String, upTo countMax: Int, known: [String]) throws(ProtocolFailure) -> [FHIRElement] {
        guard self.has(name) else { return [] }
        let list = try self.member(name)
        guard self.tree.kind(list) == .array, (1...countMax).contains(self.tree.childCount(list)) else {
            throw self.refusal(name, "is no list of 1 to \(countMax)")
        }
        var elements: [FHIRElement] = []
        var next = self.tree.firstChild(list)
        while let node = next {
            elements.append(try self.object(node, "\(self.path).\(name)[\(elements.count)]", known))
            next = self.tree.nextSibling(node)
        }
        return elements
    }

    private func member(_ name: String) throws(ProtocolFailure) -> PayloadTree.NodeID {
        guard let node = self.tree.member(self.node, named: name) else { throw self.refusal(name, "is missing") }
        return node
    }

    private func object(
        _ node: PayloadTree.NodeID,
        _ path: String,
        _ known: [String]
    ) throws(ProtocolFailure) -> FHIRElement {
        let element = FHIRElement(self.tree, node, path)
        guard self.tree.kind(node) == .object else { throw element.refusal("is no object") }
        try element.allow(known)
        return element
    }
}

// MARK: - Data types

extension FHIRElement {
    /// Elements of a Coding, of a CodeableConcept, of an Identifier, and of a Reference that says whom by an identifier
    /// alone: an address beside it could name another.
    static let coding = ["system", "code", "display"]
    static let concept = ["coding", "text"]
    static let identifier = ["system", "value"]
    static let reference = ["identifier", "display"]

    /// The code of a Coding of a system.
    func code(of system: String) throws(ProtocolFailure) -> String {
        let found = try self.text("system")
        guard found.utf8.elementsEqual(system.utf8) else {
            throw self.refusal("system", "is \(Self.shown(found)), and only \(system) is understood")
        }
        return try self.text("code")
    }

    /// The code of a CodeableConcept with one coding.
    func conceptCode(of system: String) throws(ProtocolFailure) -> String {
        let codings = try self.list("coding", upTo: 16, known: Self.coding)
        guard let coding = codings.first else { throw self.refusal("coding", "is missing") }
        guard codings.count == 1 else { throw self.refusal("coding", "has \(codings.count) codings: leave one") }
        return try coding.code(of: system)
    }

    /// The identifier of a Reference.
    func identifier(_ name: String) throws(ProtocolFailure) -> FHIRElement {
        try self.object(name, known: Self.reference).object("identifier", known: Self.identifier)
    }

    /// The value of an Identifier of a system.
    func value(of system: String) throws(ProtocolFailure) -> String {
        let found = try self.text("system")
        guard found.utf8.elementsEqual(system.utf8) else {
            throw self.refusal("system", "is \(Self.shown(found)), and only \(system) is understood")
        }
        return try self.text("value")
    }

    /// 32 bytes that the value of an Identifier of a system stands for.
    func digest(of system: String) throws(ProtocolFailure) -> [UInt8] {
        guard let bytes = FHIRConsent.digest(try self.value(of: system)) else {
            throw self.refusal("value", "has not 64 lower-case hexadecimal digits")
        }
        return bytes
    }
}
