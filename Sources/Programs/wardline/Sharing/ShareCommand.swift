import ArgumentParser
import CanonicalBytes
import Certificates
import ChainReading
import Consortium
import Credentials
import Foundation
import Pseudonymity
import Requesting

struct ShareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "share",
        abstract: "Find, ask for, fetch and check data of others.",
        discussion: """
            A share lives in a folder: what was asked, what everybody answered, the data, and a signed statement of all of \
            it. Every command may be interrupted and given again. docs/sharing.md shows the whole way.
            """,
        subcommands: [
            ShareCatalogCommand.self, ShareRequestCommand.self, ShareAcceptCommand.self, ShareEmergencyCommand.self,
            ShareStatusCommand.self, ShareFetchCommand.self, ShareVerifyCommand.self, ShareOfferCommand.self,
            ShareAccountCommand.self,
        ]
    )
}

/// `--consortium` and `--identity`: whom a requester deals with, and as whom.
struct ShareParticipants: ParsableArguments {
    @Option(
        help: ArgumentHelp("The consortium's servers; WARDLINE_CONSORTIUM otherwise.", valueName: "consortium.yaml"),
        completion: .file(extensions: ["yaml"])
    )
    var consortium: String?

    @Option(
        help: ArgumentHelp("The identity directory; WARDLINE_IDENTITY otherwise.", valueName: "directory"),
        completion: .directory
    )
    var identity: String?

    func file() throws -> ConsortiumFile {
        guard let path = self.consortium ?? ProcessInfo.processInfo.environment["WARDLINE_CONSORTIUM"] else {
            throw ValidationError("name the consortium's file with --consortium FILE")
        }
        return try ConsortiumFile(path: path)
    }

    func load() throws -> Identity {
        guard let directory = self.identity ?? ProcessInfo.processInfo.environment["WARDLINE_IDENTITY"] else {
            throw ValidationError("name the identity directory with --identity DIRECTORY")
        }
        return try Identity.load(directory: directory)
    }

    /// Connects for the time of a command.
    func connected<Value>(
        isPseudonym: Bool,
        _ body: (LiveParties, ConsortiumFile, Identity) async throws -> Value
    ) async throws -> Value {
        let (file, identity) = (try self.file(), try self.load())
        let live = try LiveParties(file, identity: identity, isPseudonym: isPseudonym)
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await body(live, file, identity)) } catch { outcome = .failure(error) }
        await live.close()
        return try outcome.get()
    }
}

/// The key that a share was asked for under.
enum ShareKeys {
    /// A new pseudonym of the wallet, or the identity itself.
    static func new(_ identity: Identity, isPseudonym: Bool) throws -> RequesterKey {
        guard isPseudonym else { return RequesterKey(identity) }
        return Self.key(try PseudonymWallet(of: identity).take())
    }

    /// The key that a folder names.
    static func key(of record: ShareRecord, _ identity: Identity) throws -> RequesterKey {
        try self.key(certified: record.requester, isPseudonym: record.isPseudonym, identity)
    }

    /// The key whose certificate has a digest, hexadecimal.
    static func key(certified text: String, isPseudonym: Bool, _ identity: Identity) throws -> RequesterKey {
        guard let digest = [UInt8](hex: text) else { throw CommandFailure("the share names no certificate") }
        if isPseudonym {
            guard let found = try PseudonymWallet(of: identity).credential(certified: digest) else {
                throw CommandFailure("the wallet of \(identity.directory) does not hold the share's pseudonym")
            }
            return Self.key(found)
        }
        guard let generation = try identity.generation(certified: digest) else {
            throw CommandFailure("the share was asked for by another identity than \(identity.name)")
        }
        return RequesterKey(generation)
    }

    private static func key(_ credential: PseudonymCredential) -> RequesterKey {
        RequesterKey(certificate: credential.certificate, key: credential.key, issuer: credential.issuer)
    }
}
