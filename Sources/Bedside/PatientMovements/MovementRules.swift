package import Records

/// How an institution's ADT messages are to be read.
package struct MovementRules: Sendable {
    /// Makes the name of a bed, in the way in which the profiles name it.
    package let bed: BedTemplate
    /// For times without a zone of their own.
    package let zone: TimeZoneRules
    /// PID-3.5 of the identifier that counts; nil takes the first of any type.
    package let identifierType: String?
    /// PID-3.4.1 of the identifier that counts; nil takes any.
    package let identifierAssigner: String?
    /// Stands for an assigner that the message does not name.
    package let assignerDefault: String

    package init(
        bed: BedTemplate,
        zone: TimeZoneRules,
        identifierType: String? = nil,
        identifierAssigner: String? = nil,
        assignerDefault: String = ""
    ) {
        self.bed = bed
        self.zone = zone
        self.identifierType = identifierType
        self.identifierAssigner = identifierAssigner
        self.assignerDefault = assignerDefault
    }
}

/// The name of a bed out of the parts of an HL7 location: `{point_of_care}/{bed}`.
package struct BedTemplate: Sendable, Hashable {
    /// The parts of data type PL that a template may name.
    package enum Part: String, Sendable, CaseIterable {
        case pointOfCare = "point_of_care"
        case room
        case bed
        case facility
    }

    private enum Piece: Sendable, Hashable {
        case text(String)
        case part(Part)
    }

    /// What nearly every profile of a monitor says.
    package static let usual = BedTemplate(pieces: [.part(.pointOfCare), .text("/"), .part(.bed)])

    private let pieces: [Piece]

    private init(pieces: [Piece]) { self.pieces = pieces }

    /// Reads a template; nil unless it names `{bed}` or `{room}` and only known parts.
    package init?(_ text: String) {
        var pieces: [Piece] = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            guard let close = rest[open...].firstIndex(of: "}"),
                let part = Part(rawValue: String(rest[rest.index(after: open)..<close]))
            else { return nil }
            if open > rest.startIndex { pieces.append(.text(String(rest[..<open]))) }
            pieces.append(.part(part))
            rest = rest[rest.index(after: close)...]
        }
        guard !rest.contains("}"), pieces.contains(.part(.bed)) || pieces.contains(.part(.room)) else { return nil }
        if !rest.isEmpty { pieces.append(.text(String(rest))) }
        self.pieces = pieces
    }

    /// The bed's name; nil when one of its parts is not there, or it is longer than 256 bytes.
    package func name(_ part: (Part) -> String?) -> String? {
        var name = ""
        for piece in self.pieces {
            switch piece {
            case .text(let text): name += text
            case .part(let wanted):
                guard let value = part(wanted), !value.isEmpty else { return nil }
                name += value
            }
        }
        return (1...256).contains(name.utf8.count) ? name : nil
    }
}
