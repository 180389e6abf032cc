import ArgumentParser
import BLSCertificates
import CanonicalBytes
import Certificates
import ChainReading
import ConsentTools
import Contracts
import Credentials
import Foundation
import Ledger
import Uplink

/// As whom a patient's command speaks, and to which chain.
struct PatientOptions: ParsableArguments {
    @OptionGroup var options: ValidatorOptions
    @OptionGroup var genesis: GenesisOption

    @Option(
        help: ArgumentHelp(
            """
            The text of a patient's card, to speak in her name; - reads it from standard input. The identity then only says \
            whom to trust about servers, and shows itself to none of them.
            """,
            valueName: "file"
        ),
        completion: .file()
    )
    var card: String?

    /// Connects for the time of a command.
    func connected<Value>(_ body: (PatientSession) async throws -> Value) async throws -> Value {
        let (identity, genesis) = (try self.options.load(), try self.genesis.load())
        let key = try self.card.map { try Self.read($0, genesis) } ?? RequesterKey(identity)
        guard let patient = PartyName(key.certificate.fields.subject), patient.role == .patient else {
            throw CommandFailure("only a patient consents; use her identity, or her card with --card")
        }
        let http = SecureClient(
            identity: IdentityWatch(identity),
            servers: [.validator],
            presents: self.card == nil ? .certificate : .nothing,
            requestSeconds: 60
        )
        let outcome: Result<Value, any Error>
        do {
            let client = ChainClient(
                validators: try self.options.urls(),
                genesis: genesis,
                scheme: try ChainSignatures.required(of: genesis.committee),
                client: http
            )
            outcome = .success(try await body(PatientSession(patient: patient, key: key, client: client)))
        } catch { outcome = .failure(error) }
        await http.close()
        return try outcome.get()
    }

    private static func read(_ path: String, _ genesis: Genesis) throws -> RequesterKey {
        let bytes =
            path == "-"
            ? [UInt8](try FileHandle.standardInput.read(upToCount: ConsentCard.textMax) ?? Data())
            : try PrivateFile.read(path, upTo: ConsentCard.textMax)
        let card: ConsentCard
        do throws(ProtocolFailure) { card = try ConsentCard(text: String(decoding: bytes, as: UTF8.self)) } catch {
            throw CommandFailure("the card cannot be used: \(error)")
        }
        guard card.genesis == genesis.digest else { throw CommandFailure("the card is for another chain") }
        return card.key
    }
}

/// A patient at the chain.
struct PatientSession: Sendable {
    let patient: PartyName
    let key: RequesterKey
    let client: ChainClient

    var book: ConsentBook { ConsentBook(self.client) }
    var submitter: ChainSubmitter { ChainSubmitter(self.client, key: self.key) }
}

/// Which of her scopes a statement is about.
struct ScopeChoice: ParsableArguments {
    @Option(name: .customLong("scope"), help: "A scope's digest, 64 hexadecimal digits; may be repeated.")
    var scopes: [String] = []

    @Flag(help: "All scopes that she holds now.")
    var allScopes = false

    func validate() throws {
        guard self.scopes.isEmpty == self.allScopes else {
            throw ValidationError(
                "name scopes with --scope, or take --all-scopes; `wardline consent scopes` lists them"
            )
        }
        for scope in self.scopes where [UInt8](hex: scope)?.count != 32 {
            throw ValidationError("'\(scope)' is no scope's digest of 64 hexadecimal digits")
        }
    }

    /// Ascending, in portions that one call takes.
    func digests(_ session: PatientSession, upTo count: Int) async throws -> [[[UInt8]]] {
        let digests = Set(self.scopes.compactMap { [UInt8](hex: $0) })
        return try await Self.digests(digests, isAll: self.allScopes, session, upTo: count)
    }

    static func digests(
        _ named: Set<[UInt8]>,
        isAll: Bool,
        _ session: PatientSession,
        upTo count: Int
    ) async throws -> [[[UInt8]]] {
        let digests = isAll ? Set(try await session.book.scopes(heldBy: session.patient).map(\.scope)) : named
        guard !digests.isEmpty else {
            throw CommandFailure(
                "\(session.patient) holds no scopes; the custodian names the holder with `wardline steward holder`"
            )
        }
        let sorted = digests.sorted { $0.lexicographicallyPrecedes($1) }
        return stride(from: 0, to: sorted.count, by: count).map { Array(sorted[$0...].prefix(count)) }
    }
}

/// Which of her scopes or labels a consent is about.
struct SubjectChoice: ParsableArguments {
    @Option(name: .customLong("scope"), help: "A scope's digest, 64 hexadecimal digits; may be repeated.")
    var scopes: [String] = []

    @Flag(help: "All scopes that she holds now.")
    var allScopes = false

    @Option(
        name: .customLong("label"),
        help: """
            The digest of a label, 64 hexadecimal digits: all its scopes, those of later weeks too; may be repeated. \
            `wardline consent labels` lists them.
            """
    )
    var labels: [String] = []

    @Flag(help: "All labels of the scopes that she holds now.")
    var allLabels = false

    func validate() throws {
        let ways = [!self.scopes.isEmpty, self.allScopes, !self.labels.isEmpty, self.allLabels]
        guard ways.count(where: { $0 }) == 1 else {
            throw ValidationError(
                "name scopes with --scope or labels with --label, or take --all-scopes or --all-labels; "
                    + "`wardline consent scopes` and `wardline consent labels` list them"
            )
        }
        for digest in self.scopes + self.labels where [UInt8](hex: digest)?.count != 32 {
            throw ValidationError("'\(digest)' is no digest of 64 hexadecimal digits")
        }
    }

    /// What single consents are about.
    func subjects(_ session: PatientSession) async throws -> [ConsentSubject] {
        guard !self.labels.isEmpty || self.allLabels else {
            let digests = Set(self.scopes.compactMap { [UInt8](hex: $0) })
            return try await ScopeChoice.digests(digests, isAll: self.allScopes, session, upTo: ConsentSubject.countMax)
                .map(ConsentSubject.scopes)
        }
        let held = try await session.book.everything(heldBy: session.patient).filter(\.isLabel).map(\.scope)
        let wanted = self.allLabels ? held : self.labels.compactMap { [UInt8](hex: $0) }
        if let other = wanted.first(where: { !held.contains($0) }) {
            throw CommandFailure("\(other.hex) is no label of \(session.patient)'s")
        }
        guard !wanted.isEmpty else {
            throw CommandFailure(
                "\(session.patient) holds no label; the custodian names the holder with `wardline steward holder`"
            )
        }
        return wanted.map(ConsentSubject.label)
    }
}

/// How long a statement stands.
struct StatementTime: ParsableArguments {
    @Option(help: "Days from now, 1 to 36500.")
    var days: UInt64 = 365

    func validate() throws {
        guard (1...36_500).contains(self.days) else { throw ValidationError("--days is 1 to 36500") }
    }

    /// Milliseconds since 1970.
    var end: UInt64 { (Seconds.now + self.days * 86_400) * 1_000 }
}

extension ScopeChoice {
    /// Whether a code can stand on the chain.
    static func isWord(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                    || [45, 46, 95].contains($0)
            }
    }
}
