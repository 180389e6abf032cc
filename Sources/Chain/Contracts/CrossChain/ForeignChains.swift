internal import BLSCertificates
internal import CanonicalBytes
internal import Consensus
internal import Ledger

/// The other chains that a contract follows: as a light client, and by their lists of verification nodes.
///
/// What is remembered between calls, keys and lists that were checked, changes no answer.
struct ForeignChains: Sendable {
    let keys: ForeignKeys
    let codes: CrossChainCodes
    let lists: VerifiedLists
    private let schemes: ForeignSchemes

    init(_ keys: ForeignKeys, _ codes: CrossChainCodes, _ schemes: ForeignSchemes, _ lists: VerifiedLists) {
        self.keys = keys
        self.codes = codes
        self.schemes = schemes
        self.lists = lists
    }

    /// Those of `interchain` and those of `relay`, with one memory.
    static func ofBothContracts() -> (hub: ForeignChains, spokes: ForeignChains) {
        let (schemes, lists) = (ForeignSchemes(), VerifiedLists())
        return (
            ForeignChains(.interchain, .interchain, schemes, lists), ForeignChains(.relay, .relay, schemes, lists)
        )
    }

    /// The same, with the lists of one relay chain's registry.
    func of(_ relay: ConnectedRelay) -> ForeignChains {
        ForeignChains(relay.keys, self.codes, self.schemes, self.lists)
    }

    /// A chain's client; nil for one that is not followed so.
    func client(of name: String, _ call: ContractCall) throws(ContractFailure) -> ForeignClient? {
        try call.record(ForeignClient.self, at: self.keys.client(name))
    }

    /// Requires what governors vouch for to be usable.
    func check(_ anchor: ClientAnchor, _ call: ContractCall) throws(ContractFailure) {
        guard let scheme = self.schemes.scheme(of: anchor.committee) else {
            throw .rejected(self.codes.badAnchor, "a committee with keys of several kinds, or of none")
        }
        try call.charge(2 * signatureCost * UInt64(anchor.committee.size))
        let fits = anchor.committee.members.allSatisfy { scheme.accepts(keysOf: $0) }
        try ensure(fits, self.codes.badAnchor, "keys of another kind, or without proof of possession")
    }

    /// Begins to trust a committee, because governors vouch for it.
    func set(_ anchor: ClientAnchor, of name: String, _ call: ContractCall) throws(ContractFailure) {
        try call.store(ForeignClient(anchor, at: call.block.time), at: self.keys.client(name))
        try self.enthrone(anchor.committee, from: anchor.firstHeight, since: call.block.time, of: name, call)
    }

    /// Requires a certified header of the chain, and learns how far the chain is.
    ///
    /// - Throws: that the trust period is over; that the header's committee is not known, has gone, or has gone too long
    ///   ago for what it certifies now; that the certificate does not hold.
    func accept(
        _ header: BlockHeader,
        _ certificate: QuorumCertificate,
        of name: String,
        _ client: ForeignClient,
        _ call: ContractCall
    ) throws(ContractFailure) {
        let view = try self.view(header, certificate, of: name, client, call)
        do throws(ProtocolFailure) { try view.check(header, certificate) } catch {
            throw .rejected(self.codes.badProof, error.description)
        }
        try self.note(header, of: name, client, call)
    }

    /// Learns a chain's next committee from the block that ends an epoch.
    func follow(
        _ header: BlockHeader,
        _ certificate: QuorumCertificate,
        next: Committee,
        of name: String,
        _ client: ForeignClient,
        _ call: ContractCall
    ) throws(ContractFailure) {
        try ensure(header.epoch >= client.epoch, self.codes.followedAlready, "epoch \(header.epoch) has ended")
        var view = try self.view(header, certificate, of: name, client, call)
        do throws(ProtocolFailure) { try view.follow(header, certificate, next: next) } catch {
            throw .rejected(self.codes.badProof, error.description)
        }
        let since = min(header.time, call.block.time)
        let first = header.height.addingReportingOverflow(1).partialValue
        try self.enthrone(next, from: first, since: since, of: name, call)
        var client = client
        client.epoch = next.epoch
        try call.store(self.noted(header, client, call), at: self.keys.client(name))
    }

    private func enthrone(
        _ committee: Committee,
        from height: Height,
        since time: UInt64,
        of name: String,
        _ call: ContractCall
    ) throws(ContractFailure) {
        try call.set(self.keys.committee(name, committee.epoch), to: committee.bytes)
        let reign = ClientReign(firstHeight: height, since: time)
        try call.store(reign, at: self.keys.reign(name, committee.epoch))
    }

    /// The one committee that may have certified a header.
    ///
    /// Members of one that has gone could write history of its time with keys that nobody guards any more; so a committee
    /// is believed for a trust period after its end, and never beyond its own heights.
    private func view(
        _ header: BlockHeader,
        _ certificate: QuorumCertificate,
        of name: String,
        _ client: ForeignClient,
        _ call: ContractCall
    ) throws(ContractFailure) -> CommitteeView {
        let now = call.block.time
        try ensure(!client.isExpired(at: now), self.codes.expired, "no header for \(client.trustSeconds) seconds")
        let signers = certificate.signers.reduce(0) { $0 + UInt64($1.nonzeroBitCount) }
        try call.charge(signatureCost * signers)
        let isKnown = client.firstEpoch <= header.epoch && header.epoch <= client.epoch
        guard isKnown, let bytes = try call.value(of: self.keys.committee(name, header.epoch)),
            let reign = try call.record(ClientReign.self, at: self.keys.reign(name, header.epoch))
        else { throw .rejected(self.codes.committeeUnknown, "the committee of epoch \(header.epoch) is not known") }
        try ensure(header.height >= reign.firstHeight, self.codes.committeeOutdated, "a block before the reign")
        if header.epoch < client.epoch,
            let next = try call.record(ClientReign.self, at: self.keys.reign(name, header.epoch + 1))
        {
            try ensure(header.height < next.firstHeight, self.codes.committeeOutdated, "a block after the reign")
            let isOver = ForeignClient.isOver(client.trustSeconds, since: next.since, at: now)
            try ensure(!isOver, self.codes.committeeOutdated, "the committee went too long ago: show a newer block")
        }
        let committee: Committee
        do throws(ProtocolFailure) { committee = try Committee(bytes: bytes) } catch { throw .damaged(error) }
        guard let scheme = self.schemes.scheme(of: committee) else {
            throw .rejected(self.codes.badProof, "a committee with keys of several kinds")
        }
        return CommitteeView(
            chain: client.chain,
            channel: client.channel,
            committees: CommitteeHistory(genesis: committee),
            scheme: scheme
        )
    }

    private func note(
        _ header: BlockHeader,
        of name: String,
        _ client: ForeignClient,
        _ call: ContractCall
    ) throws(ContractFailure) {
        guard header.height > client.height else { return }
        try call.store(self.noted(header, client, call), at: self.keys.client(name))
    }

    /// A clock that is ahead must not lengthen the trust.
    private func noted(_ header: BlockHeader, _ client: ForeignClient, _ call: ContractCall) -> ForeignClient {
        guard header.height > client.height else { return client }
        var client = client
        client.height = header.height
        client.time = max(client.time, min(header.time, call.block.time))
        return client
    }
}

/// Signature schemes of other chains; either kind of certificates may meet this one's.
struct ForeignSchemes: Sendable {
    private let single = Ed25519Scheme()
    private let aggregate = BLSScheme()

    /// - Returns: nil for keys of several kinds or none of them.
    func scheme(of committee: Committee) -> (any SignatureScheme)? {
        let lengths = Set(committee.members.map(\.shareKey.count))
        return switch lengths {
        case [32]: self.single
        case [ShareKey.byteCount]: self.aggregate
        default: nil
        }
    }
}

/// Keys of what a contract keeps about other chains.
struct ForeignKeys: Sendable {
    let contract: StaticString
    /// What the chains' names of lists begin with; no chain's name has a colon.
    var scope = ""

    /// ``ForeignClient``.
    func client(_ name: String) -> [UInt8] { StateKey.make(self.contract, "client", name.utf8) }

    /// A committee's canonical bytes.
    func committee(_ name: String, _ epoch: CommitteeEpoch) -> [UInt8] {
        StateKey.make(self.contract, "committee", name.utf8, epoch.bigEndianBytes)
    }

    /// ``ClientReign``.
    func reign(_ name: String, _ epoch: CommitteeEpoch) -> [UInt8] {
        StateKey.make(self.contract, "reign", name.utf8, epoch.bigEndianBytes)
    }

    /// `u64`: the epoch of the newest list.
    func listEpoch(_ chain: String) -> [UInt8] { StateKey.make(self.contract, "list-epoch", (self.scope + chain).utf8) }

    /// ``ListRecord``.
    func list(_ chain: String, _ epoch: UInt64) -> [UInt8] {
        StateKey.make(self.contract, "list", (self.scope + chain).utf8, epoch.bigEndianBytes)
    }
}
