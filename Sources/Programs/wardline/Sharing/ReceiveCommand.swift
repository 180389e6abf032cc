import ArgumentParser
import CanonicalBytes
import Certificates
import Credentials
import Foundation
import IdentityEncryption
import Receiving
import Records
import Signcryption
import Transcripts
import Uplink

struct ReceiveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receive",
        abstract: "Fetch, verify and decrypt what was granted.",
        discussion: """
            Writes the Observations as NDJSON. It takes a grant to this identity and the keys of the data's identities: one \
            for each gateway that sealed under dual control. A privacy center that sends something false is named, and \
            others are asked instead.
            """
    )

    @OptionGroup var identity: IBEIdentity

    @Option(help: "What `wardline owner grant` wrote.", completion: .file())
    var grant: String

    @Option(help: "A key that `wardline ibe request` wrote (repeatable).", completion: .file())
    var identityKey: [String] = []

    @Option(help: "The parameters of those keys (repeatable).", completion: .file(extensions: ["wly"]))
    var parameters: [String] = []

    @Option(
        name: .customLong("privacy-center"),
        help: ArgumentHelp(
            "Where a center is now, if it moved since the grant; may be repeated.",
            valueName: "name=url"
        )
    )
    var moved: [PartyArgument] = []

    @Option(help: "Only the envelope with this H1, 64 hexadecimal digits.")
    var envelope: String?

    @Option(help: "A new file to write; standard output by default.", completion: .file())
    var output: String?

    @Flag(help: "Print the summary as one JSON object.")
    var json = false

    func validate() throws {
        guard self.identityKey.isEmpty || !self.parameters.isEmpty else {
            throw ValidationError("--identity-key needs --parameters")
        }
    }

    func run() async throws {
        try await reportingFailure {
            let only = try self.envelope.map { text in
                guard let digest = Digest(hex: Array(text.utf8)) else {
                    throw CommandFailure("an envelope's H1 has 64 hexadecimal digits")
                }
                return digest
            }
            let file = try GrantFiles.read(self.grant)
            let keys = try IdentityKeyFiles.read(self.identityKey, parameters: self.parameters)
            try await self.identity.connected { identity, client in
                let centers = try GrantedCenters.clients(of: file, moved: self.moved, client: client)
                let receiver = try EnvelopeReceiver(file, identity: identity, keys: keys, centers: centers)
                let target = try LineTarget(path: self.output)
                let outcome: Result<ReceivingSummary, any Error>
                do { outcome = .success(try await receiver.receive(only, write: target.write)) } catch {
                    target.abandon()
                    outcome = .failure(error)
                }
                receiver.forget()
                let summary = try outcome.get()
                try target.finish()
                try self.report(summary, receiver.faults)
            }
        }
    }

    private func report(_ summary: ReceivingSummary, _ faults: [CenterFault]) throws {
        for fault in faults { StandardError.write("\(fault.isLie ? "false: " : "")\(fault)\n") }
        if summary.passedOver > 0 {
            StandardError.write("passed over \(summary.passedOver) envelopes under single control\n")
        }
        guard self.json else {
            let what = "\(summary.observations) Observations of \(summary.messages) messages"
            return StandardError.write("\(summary.envelopes) envelopes: \(what)\n")
        }
        let line = try JSONLine.text([
            "envelopes": summary.envelopes, "observations": summary.observations, "messages": summary.messages,
            "parts": summary.parts, "epochKeys": summary.epochKeys, "passedOver": summary.passedOver,
            "faults": faults.map { ["center": $0.center, "why": $0.why, "lie": $0.isLie] as [String: Any] },
        ])
        // With Observations on standard output the summary goes where it does not mix with them.
        if self.output == nil { StandardError.write(line) } else { try StandardOutput.write(line) }
    }
}

/// Keys of identities as files hold them.
enum IdentityKeyFiles {
    /// Reads keys, each under the parameters that it names.
    static func read(_ paths: [String], parameters: [String]) throws -> [IdentityKey] {
        let known = try parameters.map { try ParametersFiles.read($0).parameters }
        return try paths.map { path in
            var bytes = try PrivateFile.read(path, upTo: 65_536)
            defer { bytes.wipe() }
            var last: ProtocolFailure?
            for candidate in known {
                do throws(ProtocolFailure) { return try IdentityKey(fileBytes: bytes, parameters: candidate) } catch {
                    last = error
                }
            }
            throw CommandFailure("\(path) holds no key of these parameters: \(last.map { "\($0)" } ?? "none is named")")
        }
    }
}

/// The privacy centers of a grant, where they are reached.
enum GrantedCenters {
    static func clients(
        of file: GrantFile,
        moved: [PartyArgument],
        client: SecureClient
    ) throws -> [PrivacyCenterClient] {
        let centers = try ParsedGrant(bytes: file.grant).terms.centers
        guard centers.count == file.addresses.count else {
            throw CommandFailure("the grant file names too few centers")
        }
        for argument in moved where !centers.contains(where: { argument.names($0.id) }) {
            throw ValidationError("\(argument.party.name) is no privacy center of this grant")
        }
        return try zip(centers, file.addresses).map { center, address in
            let now = moved.last { $0.names(center.id) }?.party.url ?? address
            guard let url = ServiceURL(now) else { throw CommandFailure("'\(now)' is no address of \(center.id)") }
            return PrivacyCenterClient(name: center.id, base: url, client: client)
        }
    }
}

extension PartyArgument {
    fileprivate func names(_ party: String) -> Bool { self.party.name.description.utf8.elementsEqual(party.utf8) }
}
