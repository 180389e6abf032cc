import ArgumentParser
import Credentials
import Foundation

struct EnrollCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enroll",
        abstract: "Get this machine its identity: keys that never leave it, and certificates for them.",
        discussion: """
            The token comes from `wardline ca token` at the authority. Running it again is safe: an enrolment that was \
            interrupted goes on with the same keys, and one that is complete is left as it is. An identity that has \
            expired gets new keys.

            With --systemd-creds the keys are encrypted to this machine, by its TPM where it has one; the service's unit \
            then needs:
              LoadCredentialEncrypted=wardline.ecqv.key:DIRECTORY/current/ecqv.key.cred
              LoadCredentialEncrypted=wardline.tls.key:DIRECTORY/current/tls.key.cred
            """
    )

    @Option(help: "The authority, such as https://authority.example.org:7403.")
    var authority: String

    @Option(help: "The file with the token, mode 0600; - reads standard input.", completion: .file())
    var tokenFile: String

    @OptionGroup var location: IdentityLocation

    @Option(name: .customLong("host"), help: "A DNS name or address of this party's server; may be repeated.")
    var hosts: [String] = []

    @Flag(help: "Keep the keys encrypted by systemd-creds; needs root.")
    var systemdCreds = false

    func run() async throws {
        try await reportingFailure {
            let outcome = try await Enrollment.run(
                authority: self.authority,
                token: self.token(),
                directory: self.location.directory,
                hosts: Hosts.parse(self.hosts),
                protection: self.systemdCreds ? .systemdCredential : .file,
                at: Seconds.now
            )
            switch outcome {
            case .already(let identity):
                StandardError.write(
                    "\(self.location.directory) is enrolled already as \(identity.name), until "
                        + "\(Seconds.text(identity.validUntil)); nothing was changed\n"
                )
            case .enrolled(let identity):
                StandardError.write("enrolled as \(identity.name) until \(Seconds.text(identity.validUntil))\n")
            }
        }
    }

    private func token() throws -> EnrollmentToken {
        guard self.tokenFile == "-" else { return try EnrollmentToken(file: self.tokenFile) }
        return try EnrollmentToken(text: Array(FileHandle.standardInput.read(upToCount: 1_024) ?? Data()))
    }
}

/// `--directory`, the identity directory.
struct IdentityLocation: ParsableArguments {
    @Option(help: "The identity directory; is made with mode 0700.", completion: .directory)
    var directory = "/var/lib/wardline/identity"
}
