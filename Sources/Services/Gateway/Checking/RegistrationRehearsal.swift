internal import Attesting
internal import BLSCertificates
internal import CanonicalBytes
internal import ChainReading
internal import Consensus
package import Contracts
internal import IBTP
internal import Ledger
internal import PathProofs
internal import Uplink

/// Tries a registration before governors vote: whether the relay chain's light client would believe what the chain says.
package struct RegistrationRehearsal: Sendable {
    /// A shorter trust period asks for trouble: a weekend without gateways ends it.
    private static let trustSecondsMin: UInt64 = 3 * 86_400

    let registration: RegisterChain
    let hub: ReadChain
    let chain: ReadChain
    /// Milliseconds since 1970.
    let clock: @Sendable () -> UInt64

    /// - Parameters:
    ///   - registration: as it is, or would be, proposed.
    ///   - hub: the relay chain.
    ///   - chain: the chain, by a genesis that whoever checks believes.
    ///   - clock: milliseconds since 1970.
    package init(
        _ registration: RegisterChain,
        hub: ReadChain,
        chain: ReadChain,
        clock: @escaping @Sendable () -> UInt64 = ChainSubmitter.systemClock
    ) {
        self.registration = registration
        self.hub = hub
        self.chain = chain
        self.clock = clock
    }

    package func examine() async -> [Finding] {
        var findings = await self.asking("name") { try await self.name() }
        findings += await self.asking("list") { try await self.list() }
        switch self.registration.basis {
        case .hub:
            let isOwn = self.registration.name.utf8.elementsEqual(self.hub.genesis.chain.utf8)
            findings.append(
                isOwn
                    ? Finding(.fine, "rule", "the relay chain itself")
                    : Finding(.fault, "rule", "only \(self.hub.genesis.chain) is the relay chain itself")
            )
        case .attested:
            findings.append(
                Finding(
                    .warning,
                    "rule",
                    "attested: what its verification nodes certify is believed, and nothing of it can be tried here",
                    remedy: "`wardline relay evm status` looks at the chain"
                )
            )
        case .wardline(let anchor):
            findings += await self.asking("anchor") { try await self.anchor(anchor) }
            findings += await self.asking("light client") { try await self.believe(anchor) }
            findings += await self.asking("connection") { try await self.connection() }
        }
        return findings
    }

    private func asking(_ about: String, _ ask: () async throws -> [Finding]) async -> [Finding] {
        do { return try await ask() } catch { return [Finding(.fault, about, "\(error)")] }
    }

    // MARK: - What needs no proof

    private func name() async throws -> [Finding] {
        let name = self.registration.name
        if try await self.hub.value(of: RelayKey.chain(name)) != nil {
            return [
                Finding(
                    .fault,
                    "name",
                    "\(name) is registered",
                    remedy: "take another, or vouch anew with `wardline chain propose re-anchor`"
                )
            ]
        }
        return [Finding(.fine, "name", "\(name), operator \(self.registration.operatorName)")]
    }

    private func list() async throws -> [Finding] {
        let list = try VerificationNodeList(bytes: self.registration.list.list)
        guard list.chain.utf8.elementsEqual(self.registration.name.utf8) else {
            return [Finding(.fault, "list", "of \(list.chain), not of \(self.registration.name)")]
        }
        var findings: [Finding] = []
        let seats = zip(list.policy.subgroups, list.seats).map {
            "\($0.name) \($0.threshold) of \($1.count)"
        }
        findings.append(Finding(.fine, "list", "epoch \(list.epoch): \(seats.joined(separator: ", "))"))
        for (subgroup, members) in zip(list.policy.subgroups, list.seats) {
            let organizations = Set(members.map(\.organization))
            if organizations.count < Int(subgroup.threshold) {
                findings.append(
                    Finding(
                        .warning,
                        "list",
                        "\(organizations.count) organizations sign for all of \(subgroup.name)",
                        remedy: "let different organizations run the nodes of a subgroup"
                    )
                )
            }
        }
        let first = self.registration.list.firstHeight
        if case .wardline = self.registration.basis {
            let height = try await self.chain.newest().header.height
            if first > height + 1 {
                findings.append(
                    Finding(
                        .fault,
                        "list",
                        "it begins at height \(first), and the chain is at \(height): nothing before could be carried",
                        remedy: "give the next height, or 1"
                    )
                )
            }
        }
        return findings
    }

    // MARK: - What the chain proves

    /// The registered committee must be one that the genesis leads to.
    private func anchor(_ anchor: ClientAnchor) async throws -> [Finding] {
        guard anchor.chain == Array(self.chain.genesis.chain.utf8) else {
            let found = String(decoding: anchor.chain, as: UTF8.self)
            return [Finding(.fault, "anchor", "of chain \(found), and the genesis is of \(self.chain.genesis.chain)")]
        }
        var findings: [Finding] = []
        let handovers = try await self.chain.committees.handovers(after: 0)
        let known: (committee: Committee, firstHeight: Height)?
        if anchor.committee.epoch == self.chain.genesis.committee.epoch {
            known = (self.chain.genesis.committee, 1)
        } else {
            known = handovers.first { $0.next.epoch == anchor.committee.epoch }.map { ($0.next, $0.header.height + 1) }
        }
        guard let known, known.committee.bytes == anchor.committee.bytes, known.firstHeight == anchor.firstHeight else {
            return [
                Finding(
                    .fault,
                    "anchor",
                    "the genesis leads to no committee of epoch \(anchor.committee.epoch) from height "
                        + "\(anchor.firstHeight) on with these members",
                    remedy: "make the proposal anew from the chain's genesis"
                )
            ]
        }
        let newest = handovers.last?.next.epoch ?? self.chain.genesis.committee.epoch
        let text = "committee \(anchor.committee.epoch) of \(anchor.committee.size), as the genesis leads to it"
        findings.append(Finding(.fine, "anchor", text))
        if newest > anchor.committee.epoch {
            findings.append(
                Finding(
                    .warning,
                    "anchor",
                    "committee \(newest) governs: the changes since have to be brought before anything else",
                    remedy: "propose the newest committee, or run a gateway"
                )
            )
        }
        if anchor.trustSeconds < Self.trustSecondsMin {
            findings.append(
                Finding(
                    .warning,
                    "trust",
                    "\(anchor.trustSeconds / 3_600) h without a header end it",
                    remedy: "--trust-days 14 survives a week's holiday"
                )
            )
        }
        return findings
    }

    /// A light client made from nothing but the registration is shown what the chain shows.
    private func believe(_ anchor: ClientAnchor) async throws -> [Finding] {
        var view = CommitteeView(
            chain: anchor.chain,
            channel: .access,
            committees: CommitteeHistory(genesis: anchor.committee),
            scheme: try ChainSignatures.required(of: anchor.committee)
        )
        for handover in try await self.chain.committees.handovers(after: anchor.committee.epoch) {
            try view.follow(handover.header, handover.certificate, next: handover.next)
        }
        let head = try await self.chain.newest()
        try head.verify(by: view)
        var findings: [Finding] = []
        let age = self.clock() > head.header.time ? (self.clock() - head.header.time) / 1_000 : 0
        if age > anchor.trustSeconds {
            findings.append(
                Finding(
                    .fault,
                    "light client",
                    "the newest header is \(age / 3_600) h old: older than the trust period",
                    remedy: "have the chain make a block"
                )
            )
        } else {
            findings.append(
                Finding(.fine, "light client", "accepts the header of block \(head.header.height), \(age) s old")
            )
        }
        return findings + (try await self.leaf(view))
    }

    /// The newest leaf that the chain has said, if it has said any.
    private func leaf(_ view: CommitteeView) async throws -> [Finding] {
        let subject = EventSubjects.topic(OutboundTree.out.topic)
        let entries = try await self.chain.chain.events(of: subject, after: nil, on: .access)
        guard let height = entries.last?.place.height else {
            return [Finding(.fine, "leaf", "the chain has said nothing to others yet")]
        }
        var failure: any Error = UplinkFailure.unreachable("no validator is named")
        for url in self.chain.urls {
            do {
                let client = OutboundClient(base: url, client: self.chain.http)
                guard let proof = try await client.proof(of: 0, in: .out, at: height, on: .access) else {
                    throw UplinkFailure.malformed("\(url) has no leaf in block \(height)")
                }
                try proof.verify(by: view)
                _ = try OutboundLeaf(bytes: proof.leaf)
                return [Finding(.fine, "leaf", "accepts what block \(height) says")]
            } catch { failure = error }
        }
        return [Finding(.fault, "leaf", "block \(height) says something that is not proven: \(failure)")]
    }

    private func connection() async throws -> [Finding] {
        let chain = self.chain
        let relays = try await RelayReader { try await chain.value(of: $0) }.relays()
        let hub = self.hub.genesis.chain
        guard let link = relays.first(where: { $0.link.hub.utf8.elementsEqual(hub.utf8) })?.link else {
            let others = relays.isEmpty ? "no relay chain" : relays.map(\.link.hub).joined(separator: ", ")
            return [
                Finding(
                    .warning,
                    "connection",
                    "\(self.chain.genesis.chain) is connected to \(others), not to \(hub) yet",
                    remedy: "its governors vote on `wardline chain propose connect --name \(self.registration.name)`"
                )
            ]
        }
        guard link.name.utf8.elementsEqual(self.registration.name.utf8) else {
            return [
                Finding(
                    .fault,
                    "connection",
                    "it is connected to \(link.hub) as \(link.name)",
                    remedy: "register it under that name, on that relay chain"
                )
            ]
        }
        return [Finding(.fine, "connection", "to \(link.hub) as \(link.name)")]
    }
}
