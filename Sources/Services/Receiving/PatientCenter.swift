internal import Records
internal import Uplink

/// A privacy center that is asked again after the time that it wants to be left alone (HTTP 429), as long as that is bearable.
struct PatientCenter: SharingCenter {
    /// How long one question may be put off altogether, and at once, s.
    static let waitMax = 120
    static let pauseMax = 30

    private let center: any SharingCenter
    /// Waits so many seconds.
    private let pause: @Sendable (Int) async throws -> Void

    init(
        _ center: any SharingCenter,
        pause: @escaping @Sendable (Int) async throws -> Void = { try await Task.sleep(for: .seconds($0)) }
    ) {
        self.center = center
        self.pause = pause
    }

    func putCertificate(_ bytes: [UInt8], digest: Digest) async throws(UplinkFailure) {
        var waited = 0
        while true {
            let failure: UplinkFailure
            do { return try await self.center.putCertificate(bytes, digest: digest) } catch { failure = error }
            let seconds = try await self.wait(after: failure, waited)
            waited += seconds
        }
    }

    func envelopes(
        ofScope scope: [UInt8],
        after next: UInt64?,
        under grant: Digest?
    ) async throws(UplinkFailure) -> EnvelopeListPage {
        var waited = 0
        while true {
            let failure: UplinkFailure
            do { return try await self.center.envelopes(ofScope: scope, after: next, under: grant) } catch {
                failure = error
            }
            let seconds = try await self.wait(after: failure, waited)
            waited += seconds
        }
    }

    func envelope(_ h1: Digest, under grant: Digest?) async throws(UplinkFailure) -> [UInt8] {
        var waited = 0
        while true {
            let failure: UplinkFailure
            do { return try await self.center.envelope(h1, under: grant) } catch { failure = error }
            let seconds = try await self.wait(after: failure, waited)
            waited += seconds
        }
    }

    func envelopes(_ h1s: [Digest], under grant: Digest) async throws(UplinkFailure) -> [[UInt8]] {
        var waited = 0
        while true {
            let failure: UplinkFailure
            do { return try await self.center.envelopes(h1s, under: grant) } catch { failure = error }
            let seconds = try await self.wait(after: failure, waited)
            waited += seconds
        }
    }

    func capsule(_ digest: Digest, under grant: Digest?) async throws(UplinkFailure) -> [UInt8] {
        var waited = 0
        while true {
            let failure: UplinkFailure
            do { return try await self.center.capsule(digest, under: grant) } catch { failure = error }
            let seconds = try await self.wait(after: failure, waited)
            waited += seconds
        }
    }

    func certificate(_ digest: Digest) async throws(UplinkFailure) -> [UInt8] {
        var waited = 0
        while true {
            let failure: UplinkFailure
            do { return try await self.center.certificate(digest) } catch { failure = error }
            let seconds = try await self.wait(after: failure, waited)
            waited += seconds
        }
    }

    func answer(_ question: ReencryptionQuestion) async throws(UplinkFailure) -> SharingAnswer {
        var waited = 0
        while true {
            let failure: UplinkFailure
            do { return try await self.center.answer(question) } catch { failure = error }
            let seconds = try await self.wait(after: failure, waited)
            waited += seconds
        }
    }

    /// Waits as the center asked.
    ///
    /// - Returns: the seconds.
    /// - Throws: the failure when it is another one, when it was put off long enough, or when nobody waits any more.
    private func wait(after failure: UplinkFailure, _ waited: Int) async throws(UplinkFailure) -> Int {
        guard case .refused(429, _, _, let asked) = failure else { throw failure }
        let seconds = min(max(asked ?? 1, 1), Self.pauseMax)
        guard waited + seconds <= Self.waitMax else { throw failure }
        do { try await self.pause(seconds) } catch { throw failure }
        return seconds
    }
}
