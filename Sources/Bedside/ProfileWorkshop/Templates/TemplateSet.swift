internal import StrictYAML

/// The templates of some files, as far as they could be read.
package struct TemplateSet {
    /// One file with its text.
    package struct Source: Sendable {
        package let name: String
        package let text: String

        package init(name: String, text: String) {
            self.name = name
            self.text = text
        }
    }

    private(set) var devices: [DeviceTemplate] = []
    private(set) var mappings: [MappingTemplate] = []
    private(set) var findings: [Finding] = []

    /// Templates of one file beyond this many are refused: a file of 1 MiB holds fewer.
    private static let templatesMax = 4_096

    /// Reads files of any of the kinds, in any order.
    package init(_ sources: [Source]) {
        for source in sources {
            do throws(YAMLProblem) {
                try self.read(TemplateField(parsing: source.text, file: source.name))
            } catch {
                self.findings.append(
                    Finding(
                        file: error.file,
                        line: error.line,
                        place: error.field,
                        weight: .error,
                        what: error.reason,
                        instead: "the file is left out"
                    )
                )
            }
        }
    }

    private mutating func read(_ container: TemplateField) {
        guard let type = container.text("templateType") else {
            return self.findings.append(
                container.finding(.error, "'templateType' is missing: no template of iomt-fhir", "it is left out")
            )
        }
        do throws(Finding) {
            switch type.lowercased() {
            case "collectioncontent", "collectionfhir": try self.readCollection(container)
            case "codevaluefhir": self.mappings.append(try MappingTemplate(container))
            default:
                guard
                    let kind = DeviceTemplate.Kind.allCases.first(where: {
                        $0.rawValue.lowercased() == type.lowercased()
                    })
                else {
                    throw (container["templateType"] ?? container)
                        .finding(.error, "the type '\(type)' is not read here", "the template is left out")
                }
                self.devices.append(try DeviceTemplate(container, kind: kind))
            }
        } catch {
            self.findings.append(error)
        }
    }

    private mutating func readCollection(_ container: TemplateField) throws(Finding) {
        guard let list = container["template"], list.field.isSequence else {
            throw container.finding(.error, "'template' must be a list", "the collection is left out")
        }
        let elements = list.elements
        guard elements.count <= Self.templatesMax else {
            throw list.finding(.error, "more than \(Self.templatesMax) templates", "the collection is left out")
        }
        for element in elements {
            guard !element.isCollection else {
                self.findings.append(element.finding(.error, "a collection in a collection", "it is left out"))
                continue
            }
            self.read(element)
        }
    }
}

extension TemplateField {
    var isCollection: Bool { self.text("templateType")?.lowercased().hasPrefix("collection") ?? false }
}
