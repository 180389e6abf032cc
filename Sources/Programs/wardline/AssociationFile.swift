import ArgumentParser
import Foundation
import Payloads
import Spool

/// A CSV file of associations, read by the decoder that devices' CSV goes through.
enum AssociationFile {
    struct Row {
        let subject: Association.Subject
        let patient: String
        let assigner: String
        let from: Int64
        let to: Int64?
    }

    static func rows(of path: String) throws -> [Row] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ValidationError("cannot read \(path)")
        }
        var tree = PayloadTree()
        // Record numbers and names of beds are texts: as numbers `5E1` and `50` would be one patient.
        let dialect = DelimitedDecoder.Dialect(readsNumbers: false)
        try Array(data).withUnsafeBytes { try DelimitedDecoder.decode($0, into: &tree, dialect: dialect) }
        var rows: [Row] = []
        var next = tree.member(.root, named: "rows").flatMap { tree.firstChild($0) }
        while let row = next {
            rows.append(try Self.row(row, number: rows.count + 1, tree))
            next = tree.nextSibling(row)
        }
        return rows
    }

    private static func row(_ row: PayloadTree.NodeID, number: Int, _ tree: PayloadTree) throws -> Row {
        func text(_ name: String) -> String {
            guard let node = tree.member(row, named: name) else { return "" }
            return tree.string(node) ?? ""
        }
        let subject: Association.Subject
        switch (text("subject"), text("name")) {
        case ("bed", let name) where !name.isEmpty: subject = .bed(name)
        case ("device", let name) where !name.isEmpty: subject = .device(name)
        default: throw ValidationError("row \(number): subject must be bed or device, with a name")
        }
        guard !text("patient").isEmpty else { throw ValidationError("row \(number): patient is missing") }
        guard !text("from").isEmpty else { throw ValidationError("row \(number): from is missing") }
        return Row(
            subject: subject,
            patient: text("patient"),
            assigner: text("assigner"),
            from: try Moment.parse(text("from")),
            to: text("to").isEmpty ? nil : try Moment.parse(text("to"))
        )
    }
}
