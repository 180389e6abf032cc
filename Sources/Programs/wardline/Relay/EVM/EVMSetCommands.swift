import ArgumentParser
import CanonicalBytes
import EVMAdapter
import EVMProofs
import Secp256k1

/// A set of attesters as options.
struct EVMAttestersOption: ParsableArguments {
    @Option(
        name: .customLong("group"),
        help: "A privileged subgroup and how many of it must sign, NAME=COUNT; in order, may be repeated."
    )
    var groups: [String]

    @Option(name: .customLong("attester"), help: "An attester, NAME=ADDRESS, with the subgroup's name; repeated.")
    var attesters: [String]

    @Option(help: "How many must sign in all.")
    var threshold: Int

    func set() throws -> AttesterSet {
        var names: [String] = []
        var thresholds: [Int] = []
        for group in self.groups {
            let (name, count) = try Self.parts(group)
            guard !names.contains(name), let count = Int(count) else {
                throw ValidationError("--group takes NAME=COUNT, each name once")
            }
            names.append(name)
            thresholds.append(count)
        }
        let members = try self.attesters.map { text in
            let (name, address) = try Self.parts(text)
            guard let place = names.firstIndex(of: name) else { throw ValidationError("no --group \(name)") }
            return AttesterSet.Member(address: try EVMText.address(address), group: place)
        }
        return try AttesterSet(threshold: self.threshold, groupThresholds: thresholds, members: members)
    }

    private static func parts(_ text: String) throws -> (String, String) {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw ValidationError("\(text) has no '='") }
        return (parts[0], parts[1])
    }
}

struct EVMDeployCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy",
        abstract: "Put a broker contract on a chain.",
        discussion: """
            Prints the contract's address. Whoever deploys it can do nothing with it afterwards: only the attesters \
            named here are believed, and only they certify the next ones. Compare what `wardline relay evm status` \
            shows before a relay chain registers it.
            """
    )

    @OptionGroup var node: EVMNodeOption
    @OptionGroup var key: EVMKeyOption
    @OptionGroup var attesters: EVMAttestersOption

    @Option(help: "Name of the relay chain.")
    var hub: String

    @Option(help: "Name under which this chain is registered there.")
    var chain: String

    @Option(help: "Gas that a called service gets.")
    var serviceGas: UInt64 = 300_000

    func run() async throws {
        try await reportingFailure {
            let set = try self.attesters.set()
            try await self.node.with { node in
                let sender = try await self.key.sender(node)
                let mined = try await sender.send(
                    to: nil,
                    BrokerContract.creation(
                        hub: self.hub,
                        chain: self.chain,
                        serviceGas: self.serviceGas,
                        attesters: set
                    )
                )
                guard mined.isSuccess, let address = mined.created else {
                    throw CommandFailure("transaction 0x\(mined.hash.hex) has failed")
                }
                let contract = BrokerContract(node: node, address: address)
                let name = try await contract.chainName()
                guard name == "\(self.hub):\(self.chain)" else { throw CommandFailure("the contract is of \(name)") }
                StandardError.write("broker of \(name) in block \(mined.height)\n")
                try StandardOutput.write("\(address.checksummed)\n")
            }
        }
    }
}

struct EVMRotateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Replace the attesters that a broker believes.",
        discussion: """
            The set before has to agree: each of enough of its members runs this with --sign and sends on what is \
            printed; then anybody runs it with all --signature. What was attested before and not delivered has to be \
            attested anew.
            """
    )

    @OptionGroup var node: EVMNodeOption
    @OptionGroup var broker: EVMBrokerOption
    @OptionGroup var key: EVMKeyOption
    @OptionGroup var attesters: EVMAttestersOption

    @Flag(help: "Sign the new set with the key, and print the signature.")
    var sign = false

    @Option(name: .customLong("signature"), help: "An old attester's; repeated.", transform: EVMText.bytes)
    var signatures: [[UInt8]] = []

    func run() async throws {
        try await reportingFailure {
            let set = try self.attesters.set()
            try await self.node.with { node in
                let contract = BrokerContract(node: node, address: self.broker.broker)
                let epoch = try await contract.policy().epoch + 1
                let identity = BrokerIdentity(chainID: try await node.chainID(), address: self.broker.broker)
                let digest = set.digest(for: identity, epoch: epoch)
                if self.sign { return try StandardOutput.write(try self.key.load().sign(digest).bytes.hex + "\n") }
                let ordered = try AttestedOrder.sorted(self.signatures, of: digest)
                let data = BrokerFunction.rotate.call(set.arguments + [.array(ordered.map(ABIValue.bytes))])
                let mined = try await self.key.sender(node).send(to: self.broker.broker, data)
                guard mined.isSuccess else { throw CommandFailure("transaction 0x\(mined.hash.hex) has failed") }
                try StandardOutput.write("epoch \(epoch)\n")
            }
        }
    }
}
