import ArgumentParser
import Foundation

struct DevCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev",
        abstract: "Run a whole consortium on this machine, to try things out.",
        discussion: """
            Starts an authority, a custodian, privacy centers, the validators of a chain, a KGC with two privacy centers \
            that issue identity keys, an attribute authority, and the two authorities of pseudonyms, as processes on \
            loopback, each with an identity and a directory of its own, and waits until all of them serve. The first start makes keys, certificates, the chain's genesis and \
            the parties' joint key; later ones take what is there. A setup ceremony for policy proofs follows while the \
            parties serve. Everything ends with Ctrl-C or SIGTERM.

            One operator has all the keys here, which a real consortium must never allow.
            """
    )

    @Option(
        name: .customLong("dir"),
        help: "Where everything is kept; one folder per party.",
        completion: .directory
    )
    var directory = DevLayout.defaultDirectory

    @Option(help: "Validators of the chain, 4 to 16.")
    var validators = 4

    @Option(
        help: ArgumentHelp(
            "What each validator keeps in memory of a channel's state (limits.cache_bytes), 4 to 16384; 64 otherwise.",
            valueName: "MiB"
        )
    )
    var validatorCache: Int?

    @Option(help: "Privacy centers, 1 to 8.")
    var centers = 1

    @Option(help: "The first party's port; the others follow in steps of 20.")
    var basePort = 17_400

    @Option(help: "Gateways to other chains that are enrolled, and as many attesters, 0 to 8.")
    var relays = 0

    @Flag(help: "An authority, validators and three governors only: a chain for others to meet on.")
    var relayChain = false

    @Option(help: "The chain's name.")
    var chain = DevLayout.Names().chain

    @Option(help: "Organization of whoever runs the servers.")
    var operators = DevLayout.Names().operators

    @Option(help: "Organization whose data it is.")
    var hospital = DevLayout.Names().hospital

    @Option(help: "Organization of the researchers.")
    var institute = DevLayout.Names().institute

    @Flag(help: "Hold no setup ceremony, so that there are no keys of policy proofs.")
    var withoutCeremony = false

    @Flag(help: "Make everything, start nothing.")
    var prepareOnly = false

    @Flag(help: "Make authority, identities and the pseudonyms' issuer, and end before the chain's genesis.")
    var enrollOnly = false

    @Option(
        name: .customLong("ally"),
        help: """
            The directory of another consortium, enrolled at least, whose authority and pseudonyms this chain accepts too \
            (repeatable); counts when the genesis is made.
            """,
        completion: .directory
    )
    var allies: [String] = []

    @Option(
        name: .customLong("absent"),
        help: "A server that is not started, because somebody else runs it with its node.yaml (repeatable)."
    )
    var absent: [String] = []

    func validate() throws {
        guard (4...16).contains(self.validators) else { throw ValidationError("--validators must be 4 to 16") }
        guard (4...16_384).contains(self.validatorCache ?? 64) else {
            throw ValidationError("--validator-cache must be 4 to 16384")
        }
        guard (1...8).contains(self.centers) else { throw ValidationError("--centers must be 1 to 8") }
        guard (0...8).contains(self.relays) else { throw ValidationError("--relays must be 0 to 8") }
        let ports = self.basePort + DevLayout.portStep * self.size.portCount
        guard self.basePort >= 1_024, ports <= 65_535 else {
            throw ValidationError("--base-port leaves no room for all parties below 65536")
        }
    }

    private var size: DevLayout.Size {
        DevLayout.Size(
            validators: self.validators,
            centers: self.centers,
            relays: self.relays,
            isRelayChain: self.relayChain,
            cacheMebibytes: self.validatorCache
        )
    }

    func run() async throws {
        try await reportingFailure {
            let layout = DevLayout(
                directory: self.directory,
                size: self.size,
                names: DevLayout.Names(
                    chain: self.chain,
                    operators: self.operators,
                    hospital: self.hospital,
                    institute: self.institute
                ),
                basePort: self.basePort
            )
            let holdsCeremony = !self.withoutCeremony && !self.relayChain
            let consortium = try DevConsortium(layout, holdsCeremony: holdsCeremony, allies: self.allies)
            try await consortium.prepare(untilGenesis: self.enrollOnly)
            guard !self.prepareOnly, !self.enrollOnly else { return }
            try await consortium.run(without: self.absent)
        }
    }
}
