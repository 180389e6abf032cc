import ArgumentParser
import CanonicalBytes
import Certificates
import Credentials
import FiniteFields
import PolicyProofs
import ProofFiles
import Transcripts

struct CredentialRequestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "Get a credential with the attributes of this party's certificate.",
        discussion: """
            Makes a secret, sends the authority its commitment, signed by the certificate's key, and waits until the leaf is \
            in the tree on the chain. Running it again with the same file is safe, and needed after `wardline key rotate`: \
            the credential is then bound to the new certificate. Other attributes bring another leaf, and the former is \
            revoked first; so does another file.
            """
    )

    @Option(help: "The identity directory.", completion: .directory)
    var identity: String

    @Option(help: "The authority's address, if it is another one than at the enrolment.")
    var authority: String?

    @Option(help: "The credential; it gets mode 0600.", completion: .file())
    var output: String

    @Option(help: "Seconds to wait for the chain.")
    var wait = 300

    func run() async throws {
        try await reportingFailure {
            let identity = try Identity.load(directory: self.identity)
            let file = try self.file()
            var answer = try await self.answer(file.holder.bytes, identity)
            defer { answer.wipe() }
            let issued = try FileFailure.naming("the authority's answer") { try IssuedCredential(answer) }
            let complete = try FileFailure.naming("the authority's answer") { try file.completed(by: issued) }
            try self.check(issued, identity)
            try CredentialStore.write(complete, to: self.output)
            try StandardOutput.write(Columns.text(CredentialStore.rows(complete)))
        }
    }

    /// The secret is on the disk before anybody hears of its commitment.
    private func file() throws -> CredentialFile {
        if PrivateFile.exists(self.output) { return try CredentialStore.read(self.output) }
        let file = CredentialFile.new()
        try CredentialStore.write(file, to: self.output)
        return file
    }

    private func answer(_ holder: [UInt8], _ identity: Identity) async throws -> [UInt8] {
        let start = ContinuousClock.now
        let authority = self.authority
        return try await AuthorityClient(identity, at: authority).use { client async throws(CredentialsError) in
            while true {
                let request = try CredentialRequest(holder: holder, identity: identity, at: Seconds.now)
                do throws(CredentialsError) { return try await client.credential(request) } catch {
                    guard case .refused("credential-pending", _) = error,
                        ContinuousClock.now - start < .seconds(self.wait)
                    else { throw error }
                }
                StandardError.write("the chain has not taken the credential yet; asking again\n")
                do { try await Task.sleep(for: .seconds(3)) } catch { throw .unreachable("interrupted") }
            }
        }
    }

    /// The attributes are the certificate's own, so that a credential cannot mark its holder in secret.
    private func check(_ issued: IssuedCredential, _ identity: Identity) throws {
        let certified = Set(identity.certificate.fields.attributes)
        let texts = issued.attributes.texts.map { String($0.map { $0 == "=" ? ":" : $0 }) }
        guard texts.count == certified.count, texts.allSatisfy(certified.contains) else {
            throw CommandFailure("the authority certified other attributes than the certificate has")
        }
    }
}
