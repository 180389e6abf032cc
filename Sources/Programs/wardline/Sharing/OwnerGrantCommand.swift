import ArgumentParser
import CanonicalBytes
import Certificates
import ChainReading
import Contracts
import Credentials
import Custodian
import Foundation
import KeyIssuing
import Ledger
import Signcryption
import Uplink

struct OwnerGrantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant",
        abstract: "Grant a scope to the receiver of a permission, through privacy centers.",
        discussion: """
            Checks the permission with a quorum of validators: it names scope and receiver, and the receiver's key has \
            signed the request. Every center gets a share of a re-encryption key for this receiver; as many as --threshold \
            says must take part in opening an envelope. Prints the grant's digest. Given again it goes on with the same \
            grant. Exit code 1 if a center did not take it.
            """
    )

    @OptionGroup var options: CustodianOptions
    @OptionGroup var selection: ScopeSelection

    @Option(help: "The permission, 64 hexadecimal digits.")
    var permission: String

    @Option(help: "The receiver's certificate: `current/certificate.wlc` of an identity.", completion: .file())
    var receiverCertificate: String

    @Option(help: "Address of a privacy center that takes part, https://host:port (repeatable).")
    var privacyCenter: [String]

    @Option(help: "Centers that must take part in opening an envelope; all by default.")
    var threshold: Int?

    @Option(help: "Days from now; as long as the permission by default, and never longer.")
    var days: UInt64?

    @Flag(help: "Make another grant although there is one under this permission.")
    var renew = false

    @OptionGroup var validators: ValidatorAddresses
    @OptionGroup var genesis: GenesisOption

    @Option(help: "Write what the receiver needs to this file; nothing in it is secret.", completion: .file())
    var output: String

    func validate() throws {
        guard (1...255).contains(self.privacyCenter.count),
            (1...self.privacyCenter.count).contains(self.threshold ?? 1)
        else { throw ValidationError("name 1 to 255 privacy centers, and a --threshold of at most as many") }
        guard (1...36_500).contains(self.days ?? 1) else { throw ValidationError("--days is 1 to 36500") }
    }

    func run() async throws {
        try await reportingFailure {
            guard let id = [UInt8](hex: self.permission), id.count == 32 else {
                throw CommandFailure("a permission has 64 hexadecimal digits")
            }
            let custodian = try self.options.custodian()
            try CustodianService.requireOwner(custodian.identity)
            let certificate = try PrivateFile.read(self.receiverCertificate, upTo: 65_536, isSecret: false)
            let (permission, scope) = try await self.permitted(id, certificate, custodian)
            let now = UInt64(max(0, Date().timeIntervalSince1970))
            let order = GrantOrder(
                permission: id,
                scope: scope,
                receiverCertificate: certificate,
                receiverIssuer: try TrustedParty.issuer(
                    of: ImplicitCertificate(bytes: certificate),
                    among: try self.genesis.load().issuers
                ).trusted.issuer,
                centers: self.privacyCenter,
                threshold: self.threshold,
                notBefore: min(now, permission.granted / 1_000),
                notAfter: min(permission.validUntil / 1_000, self.days.map { now + $0 * 86_400 } ?? .max)
            )
            let desk = try GrantDesk(custodian: custodian)
            let outcome: Result<GrantOutcome, any Error>
            do { outcome = .success(try await desk.grant(order, renew: self.renew, at: now)) } catch {
                outcome = .failure(error)
            }
            await desk.close()
            try self.report(outcome.get(), scope)
        }
    }

    /// The permission as the chain holds it, and the custodian's scope that it is for.
    private func permitted(
        _ id: [UInt8],
        _ certificate: [UInt8],
        _ custodian: Custodian
    ) async throws -> (Permission, RegisteredScope) {
        let (urls, genesis) = (try self.validators.urls(), try self.genesis.load())
        let http = SecureClient(identity: IdentityWatch(custodian.identity), servers: [.validator], requestSeconds: 60)
        let outcome: Result<(Permission, RegisteredScope), any Error>
        do {
            let reader = try QuorumReader(
                validators: urls,
                genesis: genesis,
                client: http,
                secondsMax: 0,
                clock: KeyIssuingService.systemClock
            )
            let fact = try await reader.fact(of: AccessKey.permission(id), on: .access)
            guard let named = fact.value.flatMap({ try? Permission(bytes: $0) }) else {
                throw CommandFailure("the chain holds no permission \(id.hex)")
            }
            let scope = try self.scope(named.scope, custodian)
            let receiver = try ImplicitCertificate(bytes: certificate)
            let claim = PermissionCheck.Claim(
                permission: id,
                certificate: receiver,
                issuer: try TrustedParty.issuer(of: receiver, among: genesis.issuers),
                scope: try ScopeDescriptor(bytes: scope.descriptor),
                sender: nil
            )
            let check = PermissionCheck(chain: reader, clock: KeyIssuingService.systemClock)
            outcome = .success((try await check.require(claim), scope))
        } catch { outcome = .failure(error) }
        await http.close()
        return try outcome.get()
    }

    private func scope(_ digest: [UInt8], _ custodian: Custodian) throws -> RegisteredScope {
        guard let scope = try custodian.registry.scopes().first(where: { $0.digest == digest }) else {
            throw CommandFailure("the permission is for \(digest.hex), which is no scope of this custodian")
        }
        guard self.selection.matches(scope) else {
            throw CommandFailure("the permission is for \(scope.label), epoch \(scope.epoch)")
        }
        return scope
    }

    private func report(_ outcome: GrantOutcome, _ scope: RegisteredScope) throws {
        for refusal in outcome.refusals {
            StandardError.write("\(refusal.center) did not take the grant: \(refusal.why)\n")
        }
        guard outcome.isUsable else {
            throw CommandFailure("too few privacy centers took the grant; run this again when they are reached")
        }
        try GrantFiles.write(outcome.file, to: self.output)
        let terms = try ParsedGrant(bytes: outcome.file.grant).terms
        StandardError.write(
            "\(scope.label), epoch \(scope.epoch), to \(terms.receiver) through \(terms.threshold) of "
                + "\(terms.centers.count) privacy centers, until \(ExplorerText.time(terms.notAfter * 1_000))"
                + "\(outcome.isRepeated ? " (the grant that was there)" : "")\n"
        )
        try StandardOutput.write("\(outcome.digest.hex)\n")
        if !outcome.refusals.isEmpty { throw ExitCode.failure }
    }
}
