import ArgumentParser
import CanonicalBytes
import Credentials
import EVMProofs
import Secp256k1
import Transcripts

struct EVMKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Make a key file, or show the address of one.",
        discussion: "Prints the address. A file that exists already is shown, never written."
    )

    @Argument(help: "The key file, mode 0600.", completion: .file())
    var path: String

    func run() async throws {
        try reportingFailure {
            let key = PrivateFile.exists(self.path) ? try EVMKeyFile.load(self.path) : try self.make()
            let address = try EVMAddress(publicKey: key.publicKey.coordinates)
            try StandardOutput.write("\(address.checksummed)\n")
        }
    }

    private func make() throws -> Secp256k1Key {
        let (key, generated) = try Secp256k1Key.generate()
        var secret = generated
        defer { secret.wipe() }
        try PrivateFile.write(Array((secret.hex + "\n").utf8), to: self.path)
        return key
    }
}
