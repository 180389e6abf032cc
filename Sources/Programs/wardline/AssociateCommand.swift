import Agent
import ArgumentParser
import Foundation
import PatientMovements
import Records
import Spool

struct AssociateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "associate",
        abstract: "Say which patient a bed or a device belongs to, and from when to when.",
        subcommands: [Add.self, End.self, List.self, Import.self, Contradictions.self]
    )

    /// `--bed` or `--device`.
    struct Subject: ParsableArguments {
        @Option(help: "The bed, as the profiles name it: ward/bed.")
        var bed: String?

        @Option(help: "The device's identifier; it goes before its bed's association.")
        var device: String?

        func validate() throws {
            guard (self.bed == nil) != (self.device == nil) else {
                throw ValidationError("name either --bed or --device")
            }
        }

        var value: Association.Subject {
            self.device.map(Association.Subject.device) ?? .bed(self.bed ?? "")
        }
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Associate a bed or device with a patient.",
            discussion: """
                The patient is named by her record number, which becomes a pseudonym here and is not stored, or by a \
                pseudonym that exists already.
                """
        )

        @OptionGroup var file: ConfigurationFile
        @OptionGroup var subject: Subject

        @Option(help: "The record number; needs patients.pseudonym_key_file in the configuration.")
        var patient: String?

        @Option(help: "Who assigned the record number.")
        var assigner = ""

        @Option(help: "A pseudonym of 32 hexadecimal digits, instead of --patient.")
        var pseudonym: String?

        @Option(help: "Begin, RFC 3339; now by default.")
        var from: String?

        @Option(help: "End, RFC 3339; open by default.")
        var to: String?

        @Flag(help: "End the association that is open for this bed or device.")
        var replace = false

        func run() throws {
            try reportingFailure {
                let configuration = try self.file.load()
                let name = try PatientNames(configuration).pseudonym(
                    number: self.patient,
                    assigner: self.assigner,
                    pseudonym: self.pseudonym
                )
                _ = try AgentStore(configuration: configuration).spool.associate(
                    self.subject.value,
                    with: name,
                    from: Moment.parse(self.from),
                    to: self.to.map { try Moment.parse($0) },
                    replace: self.replace
                )
            }
        }
    }

    struct End: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a bed's or device's association.")

        @OptionGroup var file: ConfigurationFile
        @OptionGroup var subject: Subject

        @Option(help: "The moment, RFC 3339; now by default.")
        var at: String?

        func run() throws {
            try reportingFailure {
                try self.file.store().spool.endAssociation(of: self.subject.value, at: Moment.parse(self.at))
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List all associations, ended ones included.",
            discussion: "The last column says where each comes from: by hand, or by ADT messages (adt)."
        )

        @OptionGroup var file: ConfigurationFile

        func run() throws {
            try reportingFailure {
                let configuration = try self.file.load()
                let spool = try AgentStore(configuration: configuration).spool
                for association in try spool.associations() {
                    let times = Moment.text(association.from, association.to)
                    try StandardOutput.write("\(association.subject)\t\(association.patient)\t\(times)\thand\n")
                }
                for (bed, interval) in try configuration.patientBook(spool)?.associations ?? [] {
                    let times = Moment.text(interval.from, interval.to)
                    try StandardOutput.write("bed \(bed)\t\(interval.patient)\t\(times)\tadt\n")
                }
            }
        }
    }

    struct Contradictions: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what ADT messages say that cannot all be true.",
            discussion: "Columns: kind, bed, begin, end, pseudonyms. docs/operate.md §5 says what each kind means."
        )

        @OptionGroup var file: ConfigurationFile

        func run() throws {
            try reportingFailure {
                let configuration = try self.file.load()
                let book = try configuration.patientBook(AgentStore(configuration: configuration).spool)
                for found in book?.ledger.contradictions ?? [] {
                    let end = found.end.map { Moment.text($0) } ?? "-"
                    let patients = found.patients.joined(separator: " ")
                    try StandardOutput.write(
                        "\(found.kind.rawValue)\t\(found.bed ?? "-")\t\(Moment.text(found.time))\t\(end)\t\(patients)\n"
                    )
                }
            }
        }
    }

    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read associations from a CSV file.",
            discussion: "Columns: subject (bed or device), name, patient, assigner, from, to (may be empty)."
        )

        @OptionGroup var file: ConfigurationFile

        @Argument(help: "The CSV file, with a header line.", completion: .file(extensions: ["csv"]))
        var path: String

        func run() throws {
            try reportingFailure {
                let configuration = try self.file.load()
                let rows = try AssociationFile.rows(of: self.path)
                let names = try PatientNames(configuration)
                let spool = try AgentStore(configuration: configuration).spool
                for row in rows {
                    let patient = try names.pseudonym(number: row.patient, assigner: row.assigner, pseudonym: nil)
                    _ = try spool.associate(
                        row.subject,
                        with: patient,
                        from: row.from,
                        to: row.to,
                        replace: true
                    )
                }
                StandardError.write("\(rows.count) associations\n")
            }
        }
    }
}

/// Turns record numbers into pseudonyms.
struct PatientNames {
    private let pseudonyms: PatientPseudonyms?

    init(_ configuration: AgentConfiguration) throws {
        self.pseudonyms = try configuration.pseudonymKeyFile.map(PatientPseudonyms.init(keyFile:))
    }

    func pseudonym(number: String?, assigner: String, pseudonym: String?) throws -> String {
        switch (number, pseudonym) {
        case (let number?, nil):
            guard let pseudonyms = self.pseudonyms else {
                throw ValidationError(
                    "a record number needs the institution's key: set patients.pseudonym_key_file in the configuration "
                        + "(wardline spool generate-key FILE makes a key)"
                )
            }
            return pseudonyms.pseudonym(of: PatientIdentifier(assigner: assigner, recordNumber: number))
        case (nil, let pseudonym?): return pseudonym
        default: throw ValidationError("name either --patient or --pseudonym")
        }
    }
}

/// Moments on the command line.
enum Moment {
    /// Milliseconds since 1970; now for nil.
    static func parse(_ text: String?) throws -> Int64 {
        guard let text else { return systemMilliseconds() }
        guard let time = DateTime(rfc3339: Array(text.utf8)) else {
            throw ValidationError("'\(text)' is no time such as 2026-11-21T08:00:00Z")
        }
        return time.millisecondsSinceEpoch
    }

    /// Begin and end, with a tab between them.
    static func text(_ from: Int64, _ to: Int64?) -> String {
        "\(Self.text(from))\t\(to.map { Self.text($0) } ?? "open")"
    }

    static func text(_ milliseconds: Int64) -> String {
        DateTime(nanosecondsSinceEpoch: milliseconds * 1_000_000).description
    }
}
