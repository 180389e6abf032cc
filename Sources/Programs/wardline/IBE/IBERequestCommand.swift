import ArgumentParser
import CanonicalBytes
import Certificates
import Credentials
import Foundation
import IdentityEncryption
import KeyIssuing
import Records
import Signcryption
import Transcripts
import Uplink

struct IBERequestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "Get the key of a scope's epoch and gateway, under a permission of the chain.",
        discussion: """
            Every party is asked in order, over a connection with both certificates; each sees a blinded value only. The \
            key opens the epoch keys that this gateway encapsulated for this scope.
            """
    )

    @OptionGroup var identity: IBEIdentity

    @Option(help: "The parameters.", completion: .file(extensions: ["wly"]))
    var parameters: String

    @OptionGroup var moved: MovedParties

    @Option(help: "The permission, 64 hexadecimal digits.")
    var permission: String

    @Option(help: "The scope's descriptor.", completion: .file())
    var descriptor: String?

    @Option(help: "A grant of the scope instead, which holds descriptor and certificate.", completion: .file())
    var grant: String?

    @Option(help: "The certificate of the scope's owner.", completion: .file())
    var ownerCertificate: String?

    @Option(help: ArgumentHelp("A privacy center that has the owner's certificate, instead.", valueName: "url"))
    var privacyCenter: String?

    @Option(help: "The gateway that seals the data: organization:gateway:name.")
    var sender: String

    @Option(help: "Write the key to this file; it gets mode 0600.", completion: .file())
    var output: String

    func validate() throws {
        let sources = [self.ownerCertificate, self.privacyCenter, self.grant].compactMap { $0 }
        guard (self.descriptor == nil) != (self.grant == nil), sources.count == 1 else {
            throw ValidationError("use --grant, or --descriptor with either --owner-certificate or --privacy-center")
        }
        guard PartyName(self.sender)?.role == .gateway else {
            throw ValidationError("--sender is organization:gateway:name")
        }
    }

    func run() async throws {
        try await reportingFailure {
            guard let permission = [UInt8](hex: self.permission), permission.count == 32 else {
                throw CommandFailure("a permission has 64 hexadecimal digits")
            }
            let grant = try self.grant.map { try GrantFiles.read($0) }
            let descriptor = try ScopeDescriptor(
                bytes: grant?.descriptor ?? PrivateFile.read(self.descriptor ?? "", upTo: 65_536, isSecret: false)
            )
            let file = try ParametersFiles.read(self.parameters)
            try await self.identity.connected { identity, client in
                let wish = KeyRequester.Wish(
                    permission: permission,
                    descriptor: descriptor,
                    ownerCertificate: try await self.certificate(of: descriptor, grant, client),
                    sender: self.sender
                )
                let parties = try PartyDirectory(self.moved.plan(of: file), client: client)
                let key = try await KeyRequester(file, parties: parties, identity: identity).key(wish)
                var bytes = try key.fileBytes()
                defer { bytes.wipe() }
                try PrivateFile.write(bytes, to: self.output)
            }
            StandardError.write("the key is in \(self.output)\n")
        }
    }

    private func certificate(
        of descriptor: ScopeDescriptor,
        _ grant: GrantFile?,
        _ client: SecureClient
    ) async throws -> [UInt8] {
        if let grant { return grant.ownerCertificate }
        if let path = self.ownerCertificate { return try PrivateFile.read(path, upTo: 65_536, isSecret: false) }
        guard let text = self.privacyCenter, let url = ServiceURL(text),
            let digest = Digest(bytes: descriptor.ownerCertificateDigest)
        else { throw CommandFailure("--privacy-center is an address such as https://privacy-center.example:7402") }
        return try await PrivacyCenterClient(name: text, base: url, client: client).certificate(digest)
    }
}
