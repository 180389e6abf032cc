internal import CanonicalBytes
internal import Certificates
internal import Consensus
internal import Ledger

/// The state of block 0.
struct GenesisState {
    private var values: [[UInt8]: [UInt8]] = [:]

    init(_ genesis: Genesis, _ channel: Channel) {
        for issuer in genesis.issuers {
            self.values[StateKey.issuer(issuer.kind, issuer.issuer.name)] = issuer.bytes
        }
        self.values[StateKey.issuers] = IssuerList(genesis.issuers).bytes
        for (name, value) in genesis.parameters { self.values[StateKey.parameter(name)] = value.bigEndianBytes }
        self.values[StateKey.committee(0)] = genesis.committee.bytes
        self.values[SystemKey.reign(0)] = UInt64(1).bigEndianBytes
        for validator in genesis.validators {
            self.values[StateKey.validator(validator.id)] = Array(validator.name.description.utf8)
        }
        switch channel {
        case .access:
            let governors = Governors(threshold: genesis.governorThreshold, parties: genesis.governors)
            self.values[GovernanceKey.governors] = governors.bytes
        case .index: self.values[SystemKey.accessReign(0)] = UInt64(1).bigEndianBytes
        }
    }

    /// Ascending by key.
    var changes: [StateChange] {
        self.values
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { StateChange(key: $0.key, value: $0.value) }
    }
}
