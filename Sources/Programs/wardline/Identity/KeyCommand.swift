import ArgumentParser
import CanonicalBytes
import Certificates
import Credentials
import Foundation

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "List, rotate and revoke this party's own keys.",
        subcommands: [List.self, Rotate.self, Revoke.self, KeyAllyCommand.self]
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the generations that are kept.",
            discussion: "Columns: generation, state, end, party, ECQV digest, X.509 fingerprint."
        )

        @OptionGroup var location: IdentityLocation

        func run() throws {
            try reportingFailure {
                let directory = IdentityDirectory(self.location.directory)
                let current = try Identity.load(directory: directory.path)
                let revocations = try RevocationStore(current)
                for generation in directory.generations {
                    let identity = try directory.identity(generation: generation)
                    let columns = [
                        "\(generation)\(generation == current.generation ? " current" : "")",
                        self.state(identity, revocations), Seconds.text(identity.validUntil), "\(identity.name)",
                        identity.certificate.digest.hex, identity.peer.fingerprint.hex,
                    ]
                    try StandardOutput.write(columns.joined(separator: "\t") + "\n")
                }
            }
        }

        private func state(_ identity: Identity, _ revocations: RevocationStore) -> String {
            if revocations.contains(identity.certificate.digest) { return "revoked" }
            if identity.validUntil < Seconds.now { return "expired" }
            return identity.isRenewalDue(at: Seconds.now) ? "due" : "valid"
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Replace the keys by new ones, certified by the authority.",
            discussion: """
                The old generation stays valid and on the disk, so that nothing which is under way is lost. Running agents \
                and nodes use the new one by themselves, from the next envelope and the next connection on. Only a \
                service whose keys are systemd credentials needs a restart, because systemd decrypts them at its start. \
                When an agent's outbox is empty, remove the old generation with --prune. Running it again after it was \
                interrupted is safe.
                """
        )

        @OptionGroup var location: IdentityLocation

        @Flag(help: "Do nothing unless less than a third of the certificates' time is left; for a timer.")
        var ifDue = false

        @Flag(help: "Remove the generations before the current one instead.")
        var prune = false

        func validate() throws {
            guard !(self.prune && self.ifDue) else { throw ValidationError("use --prune without --if-due") }
        }

        func run() async throws {
            try await reportingFailure {
                guard !self.prune else { return try self.pruneNow() }
                let current = try Identity.load(directory: self.location.directory)
                guard !self.ifDue || current.isRenewalDue(at: Seconds.now) else {
                    StandardError.write("generation \(current.generation) is not due\n")
                    return
                }
                let new = try await KeyRotation.run(directory: self.location.directory, at: Seconds.now)
                StandardError.write(
                    "generation \(new.generation) is current until \(Seconds.text(new.validUntil)); generation "
                        + "\(current.generation) is kept until --prune\n"
                )
            }
        }

        private func pruneNow() throws {
            let gone = try IdentityDirectory(self.location.directory).prune()
            StandardError.write(gone.isEmpty ? "nothing to remove\n" : "removed generations \(gone)\n")
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have the authority revoke own certificates.",
            discussion: """
                An old generation after a rotation is revoked by its number. After --all this party can do nothing until \
                it enrols again in another directory. If the machine is lost, the authority's operator revokes it with \
                `wardline ca revoke`.
                """
        )

        @OptionGroup var location: IdentityLocation

        @Option(name: .customLong("generation"), help: "An old generation; may be repeated.")
        var generations: [Int] = []

        @Flag(help: "All generations, the current one too.")
        var all = false

        func run() async throws {
            try await reportingFailure {
                let directory = IdentityDirectory(self.location.directory)
                let chosen = try self.chosen(directory)
                try await KeyRotation.revoke(generations: chosen, directory: directory.path)
                StandardError.write("revoked generations \(chosen)\n")
            }
        }

        private func chosen(_ directory: IdentityDirectory) throws -> [Int] {
            if self.all {
                guard self.generations.isEmpty else { throw ValidationError("use --all without --generation") }
                return directory.generations
            }
            guard !self.generations.isEmpty else { throw ValidationError("name a --generation, or --all") }
            if let current = directory.currentGeneration, self.generations.contains(current) {
                throw ValidationError("generation \(current) is current; rotate first, or use --all")
            }
            return self.generations
        }
    }
}
