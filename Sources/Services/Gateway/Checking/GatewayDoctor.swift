internal import Attesting
internal import CanonicalBytes
internal import Certificates
internal import ChainReading
internal import Consensus
internal import Contracts
internal import Credentials
internal import IBTP
internal import Ledger
internal import PathProofs
internal import Uplink

/// Looks at everything that a gateway needs, and says what is in its way and what to do.
package struct GatewayDoctor: Sendable {
    /// A certificate that ends within so many seconds is worth a word.
    private static let soonSeconds: UInt64 = 7 * 86_400
    /// A clock may differ so much from the chains', ms.
    private static let driftMax: UInt64 = 10_000

    let configuration: GatewayConfiguration
    /// Milliseconds since 1970.
    let clock: @Sendable () -> UInt64

    package init(
        _ configuration: GatewayConfiguration,
        clock: @escaping @Sendable () -> UInt64 = ChainSubmitter.systemClock
    ) {
        self.configuration = configuration
        self.clock = clock
    }

    /// Everything that was looked at, in the order in which it matters.
    package func examine() async -> [Finding] {
        var findings: [Finding] = []
        let identities: [Identity]
        do { identities = try self.identities(&findings) } catch {
            return findings + [
                Finding(.fault, "configuration", "\(error)", remedy: "mend it; `wardline node check` says the same")
            ]
        }
        let watch = IdentityWatch(identities[0])
        let http = SecureClient(
            identity: IdentityWatch(identities[1]),
            servers: [.validator],
            of: .allies,
            requestSeconds: 10
        )
        let relayHTTP = SecureClient(identity: watch, servers: [.validator], of: .allies, requestSeconds: 10)
        let asking = SecureClient(identity: watch, servers: [.relay], of: .allies, requestSeconds: 10)
        do {
            let chains = ConnectedChains(
                application: try ReadChain(
                    name: self.configuration.name,
                    endpoints: self.configuration.application.chain,
                    client: http
                ),
                hub: try ReadChain(name: nil, endpoints: self.configuration.relay.chain, client: relayHTTP),
                account: identities[0].name.description,
                clock: self.clock
            )
            findings += await self.reach(chains.application)
            findings += await self.reach(chains.hub)
            findings += await chains.examine()
            findings += await self.nodes(chains, asking)
        } catch { findings.append(Finding(.fault, "configuration", "\(error)")) }
        for client in [http, relayHTTP, asking] { await client.close() }
        return findings
    }

    // MARK: - Configuration

    /// That of the relay chain, then that of the application chain.
    private func identities(_ findings: inout [Finding]) throws -> [Identity] {
        let directories = [
            self.configuration.relay.identityDirectory, self.configuration.application.identityDirectory,
        ]
        let identities = try directories.map { try Identity.load(directory: $0) }
        try GatewayService.check(self.configuration, identities[0])
        findings.append(Finding(.fine, "configuration", "\(self.configuration.name), as \(identities[0].name)"))
        let now = self.clock() / 1_000
        for identity in Set(directories) == [directories[0]] ? [identities[0]] : identities {
            let end = min(identity.certificate.fields.notAfter, identity.peer.notAfter)
            let remedy = "run `wardline key rotate --directory \(identity.directory)`"
            if end < now {
                findings.append(Finding(.fault, "identity", "\(identity.name): expired", remedy: remedy))
            } else if end - now < Self.soonSeconds {
                let days = (end - now) / 86_400
                findings.append(
                    Finding(.warning, "identity", "\(identity.name): good for \(days) days more", remedy: remedy)
                )
            } else {
                findings.append(Finding(.fine, "identity", "\(identity.name)"))
            }
        }
        return identities
    }

    // MARK: - Validators

    private func reach(_ chain: ReadChain) async -> [Finding] {
        let about = "validators of \(chain.name)"
        var heads: [CertifiedHead] = []
        var silent: [String] = []
        for url in chain.urls {
            do { heads.append(try await chain.head(of: url)) } catch { silent.append("\(url): \(error)") }
        }
        let needed = chain.genesis.committee.quorum
        let newest = heads.max { $0.header.height < $1.header.height }
        var findings: [Finding] = []
        if heads.count < needed {
            findings.append(
                Finding(
                    .fault,
                    about,
                    "\(heads.count) of \(needed) answer; " + silent.joined(separator: "; "),
                    remedy: "check addresses and network; `wardline key ally` adds another consortium's authority"
                )
            )
        } else {
            let text = "\(heads.count) of \(chain.urls.count) answer, height \(newest?.header.height ?? 0)"
            let rest = silent.isEmpty ? "" : "; " + silent.joined(separator: "; ")
            findings.append(Finding(silent.isEmpty ? .fine : .warning, about, text + rest))
        }
        if let newest, newest.header.time > self.clock() + Self.driftMax {
            findings.append(
                Finding(
                    .fault,
                    "clock",
                    "\(chain.name)'s newest block is \((newest.header.time - self.clock()) / 1_000) s ahead of this machine",
                    remedy: "set the clock; hops made by it would be expired, or last too long"
                )
            )
        }
        return findings
    }

    // MARK: - Verification nodes

    private func nodes(_ chains: ConnectedChains, _ client: SecureClient) async -> [Finding] {
        var findings: [Finding] = []
        let addresses =
            self.configuration.application.attesters + self.configuration.relay.attesters
            + self.configuration.otherAttesters
        var cards: [(url: String, card: NodeCard)] = []
        for text in addresses {
            guard let url = ServiceURL(text) else { continue }
            do {
                cards.append((text, try NodeCard(bytes: try await AttesterClient(base: url, client: client).node())))
            } catch {
                findings.append(
                    Finding(
                        .warning,
                        "verification node \(text)",
                        "\(error)",
                        remedy: "see that it runs; `/readyz` there says what it lacks"
                    )
                )
            }
        }
        for chain in [chains.application, chains.hub] {
            findings += await chains.seats(of: chain.name, cards)
        }
        return findings
    }
}
