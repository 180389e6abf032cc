import ArgumentParser
import AttributeEncryption
import AttributeIssuing
import CanonicalBytes
import Certificates
import ChainReading
import Credentials
import Pseudonymity

struct ABERequestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "Get a key for your attributes and one permission.",
        discussion: """
            The authority learns who you are and that the permission is yours; nobody else does. It takes your attributes \
            from your own certificate. The key is checked under the public key that the chain proves, and opens the index \
            keys of the permission's scope whose policy your attributes satisfy.
            """
    )

    @OptionGroup var options: ABEOptions

    @Option(help: "The permission, 64 hexadecimal digits.")
    var permission: String

    @Option(
        help: """
            Digest of the pseudonym of your wallet that the permission names, 64 hexadecimal digits; your own certificate \
            without.
            """
    )
    var walletCertificate: String?

    @Option(help: "Write the key to this file; it gets mode 0600.", completion: .file(extensions: ["wla"]))
    var output: String

    func run() async throws {
        try await reportingFailure {
            let permission = try Self.digest(self.permission, "--permission")
            let file = try await self.options.connected { identity, keys in
                try await keys.file(
                    permission: permission,
                    requester: try self.requester(identity),
                    identity: identity
                )
            }
            try file.write(to: self.output)
            StandardError.write("the key is in \(self.output)\n")
            try StandardOutput.write(AttributeKeyText.text(file))
        }
    }

    private func requester(_ identity: Identity) throws -> RequesterKey {
        guard let text = self.walletCertificate else { return RequesterKey(identity) }
        let digest = try Self.digest(text, "--wallet-certificate")
        let wallet = try PseudonymWallet(of: identity)
        guard let credential = try wallet.credential(certified: digest) else {
            throw CommandFailure("\(wallet.directory) has no pseudonym \(text)")
        }
        return credential.requesterKey
    }

    static func digest(_ text: String, _ option: String) throws -> [UInt8] {
        guard let bytes = [UInt8](hex: text), bytes.count == 32 else {
            throw CommandFailure("\(option) takes 64 hexadecimal digits")
        }
        return bytes
    }
}

struct ABEInspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Check an attribute key and say what is in it.",
        discussion:
            "Prints no secret. Exit code 1 for a file that holds no key, or one that its authority did not issue."
    )

    @Argument(help: "The key.", completion: .file(extensions: ["wla"]))
    var file: String

    func run() throws {
        try reportingFailure { try StandardOutput.write(AttributeKeyText.text(AttributeKeyFile(path: self.file))) }
    }
}

/// An attribute key for people: numbers instead of their bits.
enum AttributeKeyText {
    static func text(_ file: AttributeKeyFile) -> String {
        Columns.text(
            [
                ["authority", file.key.authority], ["public key", file.publicKey.digest.hex],
                ["permission", file.permission.hex],
            ] + self.attributes(file.key.attributes).map { ["attribute", $0] }
        )
    }

    /// - Parameter attributes: `name:value`, and sixteen `name#i=b` for each number.
    /// - Returns: ascending, numbers as `name=number`.
    static func attributes(_ attributes: [String]) -> [String] {
        var words: [String] = []
        var numbers: [String: UInt32] = [:]
        for attribute in attributes {
            let parts = attribute.split(separator: "#", maxSplits: 1)
            guard parts.count == 2, let bit = UInt32(parts[1].prefix { $0 != "=" }), bit < 16 else {
                words.append(attribute)
                continue
            }
            numbers[String(parts[0]), default: 0] |= attribute.hasSuffix("=1") ? 1 << bit : 0
        }
        let written = numbers.map { "\($0.key)=\($0.value)" }
        return (words + written).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
