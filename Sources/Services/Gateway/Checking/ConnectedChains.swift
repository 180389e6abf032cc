internal import Attesting
internal import CanonicalBytes
internal import ChainReading
internal import Consensus
internal import Contracts
internal import Ledger
internal import PathProofs
internal import ThresholdSignatures

/// An application chain and its relay chain, and whether each knows the other as it has to.
struct ConnectedChains: Sendable {
    let application: ReadChain
    let hub: ReadChain
    /// The gateway's, on the relay chain.
    let account: String
    /// Milliseconds since 1970.
    let clock: @Sendable () -> UInt64

    func examine() async -> [Finding] {
        var findings: [Finding] = []
        findings += await self.asking("registration") { try await self.registration() }
        findings += await self.asking("connection") { try await self.connection() }
        findings += await self.asking("trust") { try await self.trust(in: self.application, on: self.hub) }
        findings += await self.asking("trust") { try await self.trust(in: self.hub, on: self.application) }
        findings += await self.asking("lists") { try await self.lists() }
        findings += await self.asking("lease") { try await self.lease() }
        findings += await self.asking("routes") { try await self.routes() }
        return findings
    }

    private var reader: RelayReader {
        let application = self.application
        return RelayReader { try await application.value(of: $0) }
    }

    private func asking(_ about: String, _ ask: () async throws -> [Finding]) async -> [Finding] {
        do { return try await ask() } catch {
            return [Finding(.fault, about, "cannot be read: \(error)", remedy: "see the validators above")]
        }
    }

    // MARK: - Who knows whom

    private func registration() async throws -> [Finding] {
        let name = self.application.name
        guard let bytes = try await self.hub.value(of: RelayKey.chain(name)) else {
            return [
                Finding(
                    .fault,
                    "registration",
                    "\(self.hub.name) knows no chain \(name)",
                    remedy: "its governors vote on `wardline chain propose register-chain`"
                )
            ]
        }
        let chain = try RegisteredChain(bytes: bytes)
        switch chain.standing {
        case .active:
            return [Finding(.fine, "registration", "\(name), rule \(chain.rule), operator \(chain.operatorName)")]
        case .frozen:
            let why = chain.cause == .conflict ? "it has made two requests of one identifier" : "its governors say so"
            return [
                Finding(
                    .fault,
                    "registration",
                    "\(name) is frozen: \(why)",
                    remedy: "its operator speaks against it with `wardline relay appeal`; governors thaw it"
                )
            ]
        case .retired: return [Finding(.fault, "registration", "\(name) is retired, for ever")]
        }
    }

    private func connection() async throws -> [Finding] {
        let relays = try await self.reader.relays()
        guard !relays.isEmpty else {
            return [
                Finding(
                    .fault,
                    "connection",
                    "\(self.application.name) is connected to no relay chain",
                    remedy: "its governors vote on `wardline chain propose connect`"
                )
            ]
        }
        let known = relays.first { $0.link.hub.utf8.elementsEqual(self.hub.genesis.chain.utf8) }
        guard let link = known?.link else {
            let others = relays.map(\.link.hub).joined(separator: ", ")
            return [
                Finding(
                    .fault,
                    "connection",
                    "\(self.application.name) is connected to \(others), not to \(self.hub.genesis.chain)",
                    remedy: "name the genesis of that relay chain under hub, or let governors connect this one too"
                )
            ]
        }
        guard link.name.utf8.elementsEqual(self.application.name.utf8) else {
            return [
                Finding(
                    .fault,
                    "connection",
                    "the chain calls itself \(link.name), not \(self.application.name)",
                    remedy: "set relay.name to \(link.name)"
                )
            ]
        }
        return [Finding(.fine, "connection", "\(link.name) to \(link.hub), since block \(link.height)")]
    }

    private func trust(in chain: ReadChain, on receiver: ReadChain) async throws -> [Finding] {
        let isHub = receiver.name == self.hub.name
        let about = "trust of \(receiver.name) in \(chain.name)"
        let key = isHub ? RelayKey.client(chain.name) : InterchainKey.client(chain.name)
        guard let bytes = try await receiver.value(of: key) else {
            return [Finding(.fault, about, "there is none", remedy: "see registration and connection above")]
        }
        let client = try ForeignClient(bytes: bytes)
        guard client.chain == Array(chain.genesis.chain.utf8) else {
            return [
                Finding(
                    .fault,
                    about,
                    "it follows \(String(decoding: client.chain, as: UTF8.self)), and the genesis is of \(chain.genesis.chain)",
                    remedy: "one of them is the wrong chain"
                )
            ]
        }
        let now = self.clock()
        let days = client.trustSeconds / 86_400
        if client.isExpired(at: now) {
            return [
                Finding(
                    .fault,
                    about,
                    "no header for \(days) days: it counts as frozen",
                    remedy: "governors vouch anew: `wardline chain propose \(isHub ? "re-anchor" : "connect")`"
                )
            ]
        }
        let newest = try await chain.committees.handovers(after: client.epoch).last?.next.epoch ?? client.epoch
        if newest > client.epoch {
            return [
                Finding(
                    .warning,
                    about,
                    "committee \(client.epoch) is known, and \(newest) governs",
                    remedy: "a running gateway shows it; look for step follow in `wardline relay status`"
                )
            ]
        }
        let age = now > client.time ? (now - client.time) / 1_000 : 0
        guard age > client.trustSeconds / 2 else {
            return [Finding(.fine, about, "committee \(client.epoch), height \(client.height), for \(days) days")]
        }
        return [
            Finding(
                .warning,
                about,
                "the newest header is \(age / 3_600) h old, of \(client.trustSeconds / 3_600) h",
                remedy: "run a gateway: it shows newer headers"
            )
        ]
    }

    // MARK: - Routes

    /// The relay chains over which this chain is reached, the best first.
    private func routes() async throws -> [Finding] {
        let choice = try await RelayRoutes(reader: self.reader).choice(at: self.clock())
        return choice.routes.enumerated().map { place, route in
            let text = RelayRoutes.text(of: route) + (place == 0 ? ": the best" : "")
            let about = "route over \(route.candidate.relay)"
            guard route.credibility == nil else { return Finding(.fine, about, text) }
            return Finding(.warning, about, text, remedy: "a running gateway brings the list")
        }
    }

    // MARK: - Lists and lease

    private func lists() async throws -> [Finding] {
        var findings: [Finding] = []
        for name in [self.hub.name, self.application.name] {
            guard let there = try await Self.number(self.hub, RelayKey.listEpoch(name)) else {
                findings.append(
                    Finding(
                        .fault,
                        "list of \(name)",
                        "\(self.hub.name) has none",
                        remedy: "governors register it with the chain, or with `wardline chain propose register-hub`"
                    )
                )
                continue
            }
            // The chain's own list is others' business.
            guard name == self.hub.name else {
                findings.append(Finding(.fine, "list of \(name)", "epoch \(there)"))
                continue
            }
            let relay = try await self.reader.relay(self.hub.genesis.chain)
            var here: UInt64?
            if let relay { here = try await Self.number(self.application, relay.listEpoch(name)) }
            guard let here, here >= there else {
                findings.append(
                    Finding(
                        .warning,
                        "list of \(name)",
                        "epoch \(there), of which \(self.application.name) knows \(here.map { "\($0)" } ?? "none")",
                        remedy: "a running gateway brings it"
                    )
                )
                continue
            }
            findings.append(Finding(.fine, "list of \(name)", "epoch \(there)"))
        }
        return findings
    }

    private static func number(_ chain: ReadChain, _ key: [UInt8]) async throws -> UInt64? {
        guard let bytes = try await chain.value(of: key) else { return nil }
        var reader = CanonicalReader(bytes)
        let number = try reader.u64()
        try reader.finish()
        return number
    }

    private func lease() async throws -> [Finding] {
        let bytes = try await self.hub.value(of: RelayKey.lease(self.application.name))
        guard let lease = try bytes.map({ try RelayLease(bytes: $0) }), !lease.holder.isEmpty,
            lease.until > self.clock()
        else { return [Finding(.fine, "lease", "nobody's")] }
        let isOurs = lease.holder.utf8.elementsEqual(self.account.utf8)
        return [Finding(.fine, "lease", isOurs ? "this gateway's" : "\(lease.holder)'s: this one stands by")]
    }

    /// Whether enough verification nodes of a chain's newest list are reached, in every subgroup.
    func seats(of name: String, _ cards: [(url: String, card: NodeCard)]) async -> [Finding] {
        await self.asking("verification nodes of \(name)") {
            guard let epoch = try await Self.number(self.hub, RelayKey.listEpoch(name)),
                let bytes = try await self.hub.value(of: RelayKey.list(name, epoch))
            else { return [] }
            let list = try VerificationNodeList(bytes: try ListRecord(bytes: bytes).list)
            let keys = Set(cards.map(\.card.key))
            var findings: [Finding] = []
            for (subgroup, members) in zip(list.policy.subgroups, list.seats) {
                let reached = members.filter { keys.contains($0.keys.signature.encoded) }
                let missing = members.filter { !keys.contains($0.keys.signature.encoded) }.map(\.name)
                let about = "\(name), subgroup \(subgroup.name)"
                let text = "\(reached.count) of \(members.count) reached, \(subgroup.threshold) needed"
                let rest = missing.isEmpty ? "" : "; not: " + missing.joined(separator: " ")
                let isEnough = reached.count >= Int(subgroup.threshold)
                findings.append(
                    Finding(
                        isEnough ? (missing.isEmpty ? .fine : .warning) : .fault,
                        about,
                        text + rest,
                        remedy: isEnough ? "" : "name their addresses under attesters, and see that they run"
                    )
                )
            }
            let seated = Set(list.seats.joined().map(\.keys.signature.encoded))
            for (url, card) in cards where card.chain.utf8.elementsEqual(name.utf8) && !seated.contains(card.key) {
                findings.append(
                    Finding(
                        .warning,
                        "verification node \(url)",
                        "\(card.node) has no seat in list \(epoch) with its key",
                        remedy: "enter it with the next list, or take the address out"
                    )
                )
            }
            return findings
        }
    }
}
