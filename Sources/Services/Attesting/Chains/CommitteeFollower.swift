internal import CanonicalBytes
package import Consensus
package import Ledger
internal import Synchronization
package import Uplink

/// The committees of one chain's channel, as far as its validators have proven them: a light client.
package final class CommitteeFollower: Sendable {
    private let validators: [ValidatorClient]
    private let known: Mutex<CommitteeView>

    /// - Parameters:
    ///   - validators: addresses; any of them can prove a committee.
    ///   - genesis: of the chain, from a trusted file.
    ///   - channel: whose blocks are judged.
    ///   - scheme: how its certificates are made.
    ///   - client: presents the party's identity.
    package init(
        validators: [ServiceURL],
        genesis: Genesis,
        channel: Channel,
        scheme: any SignatureScheme,
        client: SecureClient
    ) {
        self.validators = validators.map { ValidatorClient(base: $0, client: client) }
        self.known = Mutex(CommitteeView(genesis: genesis, channel: channel, scheme: scheme))
    }

    /// What is known without asking anybody.
    package var current: CommitteeView { self.known.withLock { $0 } }

    /// The committees up to an epoch.
    ///
    /// - Throws: ``UplinkFailure`` when no validator proves so many.
    package func view(reaching epoch: CommitteeEpoch) async throws(UplinkFailure) -> CommitteeView {
        var view = self.current
        guard view.committees.current.epoch < epoch else { return view }
        var last = UplinkFailure.unreachable("no validator is configured")
        for validator in self.validators {
            do throws(UplinkFailure) {
                view = try await self.follow(view, validator)
                if view.committees.current.epoch >= epoch { return self.keep(view) }
                last = .malformed("the validator does not know the committee of epoch \(epoch)")
            } catch { last = error }
        }
        throw last
    }

    /// The changes after an epoch, verified.
    ///
    /// - Throws: ``UplinkFailure``.
    package func handovers(after epoch: CommitteeEpoch) async throws(UplinkFailure) -> [Handover] {
        var last = UplinkFailure.unreachable("no validator is configured")
        for validator in self.validators {
            do throws(UplinkFailure) {
                let found = try await validator.handovers(after: epoch, on: self.current.channel)
                guard let newest = found.last?.next.epoch else { return [] }
                let view = try await self.view(reaching: newest)
                for handover in found {
                    do throws(ProtocolFailure) { try view.check(handover.header, handover.certificate) } catch {
                        throw .malformed("a committee that its predecessor did not name: \(error)")
                    }
                }
                return found
            } catch { last = error }
        }
        throw last
    }

    private func follow(
        _ view: CommitteeView,
        _ validator: ValidatorClient
    ) async throws(UplinkFailure) -> CommitteeView {
        var view = view
        let epoch = view.committees.current.epoch
        for handover in try await validator.handovers(after: epoch, on: view.channel) {
            do throws(ProtocolFailure) {
                try view.follow(handover.header, handover.certificate, next: handover.next)
            } catch { throw .malformed("a committee that its predecessor did not name: \(error)") }
        }
        return view
    }

    private func keep(_ view: CommitteeView) -> CommitteeView {
        self.known.withLock { known in
            if view.committees.current.epoch > known.committees.current.epoch { known = view }
            return known
        }
    }
}
