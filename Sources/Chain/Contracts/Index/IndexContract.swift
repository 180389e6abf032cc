internal import CanonicalBytes
internal import Certificates
package import Ledger

extension RejectionCode {
    package static let anotherGateway = RejectionCode(501, "another-gateway")
    package static let anchoredAlready = RejectionCode(502, "anchored-already")
    package static let windowReused = RejectionCode(503, "window-reused")
    package static let writerNotListed = RejectionCode(504, "writer-not-listed")
    package static let scopeEpoch = RejectionCode(505, "scope-epoch")
    package static let scopeUnlisted = RejectionCode(506, "scope-unlisted")
    package static let createdInFuture = RejectionCode(507, "created-in-future")
    package static let notTheOwner = RejectionCode(508, "not-the-owner")
    package static let epochFixed = RejectionCode(509, "epoch-fixed")
    package static let scopeUnknown = RejectionCode(510, "scope-unknown")
    package static let wrapKnown = RejectionCode(511, "wrap-known")
    package static let datasetExists = RejectionCode(512, "dataset-exists")
    package static let noSuchDataset = RejectionCode(513, "no-such-dataset")
    package static let datasetWithdrawnAlready = RejectionCode(514, "dataset-withdrawn-already")
}

/// `index`: scopes and their writers, anchors, sealed index keys and data sets.
enum IndexContract {
    static var methods: [Method] {
        [
            Method(self.setWriters), Method(AnchorRules.anchor), Method(self.wrap), Method(self.publish),
            Method(self.withdraw),
        ]
    }

    /// The first organization to list a scope's writers, or to write to it, owns it.
    @Sendable private static func setWriters(_ arguments: SetScopeWriters, _ call: ContractCall) throws(ContractFailure)
    {
        let party = try call.party(in: [.institution, .custodian])
        let key = IndexKey.scope(arguments.scope)
        let height = call.block.height
        var record =
            try call.record(ScopeRecord.self, at: key)
            ?? ScopeRecord(owner: party.organization, height: height, list: nil)
        try ensure(record.owner.isSame(as: party.organization), .notTheOwner, "another organization's scope")
        if let list = record.list {
            try ensure(list.epoch == arguments.epoch, .epochFixed, "the scope is of epoch \(list.epoch)")
        }
        record.list = arguments
        try call.store(record, at: key)
        try call.emit("index.scope-writers", arguments.scope)
    }

    @Sendable private static func wrap(_ arguments: WrapIndexKey, _ call: ContractCall) throws(ContractFailure) {
        let party = try call.party(in: [.gateway, .custodian, .institution])
        guard let scope = try call.record(ScopeRecord.self, at: IndexKey.scope(arguments.scope)) else {
            throw .rejected(.scopeUnknown, "neither listed nor written to")
        }
        if party.role == .gateway {
            try ensure(party == arguments.sender, .notAllowed, "another sender's key")
            let isWriter = scope.allows(party, certificate: try call.signer())
            try ensure(isWriter, .writerNotListed, "the gateway may not write to the scope")
        } else {
            try ensure(scope.owner.isSame(as: party.organization), .notTheOwner, "another organization's scope")
        }
        let key = IndexKey.wrap(arguments.scope, arguments.sender)
        let known = try call.record(IndexKeyWrap.self, at: key)
        try ensure(known?.digest != arguments.digest, .wrapKnown, "this is the wrap already")
        let version = (known?.version ?? 0).addingReportingOverflow(1).partialValue
        let wrap = IndexKeyWrap(digest: arguments.digest, version: version, height: call.block.height)
        try call.store(wrap, at: key)
        try call.emit("index.wrapped", arguments.bytes)
    }

    @Sendable private static func publish(_ arguments: PublishDataset, _ call: ContractCall) throws(ContractFailure) {
        let party = try call.party(in: .dataOwners)
        let key = IndexKey.dataset(arguments.dataset)
        try ensure(try call.value(of: key) == nil, .datasetExists, "a data set of this identifier is known")
        for scope in arguments.scopes {
            guard let record = try call.record(ScopeRecord.self, at: IndexKey.scope(scope)) else {
                throw .rejected(.scopeUnknown, "neither listed nor written to")
            }
            try ensure(record.owner.isSame(as: party.organization), .notTheOwner, "another organization's scope")
        }
        try call.store(Dataset(arguments, by: party, height: call.block.height), at: key)
        try call.emit("index.dataset-published", arguments.dataset)
    }

    @Sendable private static func withdraw(_ arguments: WithdrawDataset, _ call: ContractCall) throws(ContractFailure) {
        let party = try call.party(in: .dataOwners)
        let key = IndexKey.dataset(arguments.dataset)
        guard var dataset = try call.record(Dataset.self, at: key) else {
            throw .rejected(.noSuchDataset, "no data set of this identifier")
        }
        let isTheirs = dataset.publisher.organization.isSame(as: party.organization)
        try ensure(isTheirs, .notTheOwner, "another organization's data set")
        try ensure(dataset.withdrawn == 0, .datasetWithdrawnAlready, "it is withdrawn")
        dataset.withdrawn = call.block.height
        try call.store(dataset, at: key)
        try call.emit("index.dataset-withdrawn", arguments.dataset)
    }
}
