import ArgumentParser
import CanonicalBytes
import Certificates
import Contracts
import EVMProofs
import Ledger
import Relaying

extension ChainProposeCommand {
    struct RegisterEVMChain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "register-evm-chain",
            abstract: "Let a chain with an EVM take part, on a relay chain.",
            discussion: """
                Its verification nodes certify its blocks, and the broker's logs are proven under them. Compare the broker \
                first: `wardline relay evm status`. Chain, broker and finality cannot be changed later; another broker is \
                another chain.
                """
        )
        @OptionGroup var common: Common
        @Option(help: "The chain's name, as its broker has it.") var name: String
        @Option(help: "Who registers its services and appeals for it: organization:role:name.") var `operator`: String
        @Option(help: "The chain's number (EIP-155).") var chainID: UInt64
        @OptionGroup var broker: EVMBrokerOption
        @OptionGroup var finality: EVMFinalityOption
        @OptionGroup var list: NodeListOption

        func run() async throws {
            try await self.common.propose { _ in
                .registerChain(
                    RegisterChain(
                        name: self.name,
                        basis: .attested(try self.registration().bytes),
                        operatorName: try Names.parties([self.operator])[0],
                        list: try self.list.anchor()
                    )
                )
            }
        }

        private func registration() throws -> EVMRegistration {
            let identity = BrokerIdentity(chainID: self.chainID, address: self.broker.broker)
            switch try self.finality.rule() {
            case .depth(let depth): return try EVMRegistration(broker: identity, finality: .depth(depth))
            case .tagged, .certified: return try EVMRegistration(broker: identity, finality: .tagged)
            }
        }
    }
}
