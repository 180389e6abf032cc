internal import CanonicalBytes
internal import Credentials
internal import IdentityEncryption
internal import Uplink

/// All sets of parameters of this party, with what they share.
package struct PartySets: Sendable {
    let keepers: [SetKeeper]
    let desk: IssuingDesk
    let context: PartyContext
    /// Reaches the other parties.
    let client: SecureClient
    let refreshSecondsMin: UInt64

    /// Makes a factor, hands it to the other party alone, and gives what both published.
    ///
    /// - Throws: ``IssuingRefusal``; `other-party` when that one does not answer as it should.
    func give(_ keeper: SetKeeper, round: UInt64, to taker: UInt8) async throws -> SignedRefresh {
        let gift = try await keeper.give(round: round, to: taker, secondsMin: self.refreshSecondsMin)
        guard let url = ServiceURL(gift.url) else {
            throw IssuingRefusal.refused(.otherParty, "\(gift.url) is not an address of the form https://host:port")
        }
        let other = IssuingPartyClient(base: url, epoch: keeper.plan.epoch, client: self.client)
        let certificate = try await Self.asking(gift) { () async throws(UplinkFailure) in try await other.certificate()
        }
        let factor = try await keeper.sealed(gift, to: certificate)
        let take = try await Self.asking(gift) { () async throws(UplinkFailure) in
            try await other.take(give: gift.give.bytes, factor: factor)
        }
        return try await keeper.accept(take, for: gift)
    }

    private static func asking(
        _ gift: SetKeeper.Gift,
        _ ask: () async throws(UplinkFailure) -> [UInt8]
    ) async throws -> [UInt8] {
        let outcome: Result<[UInt8], UplinkFailure>
        do throws(UplinkFailure) { outcome = .success(try await ask()) } catch { outcome = .failure(error) }
        switch outcome {
        case .success(let answer): return answer
        case .failure(let failure):
            throw IssuingRefusal.refused(.otherParty, "\(gift.taker) at \(gift.url): \(failure)")
        }
    }
}
