internal import CanonicalBytes
internal import Certificates
internal import Ledger
internal import Transcripts

/// How the index takes an anchor.
enum AnchorRules {
    @Sendable static func anchor(_ arguments: Anchor, _ call: ContractCall) throws(ContractFailure) {
        let gateway = try call.party(in: [.gateway])
        let certificate = try call.signer()
        let isTheirs =
            arguments.chain == call.block.chain && arguments.gateway == gateway
            && arguments.certificate == certificate
        try ensure(isTheirs, .anotherGateway, "an anchor of another chain, gateway or certificate")
        let digest = TaggedHash.digest("ANCHOR", call.arguments)
        let key = IndexKey.anchor(gateway, arguments.window)
        if let known = try call.record(AnchorRecord.self, at: key) {
            let isSame = known.digest == digest
            throw .rejected(isSame ? .anchoredAlready : .windowReused, "the window stands in block \(known.height)")
        }
        var marks = try self.timeMarks(of: arguments, call)
        if try self.checkScopes(of: arguments, call) { marks.insert(.unlisted) }
        let record = AnchorRecord(arguments, digest: digest, height: call.block.height, marks: marks)
        try call.store(record, at: key)
        try self.tell(arguments, marks, call)
    }

    private static func timeMarks(of anchor: Anchor, _ call: ContractCall) throws(ContractFailure) -> AnchorRecord.Marks
    {
        let now = call.block.time / 1_000
        let latest = now + (try call.parameter(.anchorAheadSeconds))
        try ensure(anchor.createdMax <= latest, .createdInFuture, "envelopes from the future")
        let lateness = try call.parameter(.anchorLateSeconds)
        return anchor.createdMax < now && now - anchor.createdMax > lateness ? .late : []
    }

    /// Requires that the gateway may write to every scope.
    ///
    /// - Returns: whether one of them has no list of writers.
    private static func checkScopes(of anchor: Anchor, _ call: ContractCall) throws(ContractFailure) -> Bool {
        let epochs = try call.scopeEpoch(at: anchor.createdMin)...call.scopeEpoch(at: anchor.createdMax)
        let isOpen = try call.parameter(.anchorOpenScopes) == 1
        var hasUnlisted = false
        for page in anchor.pages {
            let key = IndexKey.scope(page.scope)
            let record = try call.record(ScopeRecord.self, at: key)
            if let list = record?.list {
                try ensure(epochs.contains(list.epoch), .scopeEpoch, "a scope of epoch \(list.epoch)")
            } else {
                try ensure(isOpen, .scopeUnlisted, "a scope without a list of writers")
                hasUnlisted = true
            }
            guard let record else {
                // From now on the scope is this organization's.
                let owner = anchor.gateway.organization
                try call.store(ScopeRecord(owner: owner, height: call.block.height, list: nil), at: key)
                continue
            }
            let isWriter = record.allows(anchor.gateway, certificate: anchor.certificate)
            try ensure(isWriter, .writerNotListed, "the gateway may not write to a scope")
        }
        return hasUnlisted
    }

    private static func tell(
        _ anchor: Anchor,
        _ marks: AnchorRecord.Marks,
        _ call: ContractCall
    ) throws(ContractFailure) {
        try call.emit(AnchorEntered(anchor, marks: marks))
        var name = CanonicalWriter(capacity: 64)
        name.party(anchor.gateway)
        name.u64(anchor.window)
        if marks.contains(.late) { try call.emit("anchor.late", name.bytes) }
        if marks.contains(.unlisted) { try call.emit("anchor.unlisted", name.bytes) }
    }
}
