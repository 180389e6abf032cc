internal import CanonicalBytes
internal import Certificates
internal import Consensus
package import Ledger

extension RejectionCode {
    package static let notActive = RejectionCode(101, "not-active")
    package static let badCitation = RejectionCode(102, "bad-citation")
    package static let citesSomethingElse = RejectionCode(103, "cites-something-else")
    package static let followedAlready = RejectionCode(104, "followed-already")
    package static let committeeNotFollowed = RejectionCode(105, "committee-not-followed")
    package static let citationOutdated = RejectionCode(106, "citation-outdated")
    package static let nothingNew = RejectionCode(107, "nothing-new")
}

/// `chain`: what the index channel learns of the access channel.
///
/// Anybody may bring it; the proofs speak.
struct SystemContract: Sendable {
    private let citation: Citation

    init(scheme: any SignatureScheme) { self.citation = Citation(scheme: scheme) }

    var methods: [Method] {
        [
            Method(self.follow), Method(self.bringRevocations), Method(self.bringIssuers), Method(self.bringParameter),
            Method(self.bringValidator), Method(self.bringActivation),
        ]
    }

    /// Learns the access channel's next committee, which is this channel's too from the next block on.
    @Sendable private func follow(_ arguments: FollowCommittee, _ call: ContractCall) throws(ContractFailure) {
        let epoch = call.block.committee.epoch
        try ensure(arguments.header.epoch >= epoch, .followedAlready, "epoch \(arguments.header.epoch) has ended")
        try ensure(arguments.header.epoch == epoch, .committeeNotFollowed, "epoch \(epoch) has to end first")
        var view = try self.citation.view(arguments.header, arguments.certificate, call)
        do throws(ProtocolFailure) {
            try view.follow(arguments.header, arguments.certificate, next: arguments.next)
        } catch { throw .rejected(.badCitation, error.description) }
        try call.enthrone(arguments.next)
        let first = arguments.header.height.addingReportingOverflow(1).partialValue
        try call.set(SystemKey.accessReign(arguments.next.epoch), to: first.bigEndianBytes)
        try call.emit("chain.committee", arguments.next.bytes)
    }

    /// Takes over the digests of a list that the access channel accepted.
    @Sendable private func bringRevocations(
        _ arguments: BringRevocations,
        _ call: ContractCall
    ) throws(ContractFailure) {
        try self.citation.check(arguments.proof, isOf: [Revoke.self], call)
        let list: RevocationList
        do throws(ProtocolFailure) {
            list = try Revoke(bytes: arguments.proof.transaction.body.arguments).list
        } catch { throw .rejected(.citesSomethingElse, error.description) }
        let count = try call.revoke(list.revoked, by: list.issuer)
        try ensure(count > 0, .nothingNew, "every certificate of the list is revoked already")
        try call.emit("chain.revoked", UInt32(count).bigEndianBytes)
    }

    @Sendable private func bringIssuers(_ arguments: BringIssuers, _ call: ContractCall) throws(ContractFailure) {
        try ensure(arguments.proof.key == StateKey.issuers, .citesSomethingElse, "not the list of issuers")
        guard let value = try self.news(arguments.proof, call) else {
            throw .rejected(.citesSomethingElse, "no list of issuers")
        }
        let list: IssuerList
        do throws(ProtocolFailure) { list = try IssuerList(bytes: value) } catch {
            throw .rejected(.citesSomethingElse, error.description)
        }
        try call.setIssuers(list)
    }

    @Sendable private func bringParameter(_ arguments: BringParameter, _ call: ContractCall) throws(ContractFailure) {
        try self.bring(arguments.proof, under: StateKey.parameter(""), call)
    }

    @Sendable private func bringValidator(_ arguments: BringValidator, _ call: ContractCall) throws(ContractFailure) {
        try self.bring(arguments.proof, under: Array(StateKey.validator(ReplicaID(0)).dropLast(2)), call)
    }

    @Sendable private func bringActivation(
        _ arguments: BringActivation,
        _ call: ContractCall
    ) throws(ContractFailure) {
        try self.bring(arguments.proof, under: SystemKey.activation([]), call)
    }

    private func bring(
        _ proof: ValueProof,
        under prefix: [UInt8],
        _ call: ContractCall
    ) throws(ContractFailure) {
        try ensure(proof.key.starts(with: prefix), .citesSomethingElse, "another key")
        try call.set(proof.key, to: try self.news(proof, call))
    }

    /// The proven value, when it is newer than the last one brought and another one than here.
    private func news(_ proof: ValueProof, _ call: ContractCall) throws(ContractFailure) -> [UInt8]? {
        try self.citation.check(proof, call)
        let last = try call.number(at: SystemKey.adopted(proof.key)) ?? 0
        try ensure(proof.header.height > last, .citationOutdated, "block \(last) was cited already")
        let current = try call.value(of: proof.key)
        try ensure(current != proof.value, .nothingNew, "this is the value already")
        try call.set(SystemKey.adopted(proof.key), to: proof.header.height.bigEndianBytes)
        try call.emit("chain.adopted", proof.key)
        return proof.value
    }
}

extension ContractCall {
    /// Notes revocations as of this block; those of before keep their time.
    ///
    /// - Returns: how many are new.
    func revoke(_ digests: [[UInt8]], by issuer: String) throws(ContractFailure) -> Int {
        var count = 0
        for digest in digests {
            let key = StateKey.revocation(of: digest, by: issuer)
            guard try self.value(of: key) == nil else { continue }
            try self.set(key, to: self.block.time.bigEndianBytes)
            count += 1
        }
        return count
    }
}
