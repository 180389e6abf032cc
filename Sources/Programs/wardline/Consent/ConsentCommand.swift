import ArgumentParser
import CanonicalBytes
import Certificates
import ChainReading
import ConsentTools
import Contracts
import Credentials
import Foundation
import Ledger
import Transcripts

struct ConsentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consent",
        abstract: "Say what may happen with one's own data.",
        discussion: """
            A patient's key signs: her identity's, or the one on her card. A consent takes effect with its block: privacy \
            centers ask the chain each time before they hand anything over. What is said about a whole label binds all its \
            scopes, those of later weeks too; where label and scope say different things, the stricter one counts. \
            Emergencies do not wait for consents; `wardline audit` shows them.
            """,
        subcommands: [
            Scopes.self, Labels.self, List.self, Require.self, Allow.self, Forbid.self, Withdraw.self, Export.self,
            Import.self,
            ConsentCardCommand.self,
        ]
    )

    struct Scopes: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "List the scopes that are held, how many statements there are about each, and the label that each is of."
        )

        @OptionGroup var patient: PatientOptions

        func run() async throws {
            try await reportingFailure {
                try await self.patient.connected { session in
                    for held in try await session.book.scopes(heldBy: session.patient) {
                        try StandardOutput.write(
                            "\(held.scope.hex)  \(held.organization)  \(held.consents.entries.count)  "
                                + "\(held.consents.label?.hex ?? "-")\n"
                        )
                    }
                }
            }
        }
    }

    struct Labels: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the labels of the scopes that are held: their digests, scopes, and statements about each.",
            discussion:
                "A label is one kind of data of one patient. Only the custodian can tell which; the digest names it."
        )

        @OptionGroup var patient: PatientOptions

        func run() async throws {
            try await reportingFailure {
                try await self.patient.connected { session in
                    let held = try await session.book.everything(heldBy: session.patient)
                    for label in held where label.isLabel {
                        let scopes = held.count { $0.consents.label == label.scope }
                        try StandardOutput.write(
                            "\(label.scope.hex)  \(label.organization)  \(scopes) scopes  "
                                + "\(label.consents.entries.count)\n"
                        )
                    }
                }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the statements about scopes and labels that are held, by whomever they are."
        )

        @OptionGroup var patient: PatientOptions

        func run() async throws {
            try await reportingFailure {
                try await self.patient.connected { session in
                    let book = session.book
                    let rows = try await book.statements(about: book.everything(heldBy: session.patient)).map {
                        statement in
                        [
                            statement.id.hex, statement.rule.text, statement.purpose.isEmpty ? "-" : statement.purpose,
                            "until \(ExplorerText.time(statement.validUntil))",
                            statement.label.map { "label \($0.hex.prefix(16))" } ?? "\(statement.scopes.count) scopes",
                            statement.withdrawn == nil ? statement.author : "withdrawn",
                        ]
                    }
                    try StandardOutput.write(Columns.text(rows))
                }
            }
        }
    }

    struct Require: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let nothing be shared without an own consent to the request or its purpose."
        )

        @OptionGroup var patient: PatientOptions
        @OptionGroup var choice: SubjectChoice
        @OptionGroup var time: StatementTime

        func run() async throws {
            try await reportingFailure { try await self.patient.state(.require, about: self.choice, until: self.time) }
        }
    }

    struct Allow: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Consent to one request, or to all requests with a purpose."
        )

        @OptionGroup var patient: PatientOptions
        @OptionGroup var choice: SubjectChoice
        @OptionGroup var time: StatementTime

        @Option(help: "The purpose's code, for example study.")
        var purpose: String?

        @Option(help: "The one request, 64 hexadecimal digits.")
        var request: String?

        func validate() throws {
            guard (self.purpose == nil) != (self.request == nil) else {
                throw ValidationError("name either --purpose or --request")
            }
            guard self.request.map({ [UInt8](hex: $0)?.count == 32 }) ?? true else {
                throw ValidationError("a request has 64 hexadecimal digits")
            }
            guard self.purpose.map(ScopeChoice.isWord) ?? true else {
                throw ValidationError("a purpose has 1 to 64 characters A-Z a-z 0-9 _ . -")
            }
        }

        func run() async throws {
            try await reportingFailure {
                try await self.patient.state(
                    .allow(request: self.request.flatMap { [UInt8](hex: $0) }),
                    about: self.choice,
                    until: self.time,
                    purpose: self.purpose ?? ""
                )
            }
        }
    }

    struct Forbid: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stop all sharing but in an emergency; permissions that exist end."
        )

        @OptionGroup var patient: PatientOptions
        @OptionGroup var choice: SubjectChoice
        @OptionGroup var time: StatementTime

        func run() async throws {
            try await reportingFailure { try await self.patient.state(.forbid, about: self.choice, until: self.time) }
        }
    }

    struct Withdraw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Withdraw a consent or an offer; permissions that stand on it end."
        )

        @OptionGroup var patient: PatientOptions

        @Argument(help: "Its identifier, 64 hexadecimal digits.")
        var id: String

        func run() async throws {
            try await reportingFailure {
                guard let id = [UInt8](hex: self.id), id.count == 32 else {
                    throw CommandFailure("an identifier has 64 hexadecimal digits")
                }
                try await self.patient.connected { session in
                    guard let statement = try await session.book.statement(id) else {
                        throw CommandFailure("the chain holds no consent and no offer \(self.id)")
                    }
                    if case .offer = statement.rule {
                        try await session.submitter.submit(WithdrawOffer(offer: id))
                    } else {
                        try await session.submitter.submit(WithdrawConsent(consent: id))
                    }
                    try StandardOutput.write("withdrawn \(self.id)\n")
                }
            }
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the statements as FHIR R4 Consents, one a line."
        )

        @OptionGroup var patient: PatientOptions

        func run() async throws {
            try await reportingFailure {
                try await self.patient.connected { session in
                    let book = session.book
                    for statement in try await book.statements(about: book.everything(heldBy: session.patient)) {
                        try StandardOutput.write(FHIRConsent.json(statement, at: Seconds.now * 1_000) + "\n")
                    }
                }
            }
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "State what a FHIR R4 Consent says.",
            discussion: """
                Takes the terms that `wardline consent export` writes, and only what stands: of status active, with one \
                purpose or request, without elements that are not understood; whatever is refused is named by its FHIR \
                path. Nothing is withdrawn by an import: `wardline consent withdraw` does that. What the chain holds \
                already is left.
                """
        )

        @OptionGroup var patient: PatientOptions

        @Argument(help: "A file with one Consent, JSON.", completion: .file(extensions: ["json"]))
        var file: String

        func run() async throws {
            try await reportingFailure {
                let bytes = try PrivateFile.read(self.file, upTo: 1 << 20, isSecret: false)
                let statement: ConsentStatement
                do throws(ProtocolFailure) {
                    statement = try FHIRConsent.statement(from: bytes)
                    try statement.requireTimely(at: Seconds.now * 1_000)
                } catch { throw CommandFailure("\(self.file): \(error)") }
                try await self.patient.connected { session in
                    guard statement.author.utf8.elementsEqual(session.patient.description.utf8) else {
                        throw CommandFailure("\(self.file) is of \(statement.author), not of \(session.patient)")
                    }
                    guard let known = try await session.book.statement(statement.id) else {
                        return try await session.state(statement)
                    }
                    guard known.withdrawn == nil, known.saysSame(as: statement) else {
                        let what = known.withdrawn == nil ? "saying something else" : "and it was withdrawn"
                        throw CommandFailure(
                            "\(self.file): Consent.identifier is known to the chain, \(what): a new consent has a new one"
                        )
                    }
                    try StandardOutput.write("\(statement.id.hex)\n")
                }
            }
        }
    }
}

extension PatientOptions {
    /// Makes an offer of chosen scopes; prints the identifiers.
    func state(
        _ rule: ConsentStatement.Rule,
        about choice: ScopeChoice,
        until time: StatementTime,
        purpose: String = ""
    ) async throws {
        try await self.connected { session in
            let subjects = try await choice.digests(session, upTo: ConsentSubject.countMax).map(ConsentSubject.scopes)
            try await session.state(rule, about: subjects, until: time, purpose: purpose)
        }
    }

    /// States a rule about chosen scopes or labels; prints the identifiers.
    func state(
        _ rule: ConsentStatement.Rule,
        about choice: SubjectChoice,
        until time: StatementTime,
        purpose: String = ""
    ) async throws {
        try await self.connected { session in
            try await session.state(rule, about: try await choice.subjects(session), until: time, purpose: purpose)
        }
    }
}

extension PatientSession {
    /// States a rule about each of several subjects.
    fileprivate func state(
        _ rule: ConsentStatement.Rule,
        about subjects: [ConsentSubject],
        until time: StatementTime,
        purpose: String
    ) async throws {
        for subject in subjects {
            let (scopes, label): ([[UInt8]], [UInt8]?)
            switch subject {
            case .scopes(let named): (scopes, label) = (named, nil)
            case .label(let digest): (scopes, label) = ([], digest)
            }
            try await self.state(
                ConsentStatement(
                    id: SecureRandom.bytes(32),
                    author: self.patient.description,
                    rule: rule,
                    scopes: scopes,
                    purpose: purpose,
                    stated: Seconds.now * 1_000,
                    validUntil: time.end,
                    label: label
                )
            )
        }
    }
}

extension PatientSession {
    /// Brings a statement to the chain and prints its identifier.
    func state(_ statement: ConsentStatement) async throws {
        if let consent = statement.consent {
            _ = try await self.submitter.submit(consent, needless: [.consentExists])
        } else if let offer = statement.offer {
            _ = try await self.submitter.submit(offer, needless: [.offerExists])
        } else {
            throw CommandFailure("an offer to nobody that there can be")
        }
        try StandardOutput.write("\(statement.id.hex)\n")
    }
}

extension ConsentStatement.Rule {
    var text: String {
        switch self {
        case .allow(let request): request.map { "allow request \($0.hex.prefix(16))…" } ?? "allow"
        case .require: "require"
        case .forbid: "forbid"
        case .offer(let grantee, let seconds): "offer to \(grantee.text) for \(seconds / 86_400) days"
        }
    }
}

extension ConsentStatement.Grantee {
    var text: String {
        switch self {
        case .party(let text), .organization(let text), .attribute(let text): text
        case .certificate(let digest): digest.hex
        }
    }
}
