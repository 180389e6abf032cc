import ArgumentParser
import CanonicalBytes
import Certificates
import ChainReading
import ConsentTools
import Credentials
import Foundation
import Ledger

struct ConsentCardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "card",
        abstract: "Make a card with a patient's key, to print.",
        discussion: """
            The QR code holds the key that consents are signed with, as her identity has it. Whoever has the card, or a \
            photograph of it, can consent in her name until the certificate ends or is revoked; it opens no data. Give it \
            to her, or to her proxy, and delete the file.
            """
    )

    @Option(help: ArgumentHelp("The patient's identity.", valueName: "directory"), completion: .directory)
    var identity: String

    @OptionGroup var genesis: GenesisOption

    @Option(help: "The picture to write, SVG of 80 mm, mode 0600.", completion: .file(extensions: ["svg"]))
    var output: String?

    @Option(help: "The text to write, for --card, mode 0600.", completion: .file())
    var text: String?

    @Flag(help: "Show the code on the terminal.")
    var show = false

    func validate() throws {
        guard self.output != nil || self.text != nil || self.show else {
            throw ValidationError("say where to with --output, --text or --show")
        }
    }

    func run() throws {
        try reportingFailure {
            let (identity, genesis) = (try Identity.load(directory: self.identity), try self.genesis.load())
            let card: ConsentCard
            do throws(ProtocolFailure) {
                card = try ConsentCard(RequesterKey(identity), genesis: genesis.digest)
            } catch { throw CommandFailure("no card of \(self.identity): \(error)") }
            guard let code = QRCode(card.text) else { throw CommandFailure("the certificate is too long for a card") }
            if let text = self.text { try PrivateFile.write(Array("\(card.text)\n".utf8), to: text) }
            if self.show { try StandardOutput.write(code.terminal) }
            guard let output = self.output else { return }
            let lines = [
                "\(identity.name)", "valid until \(ExplorerText.time(identity.certificate.fields.notAfter * 1_000))",
                "This card consents in its holder's name. Keep it as you keep a key.",
            ]
            try PrivateFile.write(Array(code.svg(lines).utf8), to: output)
        }
    }
}
