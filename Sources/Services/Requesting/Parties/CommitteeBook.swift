internal import CanonicalBytes
package import Consensus
package import Ledger
internal import Synchronization
package import Uplink

/// The committees of a chain as far as their changes were followed, to verify what others show.
package final class CommitteeBook: Sendable {
    private struct State {
        var views: [Channel: CommitteeView] = [:]
        var handovers: [Channel: [Handover]] = [:]
    }

    private let genesis: Genesis
    private let scheme: any SignatureScheme
    private let validators: [ValidatorClient]
    private let state = Mutex(State())

    package init(genesis: Genesis, scheme: any SignatureScheme, validators: [ValidatorClient]) {
        self.genesis = genesis
        self.scheme = scheme
        self.validators = validators
    }

    /// All changes of a channel's committee that validators show now, verified.
    ///
    /// - Throws: `UplinkFailure` when nobody shows any.
    package func handovers(on channel: Channel) async throws -> [Handover] {
        try await self.learn(channel)
        return self.state.withLock { $0.handovers[channel] ?? [] }
    }

    /// The committees that judge a block of an epoch.
    ///
    /// - Throws: `UplinkFailure` when nobody shows how the committee came about.
    func view(of channel: Channel, reaching epoch: CommitteeEpoch) async throws -> CommitteeView {
        let known = self.view(of: channel)
        if known.committees.current.epoch >= epoch { return known }
        try await self.learn(channel)
        return self.view(of: channel)
    }

    private func view(of channel: Channel) -> CommitteeView {
        self.state.withLock { $0.views[channel] }
            ?? CommitteeView(genesis: self.genesis, channel: channel, scheme: self.scheme)
    }

    private func learn(_ channel: Channel) async throws {
        var last: any Error = UplinkFailure.unreachable("no validator is configured")
        for validator in self.validators {
            var view = self.view(of: channel)
            do {
                let fresh = try await validator.handovers(after: view.committees.current.epoch, on: channel)
                for handover in fresh {
                    try view.follow(handover.header, handover.certificate, next: handover.next)
                }
                let learnt = view
                self.state.withLock { state in
                    // Another task may have been faster.
                    let epoch = state.views[channel]?.committees.current.epoch ?? 0
                    guard learnt.committees.current.epoch > epoch || state.views[channel] == nil else { return }
                    state.views[channel] = learnt
                    state.handovers[channel, default: []] += fresh
                }
                return
            } catch { last = error }
        }
        throw last
    }
}
