import ArgumentParser
import CanonicalBytes
import Certificates
import Credentials
import Foundation
import Uplink

/// `--custodian` and `--identity`: which custodian a steward talks to, and as whom.
struct StewardOptions: ParsableArguments {
    @Option(help: "The custodian's address, https://host:7404; WARDLINE_CUSTODIAN otherwise.")
    var custodian: String?

    @Option(help: ArgumentHelp("The steward's identity; WARDLINE_IDENTITY otherwise.", valueName: "directory"))
    var identity: String?

    @Flag(help: "Print the custodian's answer as JSON.")
    var json = false

    /// Talks to the custodian.
    func asking<Value>(_ body: (CustodianClient) async throws -> Value) async throws -> Value {
        let environment = ProcessInfo.processInfo.environment
        guard let directory = self.identity ?? environment["WARDLINE_IDENTITY"] else {
            throw ValidationError("name the steward's identity directory with --identity DIRECTORY")
        }
        guard let text = self.custodian ?? environment["WARDLINE_CUSTODIAN"], let url = ServiceURL(text) else {
            throw ValidationError("name the custodian with --custodian https://host:7404")
        }
        let http = SecureClient(
            identity: IdentityWatch(try Identity.load(directory: directory)),
            servers: [.custodian, .institution]
        )
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await body(CustodianClient(base: url, client: http))) } catch {
            outcome = .failure(error)
        }
        await http.close()
        return try outcome.get()
    }

    /// Prints an answer: as it came, or in words.
    func print<Answer: Decodable>(_ answer: [UInt8], as type: Answer.Type, _ text: (Answer) -> String) throws {
        guard !self.json else { return try StandardOutput.write(answer + [UInt8(ascii: "\n")]) }
        try StandardOutput.write(text(try JSONDecoder().decode(type, from: Data(answer))))
    }

    static func encode(_ value: some Encodable) throws -> [UInt8] { [UInt8](try JSONEncoder().encode(value)) }
}

/// An identifier that a command is about.
struct ShareIdentifier: ParsableArguments {
    @Argument(help: "The request or permission, 64 hexadecimal digits.")
    var id: String

    func validate() throws { _ = try ProofInputs.digest(self.id, "the identifier") }
}
