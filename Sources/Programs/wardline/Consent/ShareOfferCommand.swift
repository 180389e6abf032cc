import ArgumentParser
import CanonicalBytes
import Certificates
import ConsentTools
import Contracts
import Transcripts

struct ShareOfferCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "offer",
        abstract: "Share one's own data with somebody, without anybody else's decision.",
        discussion: """
            For patients. Whoever the offer is for takes it with `wardline share accept`, and gets a permission at once. \
            The custodian grants it without a steward; `wardline consent withdraw` ends the offer and the permissions that \
            came of it. Prints the offer's identifier.
            """
    )

    @OptionGroup var patient: PatientOptions
    @OptionGroup var choice: ScopeChoice
    @OptionGroup var time: StatementTime

    @Option(help: "For one party, organization:role:name.")
    var party: String?

    @Option(help: "For everybody of an organization, for example a hospital.")
    var organization: String?

    @Option(help: "For everybody with a certified attribute study:NAME.")
    var study: String?

    @Option(help: "A code of 1 to 64 characters for what it is, for example study.")
    var purpose: String

    @Option(help: "Days that somebody who takes it can read from then on, 1 to 3650.")
    var permissionDays: UInt64 = 30

    func validate() throws {
        guard [self.party, self.organization, self.study].count(where: { $0 != nil }) == 1 else {
            throw ValidationError("say whom it is for with one of --party, --organization and --study")
        }
        guard self.party.map({ PartyName($0) != nil }) ?? true else {
            throw ValidationError("--party takes organization:role:name")
        }
        guard ScopeChoice.isWord(self.purpose), ScopeChoice.isWord(self.organization ?? "x"),
            ScopeChoice.isWord(self.study ?? "x")
        else { throw ValidationError("codes have 1 to 64 characters A-Z a-z 0-9 _ . -") }
        guard (1...3_650).contains(self.permissionDays) else { throw ValidationError("--permission-days is 1 to 3650") }
    }

    private var grantee: ConsentStatement.Grantee {
        if let party = self.party { return .party(party) }
        if let organization = self.organization { return .organization(organization) }
        return .attribute("study:\(self.study ?? "")")
    }

    func run() async throws {
        try await reportingFailure {
            try await self.patient.state(
                .offer(to: self.grantee, permissionSeconds: self.permissionDays * 86_400),
                about: self.choice,
                until: self.time,
                purpose: self.purpose
            )
        }
    }
}
