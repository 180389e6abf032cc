internal import CanonicalBytes
package import EVMProofs
package import Relaying

/// What an operator says of a chain with an EVM and of the node that is asked about it.
package struct EVMEndpoint: Sendable, Hashable {
    /// JSON-RPC: `https`, or `http` on this machine.
    package var url: String
    /// EIP-155.
    package var chainID: UInt64
    package var broker: EVMAddress
    /// ``FinalityRule/depth(_:)`` or ``FinalityRule/tagged``.
    package var finality: FinalityRule
    /// Height of the block before the broker's.
    package var startHeight: UInt64 = 0
    /// Blocks that are asked for at once.
    package var pageBlocks: UInt64 = 200
    /// Deadline of one question, s.
    package var requestSeconds: Int64 = 30

    package init(url: String, chainID: UInt64, broker: EVMAddress, finality: FinalityRule) {
        self.url = url
        self.chainID = chainID
        self.broker = broker
        self.finality = finality
    }

    /// The connection to the node, which its owner closes.
    ///
    /// - Throws: `misconfigured`.
    package func client() throws(ChainAdapterFailure) -> JSONRPCClient {
        guard let url = NodeURL(self.url) else {
            throw .misconfigured("\(self.url) is not https://…, nor http://… of this machine")
        }
        return JSONRPCClient(url: url, requestSeconds: self.requestSeconds)
    }

    /// The chain.
    ///
    /// - Parameters:
    ///   - name: of the relay chain and of this one at it, `hub:chain`.
    ///   - client: of ``client()``.
    ///   - sender: pays for deliveries; nil: nothing is delivered.
    /// - Returns: the chain, of which nothing was asked yet.
    /// - Throws: `misconfigured`.
    package func chain(
        named name: String,
        by client: JSONRPCClient,
        sender: TransactionSender? = nil
    ) throws(ChainAdapterFailure) -> EVMChain {
        let settings = EVMChainSettings(
            chain: name,
            chainID: self.chainID,
            broker: self.broker,
            finality: self.finality,
            startHeight: self.startHeight,
            pageBlocks: self.pageBlocks
        )
        return try EVMChain(settings: settings, node: EVMNode(client), sender: sender)
    }

    /// As governors register the chain.
    ///
    /// - Throws: `misconfigured` for what no chain is registered with.
    package func registration() throws(ChainAdapterFailure) -> EVMRegistration {
        do throws(ProtocolFailure) {
            let broker = BrokerIdentity(chainID: self.chainID, address: self.broker)
            switch self.finality {
            case .depth(let depth): return try EVMRegistration(broker: broker, finality: .depth(depth))
            case .tagged: return try EVMRegistration(broker: broker, finality: .tagged)
            case .certified: throw ProtocolFailure(.context, "a chain with an EVM has no certificates")
            }
        } catch { throw .misconfigured(error.description) }
    }

    /// What this says otherwise than the chain's record at the relay chain; nil when nothing.
    package func difference(to registered: EVMRegistration) throws(ChainAdapterFailure) -> String? {
        let own = try self.registration()
        guard own.broker == registered.broker else {
            return "registered is broker \(registered.broker.address) on chain \(registered.broker.chainID)"
        }
        guard own.finality == registered.finality else {
            return "registered is another rule of finality than \(self.finality)"
        }
        return nil
    }
}
